"""One transaction may bring many sums: an exchange pays all its customers at once."""

import pytest

from chalicelib.kernel.money import Money
from chalicelib.payments.ports import State
from chalicelib.payments.providers.usdt import errors, judging
from chalicelib.payments.providers.usdt.chain import Mined, Moved
from chalicelib.payments.providers.usdt.session import Session
from chalicelib.payments.providers.usdt.tron import USDT, Tron

WALLET, ON_TRON = "1122334455667788990011223344556677889900", "TBXoTbWzjcYRJcsZu6GpqUPJRqVLVNmbom"
HASH = "ab" * 32
ASKED = Session("trc20", 1_790_000_000, 1_790_001_860, ON_TRON, 12_345_678)
TRON = Tron("https://tron.test", None)


def mined(*units: int, **changes) -> Mined:
    moved = [Moved(USDT, WALLET, each) for each in units]
    return Mined(
        **({"at": 1_790_000_100, "succeeded": True, "final": True, "moved": moved} | changes)
    )


def judged(found: Mined):
    sums = judging.brought(TRON, ASKED, found)
    if judging.counts(ASKED, found, sums):
        return judging.exact(ASKED, HASH, found)
    return judging.other(ASKED, HASH, found, sums)


def test_of_many_sums_the_one_that_was_asked_for_pays_and_is_claimed_alone():
    outcome = judged(mined(20_001_234, 12_345_678, 7))
    assert (outcome.state, outcome.amount, outcome.doubt) == (State.PAID, Money(1234, "USD"), None)
    assert outcome.claims == (f"trc20/{HASH}/12345678",)


def test_two_buyers_of_one_transaction_claim_different_things():
    both = {judging.claim("trc20", HASH, units) for units in (20_001_234, 12_345_678)}
    assert len(both) == 2


def test_other_sums_are_told_each_with_its_tail_so_that_their_owners_are_found():
    outcome = judged(mined(20_001_234, 3_000_000))
    assert outcome.amount == Money(2300, "USD")
    assert outcome.sums == [(Money(2000, "USD"), 1234), (Money(300, "USD"), 0)]
    assert outcome.doubt == "23.001234 USDT came, 12.345678 asked for"
    assert list(outcome.claims) == [f"trc20/{HASH}/20001234", f"trc20/{HASH}/3000000"]


def test_the_same_sum_twice_is_claimed_in_one_write():
    assert len(judged(mined(6_000_000, 6_000_000)).claims) == 1


def test_more_sums_than_a_transaction_of_the_shops_holds_are_not_taken():
    with pytest.raises(errors.TransferUnclear):
        judged(mined(*range(2_000_000, 2_000_000 + judging.MOST_SUMS + 1)))


@pytest.mark.parametrize(
    ("units", "taken"), [(1_234_567, False), (1_234_568, True)], ids=["dust", "a tenth"]
)
def test_less_than_a_tenth_is_dust(units, taken):
    if taken:
        assert judged(mined(units)).doubt
    else:
        with pytest.raises(errors.TransferTooLittle):
            judged(mined(units))


def test_what_is_not_final_is_counted_by_nobody():
    assert judged(mined(12_345_678, final=False)).state == State.PROCESSING
    with pytest.raises(errors.TransferUnconfirmed):
        judged(mined(12_000_000, final=False))
