"""The owner's side: reveal, confirm, reject; once, whoever else decides, and however late."""

import pytest

from chalicelib.kernel import clock
from chalicelib.payments.by_hand import Rejection
from chalicelib.payments.providers.redpacket import tables as kept
from chalicelib.payments.refunds import RefundByHand
from chalicelib.settlement import manual_confirmation, reconcile, review
from chalicelib.settlement.decide_review import ReviewDecision
from chalicelib.settlement.refunding import refund
from tests import factory
from tests.faults.world import check_world
from tests.payments.redpacket.world import (
    DUE,
    FULL,
    HELD,
    HOUR,
    LATER,
    OTHER,
    PASSPHRASE,
    SOLD,
    reasons,
)
from tests.payments.redpacket.world import deal as another

PAID, WAITS = ("PAID", "SUCCESS"), ("PENDING", "PROCESSING")


def test_what_came_in_full_pays_the_order(deal):
    deal.submit_proof()
    deal.confirm(bill_number="20261121200040011100")
    assert deal.states == PAID
    assert deal.payment.captured.amount == DUE
    assert factory.stock("mug") == SOLD
    assert reasons(deal) == ["placed", "paid"]
    check_world()


def test_more_than_due_pays_it_and_the_real_sum_is_kept(deal):
    deal.submit_proof()
    deal.confirm(DUE + 500)
    assert deal.states == PAID
    assert deal.payment.captured.amount == DUE + 500


def test_less_than_due_waits_for_the_rest_in_another_packet(deal):
    deal.submit_proof()
    deal.confirm(10_000)
    assert deal.states == WAITS
    assert reasons(deal) == ["placed", "paid_in_part"]
    answer = deal.as_buyer()
    assert answer["instructions"], "it says how to pay the rest"
    assert answer["handedIn"][0]["received"] == {"amount": 10_000, "currency": "CNY"}
    deal.submit_proof(OTHER)
    deal.confirm(3_500)
    assert deal.states == PAID
    assert deal.payment.captured.amount == DUE
    check_world()


def test_the_rest_never_comes_and_a_person_decides_on_the_part(deal):
    deal.submit_proof()
    deal.confirm(10_000)
    deal.sweep(after=LATER)
    assert deal.states == ("PENDING", "REVIEW")
    assert factory.stock("mug") == HELD
    review.decide(deal.payment_id, ReviewDecision.RETURNED, now=clock.now())
    assert deal.states == ("CANCELLED", "REFUNDED")
    assert factory.stock("mug") == FULL


def test_less_is_enough_when_the_owner_says_so_and_why(deal):
    deal.submit_proof()
    assert deal.as_owner("/confirm", {"received": 13_000, "enough": True}).status_code == 422
    answer = deal.as_owner(
        "/confirm", {"received": 13_000, "enough": True, "note": "a regular, 5.00 off"}
    ).json_body["data"]
    assert (answer["status"], answer["captured"]["amount"]) == ("SUCCESS", 13_000)
    assert deal.states == PAID


def test_several_packets_add_up(yuan):
    deal = another(yuan, 5)
    deal.submit_proof(PASSPHRASE)
    deal.submit_proof(OTHER)
    first, second = (one.proof_id for one in deal.proofs())
    deal.confirm(20_000, packet=first)
    assert deal.states == WAITS
    assert "paid_in_part" in reasons(deal)
    deal.confirm(8_500, packet=second)
    assert deal.states == PAID


def test_rejected_the_buyer_is_told_why_and_hands_in_another_one(deal):
    deal.submit_proof()
    deal.reject(Rejection.ALREADY_CLAIMED)
    assert deal.states == ("PENDING", "PENDING")
    answer = deal.as_buyer()
    assert answer["handedIn"][0]["reason"] == "ALREADY_CLAIMED"
    assert answer["handedIn"][0]["status"] == "REJECTED"
    assert answer["instructions"]["kind"] == "PASSPHRASE"
    assert reasons(deal) == ["placed", "proof_rejected"]
    deal.submit_proof(OTHER)
    assert deal.states == WAITS
    deal.confirm()
    assert deal.states == PAID


def test_rejected_in_the_morning_there_is_half_an_hour_for_another_one(deal):
    deal.submit_proof()
    deal.sweep(after=HOUR)
    deal.reject(after=9 * HOUR)
    assert deal.payment.expires_at == pytest.approx(clock.now() + 9 * HOUR + 1800, abs=5)
    deal.sweep(after=9 * HOUR + 1500)
    assert deal.states == ("PENDING", "PENDING")
    deal.submit_proof(OTHER, after=9 * HOUR + 1700)
    assert deal.states == WAITS


def test_and_then_the_units_go_back(deal):
    deal.submit_proof()
    deal.sweep(after=HOUR)
    deal.reject(after=9 * HOUR)
    deal.sweep(after=9 * HOUR + 1900)
    assert deal.states == ("CANCELLED", "EXPIRED")
    assert factory.stock("mug") == FULL


def test_control_without_the_longer_hold_the_sweeper_takes_that_half_hour(deal, monkeypatch):
    deal.submit_proof()
    deal.sweep(after=HOUR)
    monkeypatch.setattr(manual_confirmation.inventory, "extend", lambda *_, **__: None)
    deal.reject(after=9 * HOUR)
    deal.sweep(after=9 * HOUR + 1500)
    assert deal.states == ("CANCELLED", "EXPIRED")


def test_rejected_after_the_deadline_it_is_over(deal):
    deal.submit_proof()
    deal.reject(Rejection.EXPIRED, after=25 * HOUR)
    assert deal.states == ("CANCELLED", "EXPIRED")
    assert factory.stock("mug") == FULL


def test_after_a_rejection_the_order_can_be_paid_by_card(deal):
    from chalicelib.checkout import paying

    deal.submit_proof()
    deal.reject()
    begun = paying.pay(deal.order.order_id, "stripe", deal.holder, now=clock.now())
    assert begun.payment.provider == "stripe"
    assert deal.payment.status == "EXPIRED"


def test_confirmed_late_it_revives_the_order_while_there_are_units(deal):
    deal.submit_proof()
    deal.sweep(after=HOUR)
    deal.sweep(after=25 * HOUR)
    assert deal.states == ("CANCELLED", "EXPIRED")
    deal.confirm(after=26 * HOUR)
    assert deal.states == PAID
    assert factory.stock("mug") == SOLD
    check_world()


def test_confirmed_late_without_units_a_person_decides(deal):
    deal.submit_proof()
    deal.sweep(after=HOUR)
    deal.sweep(after=25 * HOUR)
    another(deal.shop, 4, method="stripe")
    deal.confirm(after=26 * HOUR)
    assert deal.states == ("CANCELLED", "REVIEW")
    assert deal.payment.captured.amount == DUE


def test_a_part_that_is_confirmed_late_is_not_lost(deal):
    deal.submit_proof()
    deal.sweep(after=HOUR)
    deal.sweep(after=25 * HOUR)
    deal.confirm(10_000, after=26 * HOUR)
    assert deal.states == ("CANCELLED", "REVIEW")
    assert deal.payment.captured.amount == 10_000


def test_the_rest_confirmed_while_the_part_is_in_review_pays_it(deal):
    deal.submit_proof()
    deal.submit_proof(OTHER)
    first, second = (one.proof_id for one in deal.proofs())
    deal.confirm(10_000, packet=first)
    deal.sweep(after=HOUR)
    deal.sweep(after=25 * HOUR)
    assert deal.payment.status == "REVIEW"
    deal.confirm(3_500, packet=second, after=26 * HOUR)
    assert deal.states == PAID
    assert deal.payment.captured.amount == DUE


def test_asking_about_it_changes_nothing_while_it_waits(deal):
    deal.submit_proof()
    done = reconcile.poll_open_payments(clock.now() + reconcile.USUAL_SECONDS + 1)
    assert (done.asked, done.moved, done.failed) == (1, 0, 0)
    assert deal.states == WAITS


def test_a_part_of_an_order_that_was_paid_otherwise_is_for_a_person(deal):
    """PaymentProof in at the last moment, while the card was being paid."""
    from chalicelib.checkout import paying
    from chalicelib.payments import service as payments
    from chalicelib.payments.ports import Outcome, State
    from chalicelib.settlement import outcomes

    begun = paying.pay(deal.order.order_id, "stripe", deal.holder, now=clock.now())
    card = payments.read(begun.payment.payment_id)
    book = kept.read(deal.payment_id)
    kept.BookItem(deal.payment_id).update([kept.BookItem.closed.set(False)])
    assert book.closed
    deal.submit_proof()
    paid = Outcome(State.PAID, card.session_id, card.amount, "pi_1")
    outcomes.apply(deal.order.order_id, paid, payment_id=card.payment_id, now=clock.now())
    deal.confirm(10_000)
    assert deal.states == ("PAID", "REVIEW")
    assert deal.payment.captured.amount == 10_000


def test_money_goes_back_by_hand_only(deal):
    deal.submit_proof()
    deal.confirm()
    with pytest.raises(RefundByHand):
        refund(deal.order.order_id, None, reason="r", by="key:x", operation="op_1", now=clock.now())
