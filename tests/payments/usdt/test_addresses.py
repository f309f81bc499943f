"""Addresses: read as people copy them, and refused with a letter wrong."""

import pytest

from chalicelib.payments.providers.usdt import addresses, chain, session
from localcloud.sandbox.usdt import addresses as written

# The same twenty bytes as both chains write them.
WALLET = "1122334455667788990011223344556677889900"
ON_TRON = "TBXoTbWzjcYRJcsZu6GpqUPJRqVLVNmbom"
SENDER, SENDER_ON_TRON = (
    "aabbccddeeff00112233445566778899aabbccdd",
    "TRXxrG6ZxXVdxbRwo4Lpp88VYFh88pGiEt",
)


@pytest.mark.parametrize(("digits", "text"), [(WALLET, ON_TRON), (SENDER, SENDER_ON_TRON)])
def test_an_address_of_trons(digits, text):
    assert addresses.tron(text) == digits
    assert written.tron(digits) == text


def test_the_token_is_known_by_both_names():
    from chalicelib.payments.providers.usdt import tron

    assert addresses.tron(tron.CONTRACT) == tron.USDT


@pytest.mark.parametrize("place", range(1, 34))
def test_one_letter_wrong_is_no_address(place):
    other = "2" if ON_TRON[place] != "2" else "3"
    assert addresses.tron(ON_TRON[:place] + other + ON_TRON[place + 1 :]) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T",
        ON_TRON[:-1],
        ON_TRON + "1",
        ON_TRON.lower(),
        "T" + "z" * 33,
        "T" + "1" * 33,
        ON_TRON.replace("T", "0", 1),
        f" {ON_TRON}",
        f"{ON_TRON}\n",
        "0x" + WALLET,
    ],
)
def test_what_is_no_address_of_trons(text):
    assert addresses.tron(text) is None


@pytest.mark.parametrize("text", ["0x" + SENDER, "0x" + SENDER.upper()])
def test_an_address_of_ethereums_in_one_case(text):
    assert addresses.ethereum(text) == SENDER


@pytest.mark.parametrize(
    "text",
    [
        "0x" + SENDER.replace("a", "A", 1),
        SENDER,
        "0x" + SENDER[:-1],
        "0x" + "0" * 40,
        ON_TRON,
        "0X" + SENDER,
        f"0x{SENDER}\n",
    ],
)
def test_what_is_no_address_of_ethereums_or_would_need_its_checksum_looked_at(text):
    assert addresses.ethereum(text) is None


def test_sums_are_written_with_all_their_decimals():
    assert session.written(12_345_678) == "12.345678"
    assert session.written(12_000_001) == "12.000001"
    assert session.written(1) == "0.000001"


def test_a_log_says_what_moved():
    topics = [chain.TRANSFER, f"{SENDER:0>64}", f"{WALLET:0>64}"]
    data = "0" * 58 + "bc614e"
    for prefix in ("", "0x"):
        log = {
            "address": prefix + SENDER,
            "topics": [prefix + topic for topic in topics],
            "data": prefix + data,
        }
        assert chain.moved(log) == chain.Moved(SENDER, WALLET, 12_345_678)


@pytest.mark.parametrize(
    "session_id",
    [
        "",
        "never",
        "trc20:1:2:T:3",
        "bep20:1:2:" + ON_TRON + ":3",
        f"trc20:1:2:{ON_TRON}:3\n",
        f"trc20:-1:2:{ON_TRON}:3",
        f"trc20:1:2:{ON_TRON}:3:4",
    ],
)
def test_a_session_that_was_never_asked_for(session_id):
    assert session.read(session_id) is None


def test_a_sessions_id_says_all_there_is():
    asked = session.Session("trc20", 1_790_000_000, 1_790_001_860, ON_TRON, 12_345_678)
    assert session.read(asked.id) == asked
