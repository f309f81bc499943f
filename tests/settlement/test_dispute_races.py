"""Disputes that meet refunds, and each other: nothing goes back twice, whoever is first."""

import itertools

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.errors import StaleState
from chalicelib.orders import snapshot
from chalicelib.payments import refunds
from chalicelib.payments import service as payments
from chalicelib.payments.disputes import PaymentDisputed
from chalicelib.payments.rules import Payment, RefundTo
from chalicelib.payments.tables import PaymentItem
from chalicelib.settlement import disputing, reconcile
from tests import stage
from tests.balance.buyers import TOTAL, payment_of
from tests.faults.shim import Crash, Point, Shim
from tests.settlement.attempted import read_first
from tests.settlement.disputed import LATER, WHOLE, give_back, mark_of, payments_say, reasons

# The states alone guard these: what the log drops is test_repeats'.
pytestmark = pytest.mark.usefixtures("forgetful_log")

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}


def told_twice_at_once(ada, paid, monkeypatch) -> int:
    """Two workers that have both read the payment as undisputed; how often its order says so."""
    ada.shop.act(paid, "dispute")
    stale, reported = payment_of(paid), payments_say(paid)
    looks = itertools.chain([stale, stale], itertools.repeat(None))
    real = payments.read
    monkeypatch.setattr(payments, "read", lambda payment_id: next(looks) or real(payment_id))
    for _ in range(2):
        disputing.sync_disputes(stale.payment_id, reported, now=clock.now())
    return reasons(paid).count("disputed")


def test_a_dispute_told_twice_at_once_is_written_once(ada, paid, monkeypatch):
    assert told_twice_at_once(ada, paid, monkeypatch) == 1


def test_control_without_the_turns_condition_it_is_written_twice(ada, paid, monkeypatch):
    def careless(tx, payment, *changed, **more):
        actions = [getattr(PaymentItem, name).set(value) for name, value in more.items()]
        tx.update(
            PaymentItem(payment.payment_id),
            actions,
            condition=None,
            on_condition_failed=StaleState(),
        )

    monkeypatch.setattr(refunds, "put", careless)
    assert told_twice_at_once(ada, paid, monkeypatch) == 2


def refund_meets_a_dispute(ada, paid, monkeypatch) -> None:
    """The refund has read the payment as undisputed, and is counted after the dispute was noted."""
    stale = snapshot.read(paid.order.order_id)
    ada.shop.act(paid, "dispute")
    disputing.sync_disputes(stale.order.payment_id, payments_say(paid), now=clock.now())
    read_first(monkeypatch, stale)
    give_back(paid, 1000, to=RefundTo.BY_HAND)


def test_a_refund_that_meets_a_dispute_sees_it(ada, paid, monkeypatch):
    with pytest.raises(PaymentDisputed):
        refund_meets_a_dispute(ada, paid, monkeypatch)
    assert payment_of(paid).refunds == ()


def test_control_with_a_dispute_outside_of_the_turns_the_refund_does_not_see_it(
    ada, paid, monkeypatch
):
    real = refunds.put

    def careless(tx, payment, *changed, **more):
        if changed:
            return real(tx, payment, *changed, **more)
        actions = [getattr(PaymentItem, name).set(value) for name, value in more.items()]
        return tx.update(
            PaymentItem(payment.payment_id),
            actions,
            condition=None,
            on_condition_failed=StaleState(),
        )

    monkeypatch.setattr(refunds, "put", careless)
    refund_meets_a_dispute(ada, paid, monkeypatch)
    assert payment_of(paid).overdrawn


# A refund into the balance was decided, and dies before its money is credited.
DECIDED = Point(0, after=True)


def disputed_after_the_decision(ada, paid) -> None:
    """The bank takes the money between the decision and the credit; reconciliation goes on."""
    with Shim(crash=DECIDED), pytest.raises(Crash):
        give_back(paid, to=RefundTo.BALANCE, operation="op_1")
    assert [one.status for one in payment_of(paid).refunds] == ["PENDING"]
    ada.shop.act(paid, "dispute")
    reconcile.poll_open_payments(clock.now() + LATER)


def test_a_dispute_between_the_decision_and_the_credit_stops_the_credit(ada, paid):
    disputed_after_the_decision(ada, paid)
    assert [one.status for one in payment_of(paid).refunds] == ["FAILED"]
    assert ada.balance == 0
    assert mark_of(paid) == ("OPEN", TOTAL)
    ada.world()


def test_control_crediting_whatever_was_decided_pays_the_buyer_twice(ada, paid, monkeypatch):
    monkeypatch.setattr(Payment, "overdrawn", False)
    disputed_after_the_decision(ada, paid)
    assert (ada.balance, mark_of(paid)) == (TOTAL, ("OPEN", TOTAL))
    with pytest.raises(AssertionError):
        assert payment_of(paid).refunded + payment_of(paid).at_bank == WHOLE


def test_a_refund_whose_reply_was_lost_and_then_a_dispute_never_exceed_what_came(ada, paid):
    ada.shop.sandbox.fault("refunds.create", "reset_after", times=2)
    assert give_back(paid, 1000).status in ("PENDING", "DONE")
    ada.shop.sandbox.no_faults()
    ada.shop.act(paid, "dispute")
    reconcile.poll_open_payments(clock.now() + LATER)
    reconcile.compare(clock.now(), days=1, names=["stripe"])
    found = payment_of(paid)
    assert [one.status for one in found.refunds] == ["DONE"]
    assert found.refunded + found.at_bank == WHOLE
    assert reconcile.compare(clock.now(), days=1, names=["stripe"]).differences == []
    ada.world()
