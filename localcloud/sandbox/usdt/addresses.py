"""Addresses as both chains write them, from twenty bytes and back."""

import hashlib
import secrets

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def tron(digits: str) -> str:
    """Base58check of 0x41 and the twenty bytes."""
    body = bytes.fromhex("41" + digits)
    number = int.from_bytes(body + _checksum(body))
    letters = ""
    while number:
        number, rest = divmod(number, 58)
        letters = ALPHABET[rest] + letters
    return letters


def digits_of_tron(address: str) -> str | None:
    """The twenty bytes as hex; None for what is no address."""
    if len(address) != 34 or any(letter not in ALPHABET for letter in address):
        return None
    number = 0
    for letter in address:
        number = number * 58 + ALPHABET.index(letter)
    try:
        raw = number.to_bytes(25)
    except OverflowError:
        return None
    return raw[1:21].hex() if raw[0] == 0x41 and raw[21:] == _checksum(raw[:21]) else None


def ethereum(digits: str) -> str:
    """0x and the digits, in small letters."""
    return "0x" + digits


def digits_of_ethereum(address: str) -> str | None:
    """The digits, small; None for what is no address. A checksum in the case is not looked at."""
    digits = address.removeprefix("0x").lower()
    known = address.startswith("0x") and len(digits) == 40
    return digits if known and not set(digits) - set("0123456789abcdef") else None


def new_wallets() -> dict[str, str]:
    """A wallet on each chain that nobody has the key of, by the name of the shop's parameter."""
    return {
        "usdt/erc20_wallet": ethereum(secrets.token_hex(20)),
        "usdt/trc20_wallet": tron(secrets.token_hex(20)),
    }


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
