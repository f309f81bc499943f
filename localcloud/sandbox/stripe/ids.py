"""Ids in the shapes of the provider's own."""

import secrets
import string

ALPHABET = string.ascii_letters + string.digits


def new(prefix: str, length: int = 24) -> str:
    """`new("pi")` → `pi_…`; never the same twice."""
    letters = (ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(length))
    return f"{prefix}_{''.join(letters)}"


def session() -> str:
    """A Checkout Session's id in test mode."""
    return new("cs_test", 58)
