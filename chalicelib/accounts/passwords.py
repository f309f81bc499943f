"""Passwords: argon2id, and the same work whether there is an account or not.

Source of the parameters: OWASP's Password Storage Cheat Sheet (19 MiB, two passes, one lane).
"""

import base64
from functools import cache
from typing import Any

from chalicelib.accounts.rules import password_text

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
_SALT_BYTES, _HASH_BYTES = 16, 32


@cache
def _hasher(memory: int, passes: int, lanes: int) -> Any:
    # Loaded on use: most calls never see a password.
    from argon2 import PasswordHasher, Type

    return PasswordHasher(
        time_cost=passes,
        memory_cost=memory,
        parallelism=lanes,
        hash_len=_HASH_BYTES,
        salt_len=_SALT_BYTES,
        type=Type.ID,
    )


def hasher() -> Any:
    """The hasher with today's parameters."""
    return _hasher(MEMORY_KIB, PASSES, LANES)


def hashed(password: str) -> str:
    """The password's hash, with its parameters and its own salt in it."""
    return str(hasher().hash(password_text(password)))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. Without an account (None) it is not, after the same work."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return bool(hasher().verify(password_hash or _nobodys(), password_text(password)))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return bool(hasher().check_needs_rehash(password_hash))


def _nobodys() -> str:
    """A hash that no password has, with today's parameters: it is verified like any other."""

    def text(length: int) -> str:
        return base64.b64encode(bytes(length)).decode().rstrip("=")

    parameters = f"m={MEMORY_KIB},t={PASSES},p={LANES}"
    return f"$argon2id$v=19${parameters}${text(_SALT_BYTES)}${text(_HASH_BYTES)}"
