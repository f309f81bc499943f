"""Ids and tokens.

What may run twice derives its id from business keys, so that the second run finds the first one's
work (`derived`). Only what hands out a capability is random (`token`).
"""

import base64
import hashlib
import ipaddress
import re
import secrets

# Ids are opaque, but never free text: no separator, no path, no control character gets in.
ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
_ID = re.compile(ID_PATTERN)
# What `derived` makes.
_DERIVED = re.compile(r"[a-z]+_[a-z2-7]{26}")
# No 0/O, 1/I/L: order numbers are read out over the phone.
_NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def is_id(text: str) -> bool:
    """Whether `text` could be an id at all: letters, digits, `_` and `-`, 64 at most."""
    return _ID.fullmatch(text) is not None


def derived(prefix: str, *parts: str | int) -> str:
    """The same parts, the same id: `ord_` and 26 characters (128 bits) of their SHA-256."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return f"{prefix}_{base64.b32encode(digest[:16]).decode().rstrip('=').lower()}"


def sibling(derived_id: str, prefix: str) -> str:
    """The id that `derived` makes of the same parts with another prefix."""
    return f"{prefix}_{derived_id.partition('_')[2]}"


def is_derived(text: object, prefix: str) -> bool:
    """Whether it could be an id that `derived` made with this prefix: a stranger's is none."""
    if not isinstance(text, str) or not _DERIVED.fullmatch(text):
        return False
    return text.startswith(f"{prefix}_")


def identity(kind: str, value: str) -> str:
    """Somebody's name for counting, not for reading: `email:` and a digest of the address.

    Of IPv6 a customer gets 2^64 addresses: as `ip` those count as one.
    """
    value = value.strip().lower()
    return f"{kind}:{derived('id', _customer(value) if kind == 'ip' else value)}"


def identity_at(kind: str, value: str, address: str) -> str:
    """As `identity`, of a value together with an address of the net: what anybody may claim (an
    e-mail that nobody has proved) is then theirs who claim it from there."""
    return f"{kind}:{derived('id', value.strip().lower(), _customer(address.strip().lower()))}"


def _customer(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ipaddress.ip_network((found, 64), strict=False).network_address)
    return address


def number(length: int, *parts: str | int) -> str:
    """`length` unmistakable capitals and digits that follow from the parts."""
    value = int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest())
    letters = []
    for _ in range(length):
        value, index = divmod(value, len(_NUMBER_ALPHABET))
        letters.append(_NUMBER_ALPHABET[index])
    return "".join(letters)


def token(prefix: str = "") -> str:
    """An unguessable token of 160 bits."""
    text = base64.b32encode(secrets.token_bytes(20)).decode().lower()
    return f"{prefix}_{text}" if prefix else text


def shard(key: str, count: int) -> str:
    """Which of `count` index shards a key belongs to, as two digits."""
    return f"{int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % count:02d}"
