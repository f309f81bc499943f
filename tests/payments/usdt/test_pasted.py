"""The hash of a transfer as people paste it."""

import pytest

from chalicelib.payments.providers.usdt.chain import hash_of

HASH = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9"
OTHER = HASH[::-1]
PASTED = [
    HASH,
    f"0x{HASH}",
    f"  0x{HASH.upper()}\n",
    f"https://etherscan.io/tx/0x{HASH}",
    f"https://etherscan.io/tx/0x{HASH}#eventlog",
    f"https://tronscan.org/#/transaction/{HASH}",
    f"https://tronscan.io/tx/{HASH}?lang=zh",
    f"https://tronscan.org/%23%2Ftransaction%2F{HASH}",
    f"tronscan.org/#/transaction/{HASH}/",
    f"Tx: {HASH}",
    f"\u201c{HASH}\u201d",
    f"{HASH}.",
    f"{HASH[:32]} {HASH[32:]}",
    f"{HASH[:32]}\n{HASH[32:]}",
    f"{HASH[:32]}\u200b{HASH[32:]}",
    "".join(chr(ord(digit) + 0xFEE0) for digit in HASH),
    f"{HASH} ({HASH})",
]
NONE = [
    "",
    "not a hash",
    HASH[:-1],
    HASH + "0",
    f"0x{HASH}f",
    "https://tronscan.org/#/transaction/",
    "https://etherscan.io/address/0x1122334455667788990011223344556677889900",
    f"{HASH} {OTHER}",
    f"https://etherscan.io/tx/0x{HASH}?from=0x{OTHER}",
]


@pytest.mark.parametrize("given", PASTED, ids=ascii)
def test_the_hash_is_found_in_what_was_pasted(given):
    assert hash_of(given) == HASH


@pytest.mark.parametrize("given", NONE, ids=ascii)
def test_what_has_no_hash_or_more_than_one_is_none(given):
    assert hash_of(given) is None


def test_a_pasted_link_pays(world):
    placed = world.buy()
    link = f"https://explorer.test/#/transaction/0x{world.act('pay', placed)}?lang=zh-CN"
    status, answer = world.submit_proof(placed, link)
    assert (status, answer["data"]["status"]) == (200, "SUCCESS")
