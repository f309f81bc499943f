"""What is decided about money that goes back, for every combination: nothing is read or written."""

from dataclasses import replace

import pytest

from chalicelib.balance.rules import BalanceNeedsAccount
from chalicelib.inventory.rules import Hold, HoldStatus
from chalicelib.kernel.money import Money
from chalicelib.orders.rules import OrderStatus, Reason
from chalicelib.payments import refunds
from chalicelib.payments.disputes import PaymentDisputed
from chalicelib.payments.ports import Dispute, DisputeStatus
from chalicelib.payments.refunds import RefundByHand
from chalicelib.payments.rules import PaymentStatus, Refund, RefundStatus, RefundTo
from chalicelib.settlement import decide_refund, decide_review
from chalicelib.settlement.decide import NOTHING, Step
from chalicelib.settlement.decide_refund import NotRefundable, Wish
from chalicelib.settlement.decide_review import NotInReview, ReviewDecision
from tools.settlement import DUE, situation

PAID, PENDING = OrderStatus.PAID, OrderStatus.PENDING
SUCCESS, REVIEW = PaymentStatus.SUCCESS, PaymentStatus.REVIEW
ALL = Wish(None, RefundTo.ORIGIN, "owner", "broken", "op_1")
NONE = Money(0, DUE.currency)


def split(payment, amount, to):
    return {to: amount}


def written(found, decided):
    """The order and its payment once a decision is written."""
    payment = found.payment.with_counted(*decided.refunds) if decided.refunds else found.payment
    payment = replace(payment, status=decided.payment or payment.status)
    order = replace(found.order, status=decided.order or found.order.status)
    return replace(found, order=order, payment=payment)


def counted(order=PAID, payment=SUCCESS, *, wish=ALL):
    """An order of which a refund is counted, and that refund."""
    found = situation(PAID, SUCCESS)
    found = written(found, decide_refund.begin(found, wish, split, now=1))
    (made,) = found.payment.refunds
    found = replace(found, order=replace(found.order, status=order))
    return replace(found, payment=replace(found.payment, status=payment)), made


def test_a_refund_is_counted_once_whoever_asks_again():
    found, made = counted()
    assert (made.amount, made.status, made.by) == (DUE, RefundStatus.PENDING, "owner")
    assert decide_refund.begin(found, ALL, split, now=9) == NOTHING
    assert decide_refund.begin(found, replace(ALL, operation="op_2"), split, now=9).refunds


@pytest.mark.parametrize("order", [status for status in OrderStatus if status != PAID])
def test_only_what_is_paid_goes_back(order):
    with pytest.raises(NotRefundable):
        decide_refund.begin(situation(order, SUCCESS), ALL, split, now=1)


def test_a_guest_has_no_balance_for_it():
    with pytest.raises(BalanceNeedsAccount):
        decide_refund.begin(
            situation(PAID, SUCCESS), replace(ALL, to=RefundTo.BALANCE), split, now=1
        )


@pytest.mark.parametrize("end", [RefundStatus.DONE, RefundStatus.FAILED])
@pytest.mark.parametrize("order", OrderStatus)
def test_what_became_of_a_refund_is_written_once(order, end):
    found, made = counted(order)
    decided = decide_refund.end(found, replace(made, status=end))
    assert decided.reason is not None
    assert decide_refund.end(written(found, decided), replace(made, status=end)) == NOTHING


def test_the_last_of_the_money_ends_the_order_and_no_other():
    found, made = counted()
    decided = decide_refund.end(found, replace(made, status=RefundStatus.DONE))
    assert (decided.step, decided.order) == (Step.ALL_BACK, OrderStatus.REFUNDED)
    found, made = counted(wish=replace(ALL, amount=1))
    decided = decide_refund.end(found, replace(made, status=RefundStatus.DONE))
    assert (decided.step, decided.order) == (Step.PART_BACK, None)


def test_the_balance_is_not_credited_with_money_that_a_bank_keeps():
    found, made = counted()
    made = replace(made, to=RefundTo.BALANCE)
    taken = [Dispute("dp_1", DisputeStatus.OPEN, DUE)]
    payment = replace(found.payment, refunds=(made,)).with_disputes(taken)
    done = replace(made, status=RefundStatus.DONE)
    decided = decide_refund.end(replace(found, payment=payment), done)
    assert (decided.step, decided.refunds[0].status) == (Step.REFUND_FAILED, "FAILED")


def test_what_went_back_at_the_provider_is_noted_once():
    found = situation(PAID, SUCCESS)
    decided = decide_refund.gone_back(found, DUE, all_gone=True, now=1)
    assert (decided.step, decided.refunds[0].by) == (Step.ALL_BACK, refunds.PROVIDER)
    again = decide_refund.gone_back(written(found, decided), DUE, all_gone=True, now=2)
    assert again == NOTHING


def test_given_back_here_and_at_the_provider_as_well_the_log_says_so():
    found, made = counted()
    found = written(found, decide_refund.end(found, replace(made, status=RefundStatus.DONE)))
    found = replace(found, payment=replace(found.payment, status=SUCCESS))
    decided = decide_refund.gone_back(found, DUE + DUE, all_gone=True, now=1)
    assert decided.alarm == decide_refund.OVERDRAWN


def test_a_refund_that_did_not_arrive_is_taken_back_once_and_opens_its_order_again():
    found, made = counted()
    found = written(found, decide_refund.end(found, replace(made, status=RefundStatus.DONE)))
    decided = decide_refund.did_not_arrive(found, NONE, key="")
    assert (decided.step, decided.order, decided.payment) == (Step.REOPEN, PAID, SUCCESS)
    assert decide_refund.did_not_arrive(written(found, decided), NONE, key="") == NOTHING


def test_a_gap_that_is_no_refunds_sum_is_for_a_person():
    found, made = counted()
    found = written(found, decide_refund.end(found, replace(made, status=RefundStatus.DONE)))
    decided = decide_refund.did_not_arrive(found, Money(1, DUE.currency), key="")
    assert (decided.step, decided.alarm) == (Step.NOTHING, decide_refund.DIFFERENT)


def test_a_lost_dispute_charges_back_and_a_mark_is_the_paying_payments_alone():
    lost = [Dispute("dp_1", DisputeStatus.LOST, DUE)]
    found = situation(PAID, SUCCESS)
    decided = decide_refund.dispute(found, lost)
    assert (decided.payment, decided.mark.status) == (PaymentStatus.CHARGED_BACK, "LOST")
    other = replace(found, order=replace(found.order, payment_id="pay_2"))
    assert decide_refund.dispute(other, lost).mark is None


def test_refunded_and_taken_by_the_bank_as_well_the_log_says_so():
    done = Refund("rfd_1", DUE, RefundStatus.DONE, "owner", "", 1)
    found = situation(OrderStatus.REFUNDED, PaymentStatus.REFUNDED)
    found = replace(found, payment=replace(found.payment, refunds=(done,)))
    taken = [Dispute("dp_1", DisputeStatus.OPEN, DUE)]
    assert decide_refund.dispute(found, taken).alarm == decide_refund.OVERDRAWN


# ---- money in question --------------------------------------------------------------------------


def parked(order=PENDING, **changes):
    found = situation(order, REVIEW)
    held = Hold("hld_1", HoldStatus.HELD, {}, 2, version=1)
    return replace(found, hold=held, payment=replace(found.payment, capture_id="pi_1", **changes))


def review(found, choice, *, can_send: bool = True):
    return decide_review.review(found, choice, can_send=lambda payment: can_send)


@pytest.mark.parametrize("choice", ReviewDecision)
@pytest.mark.parametrize("order", [PENDING, OrderStatus.CANCELLED])
def test_what_a_person_decides_is_not_decided_again(order, choice):
    after = written(parked(order), review(parked(order), choice))
    if choice == ReviewDecision.SEND_BACK:
        assert review(after, choice) == NOTHING
    else:
        with pytest.raises(NotInReview):
            review(after, choice)


@pytest.mark.parametrize("choice", [ReviewDecision.SEND_BACK, ReviewDecision.RETURNED])
def test_closing_it_ends_the_order_that_waited_for_it_alone(choice):
    decided = review(parked(), choice)
    assert (decided.order, decided.reason) == (OrderStatus.CANCELLED, Reason.PAYMENT_FAILED)
    assert review(replace(parked(), others_open=True), choice).order is None
    assert review(parked(PAID), choice).order is None


def test_money_at_the_payers_bank_is_not_accepted_and_what_can_not_be_sent_is_not_sent():
    disputed = parked(disputes=(Dispute("dp_1", DisputeStatus.OPEN, DUE),))
    with pytest.raises(PaymentDisputed):
        review(disputed, ReviewDecision.ACCEPT)
    with pytest.raises(RefundByHand):
        review(parked(), ReviewDecision.SEND_BACK, can_send=False)


def test_of_money_that_is_refused_the_rest_is_sent_unless_a_bank_keeps_it():
    part = Money(1000, DUE.currency)
    payment = situation(OrderStatus.CANCELLED, PaymentStatus.REFUNDING).payment
    assert decide_review.rest(payment, DUE, part) == DUE - part
    assert decide_review.rest(payment, DUE, None) == decide_review.REFUSED
    kept = payment.with_disputes([Dispute("dp_1", DisputeStatus.OPEN, part)])
    assert decide_review.rest(kept, DUE, None) == decide_review.KEPT
    lost = payment.with_disputes([Dispute("dp_1", DisputeStatus.LOST, part)])
    assert decide_review.rest(lost, DUE, None) == DUE - part
