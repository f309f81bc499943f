"""Addresses as people write them, and as chains compare them: 20 bytes, forty small hex digits.

TRON writes base58check of 0x41 and the twenty bytes; capitals count. Ethereum writes 0x and hex; a
mixed case would be a checksum (EIP-55), which takes a hash that no library of the shop's has: one
case is asked for, so that nobody believes that a checksum was looked at.
"""

import hashlib
import re

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ONE_CASE = re.compile(r"0x([0-9a-f]{40}|[0-9A-F]{40})")
_TRON = re.compile(rf"T[{_ALPHABET}]{{33}}")
_PREFIX = 0x41
_BYTES, _CHECKSUM_BYTES = 25, 4


def ethereum(text: str) -> str | None:
    """Its forty digits; None where it is no address, or in mixed case."""
    return text[2:].lower() if _ONE_CASE.fullmatch(text) and int(text, 16) else None


def tron(text: str) -> str | None:
    """Its forty digits; None where it is no address of TRON's, a letter of it wrong included."""
    if not _TRON.fullmatch(text):
        return None
    number = 0
    for letter in text:
        number = number * 58 + _ALPHABET.index(letter)
    if number >= 1 << 8 * _BYTES:
        return None
    raw = number.to_bytes(_BYTES)
    body, checksum = raw[:-_CHECKSUM_BYTES], raw[-_CHECKSUM_BYTES:]
    twice = hashlib.sha256(hashlib.sha256(body).digest()).digest()
    if twice[:_CHECKSUM_BYTES] != checksum or body[0] != _PREFIX:
        return None
    return body[1:].hex()
