"""What counts for one payment only."""

from dataclasses import replace

import pytest

from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.kernel.money import Money
from chalicelib.payments import claims, service
from chalicelib.payments.rules import ClaimedAlready, Payment, PaymentStatus
from chalicelib.payments.tables import ClaimItem

NOW = 1_790_000_000


def begun(payment_id: str) -> Payment:
    payment = Payment(
        payment_id, "ord_1", "wallet", Money(1200, "USD"), PaymentStatus.PENDING, NOW, NOW + 900
    )
    with Transaction() as tx:
        service.begin(tx, payment)
    return payment


def take(claim: str, payment: Payment) -> None:
    with Transaction() as tx:
        claims.take(tx, claim, payment)


def test_a_claim_counts_for_one_payment_and_may_be_said_again(tables):
    first, second = begun("pay_1"), begun("pay_2")
    take("trc20/abc", first)
    take("trc20/abc", first)
    with pytest.raises(ClaimedAlready):
        take("trc20/abc", second)


def test_control_without_the_condition_the_second_payment_takes_it(tables, monkeypatch):
    first, second = begun("pay_1"), begun("pay_2")
    take("trc20/abc", first)
    put = Transaction.put
    monkeypatch.setattr(
        Transaction, "put", lambda tx, item, *, condition, on_condition_failed: put(tx, item)
    )
    take("trc20/abc", second)
    assert ClaimItem.get("trc20/abc").payment_id == "pay_2"


def test_payments_of_one_amount_all_add_another_tail(tables):
    amount_suffixes = [
        claims.amount_suffix(begun(f"pay_{number}"), 20, now=NOW) for number in range(20)
    ]
    assert sorted(amount_suffixes) == list(range(1, 21))


def test_when_all_tails_are_taken_the_next_one_is_asked_to_wait(tables):
    for number in range(3):
        claims.amount_suffix(begun(f"pay_{number}"), 3, now=NOW)
    with pytest.raises(ProviderBusy):
        claims.amount_suffix(begun("pay_more"), 3, now=NOW)
    assert claims.amount_suffix(begun("pay_later"), 3, now=NOW + 900 + claims.SUFFIX_SECONDS + 1)


def test_control_with_every_tail_free_two_payments_add_the_same(tables, monkeypatch):
    monkeypatch.setattr(claims, "_reserve", lambda *_: True)
    assert (
        len({claims.amount_suffix(begun(f"pay_{number}"), 3, now=NOW) for number in range(4)}) < 4
    )


def test_a_payment_keeps_its_tail_though_an_answer_was_lost(tables):
    payment = begun("pay_1")
    first = claims.amount_suffix(payment, 20, now=NOW)
    # Read before the first answer, as by a second click.
    assert claims.amount_suffix(payment, 20, now=NOW) == first
    assert service.read("pay_1") == replace(payment, amount_suffix=first)
    assert claims.owner("wallet", payment.amount.wire(), first) == "pay_1"


def test_of_two_clicks_that_took_two_tails_one_is_told(tables):
    payment = begun("pay_1")
    assert claims._keep(payment, 4) == 4
    assert claims._keep(payment, 9) == 4
