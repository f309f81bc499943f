"""Disputes: a mark on the order and an amount; what a bank keeps or has taken goes back once."""

import itertools

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.money import Money
from chalicelib.payments import refunds
from chalicelib.payments.disputes import PaymentDisputed
from chalicelib.payments.ports import DisputeStatus
from chalicelib.payments.rules import RefundTo
from chalicelib.payments.tables import PaymentItem
from chalicelib.settlement import disputing
from tests import stage
from tests.balance.buyers import TOTAL, payment_of, stands
from tests.faults.world import check_world
from tests.kernel.envelope import refused
from tests.settlement.disputed import WHOLE, give_back, mark_of, payments_say, reasons, tell

# The states alone guard these: what the log drops is test_repeats'.
pytestmark = pytest.mark.usefixtures("forgetful_log")

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}


def test_an_open_dispute_marks_the_order_once_and_keeps_its_status(ada, paid):
    tell(ada.shop, ada.shop.act(paid, "dispute") * 2)
    assert stands(paid) == ("PAID", "SUCCESS")
    assert mark_of(paid) == ("OPEN", TOTAL)
    assert reasons(paid).count("disputed") == 1
    assert (payment_of(paid).refundable, payment_of(paid).at_bank) == (Money(0, "USD"), WHOLE)
    ada.world()


@pytest.mark.parametrize("to", RefundTo)
def test_what_is_in_dispute_is_not_refunded_whichever_way(ada, paid, to):
    tell(ada.shop, ada.shop.act(paid, "dispute"))
    for amount in (None, 1000):
        with pytest.raises(PaymentDisputed):
            give_back(paid, amount, to=to)
    tell(ada.shop, ada.shop.act(paid, "dispute-lose"))
    with pytest.raises(PaymentDisputed):
        give_back(paid, to=to)
    assert ada.balance == 0
    assert payment_of(paid).refunds == ()
    ada.world()


def test_the_part_that_is_not_in_dispute_can_be_refunded(ada, paid):
    give_back(paid, 1000)
    tell(ada.shop, ada.shop.act(paid, "dispute"))
    assert mark_of(paid) == ("OPEN", TOTAL - 1000)
    with pytest.raises(PaymentDisputed):
        give_back(paid, 1, to=RefundTo.BALANCE)
    with pytest.raises(refunds.RefundTooMuch):
        give_back(paid, TOTAL, to=RefundTo.BALANCE)
    ada.world()


def test_a_won_dispute_is_over_and_the_money_can_be_refunded_again(ada, paid):
    tell(ada.shop, ada.shop.act(paid, "dispute") + ada.shop.act(paid, "dispute-win"))
    assert (stands(paid), mark_of(paid)) == (("PAID", "SUCCESS"), ("WON", TOTAL))
    assert (payment_of(paid).disputed, payment_of(paid).refundable) == (False, WHOLE)
    assert reasons(paid)[-1] == "dispute_won"
    assert give_back(paid).status == "DONE"
    assert stands(paid) == ("REFUNDED", "REFUNDED")
    ada.world()


def test_a_lost_dispute_charges_the_payment_back_and_the_order_keeps_its_status(ada, paid):
    tell(ada.shop, ada.shop.act(paid, "dispute") + ada.shop.act(paid, "dispute-lose"))
    assert (stands(paid), mark_of(paid)) == (("PAID", "CHARGED_BACK"), ("LOST", TOTAL))
    assert payment_of(paid).charged_back == WHOLE
    assert reasons(paid)[-1] == "charged_back"
    ada.world()


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_told_in_any_order_a_dispute_ends_as_it_was_decided(ada, paid, order):
    events = ada.shop.act(paid, "dispute") + ada.shop.act(paid, "dispute-lose")
    picked = [*events[:2], events[-1], events[0]]
    tell(ada.shop, [picked[index] for index in order])
    assert (stands(paid), mark_of(paid)) == (("PAID", "CHARGED_BACK"), ("LOST", TOTAL))
    assert reasons(paid).count("charged_back") == 1


def told_of_the_past(ada, paid) -> str:
    """A worker asked the provider before the decision, and writes after another has told of it."""
    ada.shop.act(paid, "dispute")
    before = payments_say(paid)
    ada.shop.act(paid, "dispute-lose")
    for reported in (payments_say(paid), before):
        disputing.sync_disputes(payment_of(paid).payment_id, reported, now=clock.now())
    return str(mark_of(paid)[0])


def test_an_answer_older_than_the_decision_does_not_open_it_again(ada, paid):
    assert told_of_the_past(ada, paid) == "LOST"


def test_control_taking_whatever_is_told_last_opens_it_again(ada, paid, monkeypatch):
    monkeypatch.setattr(disputing.disputes, "news", lambda payment, reported: reported)
    assert told_of_the_past(ada, paid) == "OPEN"


def test_a_dispute_nobody_told_of_stops_a_refund_into_the_balance(ada, paid):
    ada.shop.act(paid, "dispute")
    with pytest.raises(PaymentDisputed):
        give_back(paid, to=RefundTo.BALANCE)
    assert (ada.balance, mark_of(paid)) == (0, ("OPEN", TOTAL))


def test_a_refund_that_the_provider_refuses_answers_no_200_and_stays_on_record(ada, paid):
    ada.shop.act(paid, "dispute")
    path = f"/api/admin/orders/{paid.order.order_id}"
    answer = ada.shop.call("POST", f"{path}/refund", {"reason": "x"}, **KEY)
    refused(answer, 409, "PAYMENT_DISPUTED")
    (shown,) = ada.shop.call("GET", f"{path}/payments", **KEY).json_body["data"]["items"]
    assert [one["status"] for one in shown["refunds"]] == ["FAILED"]
    assert shown["dispute"] == {"status": "OPEN", "amount": WHOLE.wire()}
    assert (shown["refundable"]["amount"], shown["chargedBack"]["amount"]) == (0, 0)


def test_the_owner_has_the_provider_asked_or_says_how_it_was_decided(ada, paid):
    path = f"/api/admin/payments/{payment_of(paid).payment_id}/dispute"
    refused(ada.shop.call("POST", path, {"decision": "WON"}, **KEY), 409, "NO_OPEN_DISPUTE")
    ada.shop.act(paid, "dispute")
    data = ada.shop.call("POST", path, {}, **KEY).json_body["data"]
    assert data["dispute"]["status"] == "OPEN"
    data = ada.shop.call("POST", path, {"decision": "LOST"}, **KEY).json_body["data"]
    assert (data["status"], data["dispute"]["status"]) == ("CHARGED_BACK", "LOST")
    # What the provider says in the end is what counts.
    ada.shop.act(paid, "dispute-win")
    data = ada.shop.call("POST", path, {}, **KEY).json_body["data"]
    assert (data["status"], data["dispute"]["status"]) == ("SUCCESS", "WON")
    refused(ada.shop.call("POST", path, {"decision": "OPEN"}, **KEY), 422, "VALIDATION_FAILED")
    ada.world()


def test_the_buyer_sees_the_mark_on_the_order(ada, paid):
    ada.shop.act(paid, "dispute")
    disputing.poll_disputes(payment_of(paid).payment_id, now=clock.now())
    headers = {"X-Order-Token": paid.order.access_token}
    answer = ada.shop.call("GET", f"/api/orders/{paid.order.order_id}", **headers)
    data = answer.json_body["data"]
    assert (data["status"], data["paymentStatus"]) == ("PAID", "SUCCESS")
    assert data["dispute"] == {"status": "OPEN", "amount": WHOLE.wire()}


def test_one_marked_before_disputes_were_told_apart_is_kept_until_the_provider_is_asked(ada, paid):
    PaymentItem.get(payment_of(paid).payment_id).update(
        actions=[PaymentItem.disputed.set(True), PaymentItem.disputes.remove()]
    )
    assert (payment_of(paid).refundable.amount, payment_of(paid).disputed) == (0, True)
    ada.shop.act(paid, "dispute")
    ada.shop.act(paid, "dispute-win")
    _, payment = disputing.poll_disputes(payment_of(paid).payment_id, now=clock.now())
    assert [one.status for one in payment.disputes] == [DisputeStatus.WON]
    check_world(ada.shop.sandbox.state())
