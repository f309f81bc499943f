"""Refunds: full, partial, several, at once, cut off; never more than came in."""

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.ids import token
from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from chalicelib.orders import snapshot
from chalicelib.payments import refunds
from chalicelib.payments import service as payments
from chalicelib.payments.providers.stripe.provider import StripeCheckout
from chalicelib.payments.refunds import RefundByHand, RefundTooMuch
from chalicelib.payments.tables import PaymentItem
from chalicelib.settlement import decide_refund, poll, reconcile, refunding
from tests import factory, stage
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import check_world
from tests.kernel.envelope import refused
from tests.settlement.attempted import read_first

# The states alone guard these: what the log drops is test_repeats'.
pytestmark = pytest.mark.usefixtures("forgetful_log")

LATER = reconcile.USUAL_SECONDS + 1
KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
TOTAL = 4498
CREATE = "refunds.create"


@pytest.fixture
def paid(shop):
    """A paid order of two mugs: 44.98 USD."""
    shop.sell("mug", stock=5)
    placed = shop.buy({"mug": 2})
    shop.settle(placed)
    return placed


def give_back(placed, amount: int | None = None, *, operation: str | None = None):
    return refunding.refund(
        placed.order.order_id,
        amount,
        reason="broken",
        by="key:admin",
        operation=operation or token(),
        now=clock.now(),
    )[1][0]


def order_of(placed):
    return orders.read(placed.order.order_id)


def payment_of(placed):
    return orders.payment_of(order_of(placed))


def sent_back(shop) -> int:
    return sum(each["amount"] for each in shop.sandbox.state()["stripe"]["refunds"])


def test_the_whole_of_it_goes_back_and_ends_the_order(shop, paid):
    assert give_back(paid).status == "DONE"
    assert (order_of(paid).status, payment_of(paid).status) == ("REFUNDED", "REFUNDED")
    assert sent_back(shop) == TOTAL
    # The mugs are with the buyer: they do not come back to the shelf by themselves.
    assert factory.stock("mug")["sold"] == 2
    check_world(shop.sandbox.state())


def test_parts_go_back_until_nothing_is_left(shop, paid):
    for amount in (1000, 3000):
        assert give_back(paid, amount).amount == Money(amount, "USD")
        assert order_of(paid).status == "PAID"
        check_world(shop.sandbox.state())
    with pytest.raises(RefundTooMuch):
        give_back(paid, 499)
    give_back(paid)
    assert order_of(paid).status == "REFUNDED"
    assert sent_back(shop) == TOTAL
    check_world(shop.sandbox.state())


def test_a_payment_older_than_refunds_goes_back_as_well(shop, paid):
    item = PaymentItem.get(payment_of(paid).payment_id)
    item.update(actions=[PaymentItem.version.remove(), PaymentItem.refunds.remove()])
    assert give_back(paid).status == "DONE"
    check_world(shop.sandbox.state())


def test_the_same_request_twice_is_one_refund(shop, paid):
    first = give_back(paid, 1000, operation="op_1")
    assert give_back(paid, 1000, operation="op_1") == first
    assert sent_back(shop) == 1000


def test_two_refunds_at_once_never_exceed_what_came_in(shop, paid, monkeypatch):
    # Both have read the payment with nothing refunded; each wants more than half.
    read_first(monkeypatch, snapshot.read(paid.order.order_id), times=2)
    give_back(paid, 3000)
    with pytest.raises(RefundTooMuch):
        give_back(paid, 3000)
    assert sent_back(shop) == 3000
    check_world(shop.sandbox.state())


def test_control_without_the_turns_condition_more_is_promised_than_came_in(shop, paid, monkeypatch):
    read_first(monkeypatch, snapshot.read(paid.order.order_id), times=2)
    monkeypatch.setattr(refunds, "_same_version", lambda payment: PaymentItem.payment_id.exists())
    monkeypatch.setattr(refunding, "_finish", lambda case, refund_id, **how: case)
    for _ in range(2):
        assert give_back(paid, 3000).status == "PENDING"
    # One of the two promises was written over: its money would go back uncounted.
    assert payment_of(paid).refunded == Money(3000, "USD")


@pytest.mark.parametrize("fault", ["503", "429", "reset", "reset_after", "hang"])
def test_a_provider_out_of_reach_is_asked_again_by_itself(shop, paid, fault):
    shop.sandbox.fault(CREATE, fault, times=2, seconds=0.6)
    made = give_back(paid, 1000)
    assert made.status in ("PENDING", "DONE")
    shop.sandbox.no_faults()
    reconcile.poll_open_payments(clock.now() + LATER)
    assert [one.status for one in payment_of(paid).refunds] == ["DONE"]
    assert sent_back(shop) == 1000
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("fault", ["500", "500_after"])
def test_a_500_that_is_kept_is_got_round_and_the_money_goes_back_once(shop, paid, fault):
    shop.sandbox.fault(CREATE, fault, times=1)
    assert give_back(paid, 1000).status == "PENDING"
    reconcile.poll_open_payments(clock.now() + LATER)
    assert [one.status for one in payment_of(paid).refunds] == ["DONE"]
    assert sent_back(shop) == 1000


def test_a_refund_that_the_provider_refuses_frees_the_sum_again(shop, paid, monkeypatch):
    from chalicelib.payments.ports import ProviderRefused

    def refuse(*_, **__):
        raise ProviderRefused()

    with monkeypatch.context() as patch:
        patch.setattr(StripeCheckout, "refund", refuse)
        assert give_back(paid).status == "FAILED"
    assert order_of(paid).status == "PAID"
    assert order_of(paid).history[-1]["reason"] == "refund_failed"
    assert give_back(paid).status == "DONE"
    check_world(shop.sandbox.state())


# Counted, asked, written down: before and after each.
POINTS = [Point(number, after) for number in range(3) for after in (False, True)]


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_cut_off_anywhere_the_money_goes_back_once(shop, paid, point):
    with Shim(crash=point), pytest.raises(Crash):
        give_back(paid, 1000, operation="op_1")
    give_back(paid, 1000, operation="op_1")
    reconcile.poll_open_payments(clock.now() + LATER)
    assert [one.status for one in payment_of(paid).refunds] == ["DONE"]
    assert sent_back(shop) == 1000
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("point", POINTS[2:], ids=str)
def test_cut_off_and_never_asked_again_reconciliation_goes_on(shop, paid, point):
    with Shim(crash=point), pytest.raises(Crash):
        give_back(paid)
    reconcile.poll_open_payments(clock.now() + LATER)
    assert order_of(paid).status == "REFUNDED"
    assert sent_back(shop) == TOTAL
    check_world(shop.sandbox.state())


def test_what_went_back_at_the_provider_is_followed_once(shop, paid):
    events = shop.act(paid, "refund", amount=1500)
    for event in events * 3:
        shop.deliver(event)
    shop.drain()
    (one,) = payment_of(paid).refunds
    assert (one.amount, one.by, one.status) == (Money(1500, "USD"), "provider", "DONE")
    with pytest.raises(RefundTooMuch):
        give_back(paid, 3000)
    give_back(paid)
    assert order_of(paid).status == "REFUNDED"
    check_world(shop.sandbox.state())


def test_our_own_refunds_webhook_counts_nothing_twice(shop, paid):
    give_back(paid, 1000)
    for event in shop.events():
        shop.deliver(event)
    shop.drain()
    assert payment_of(paid).refunded == Money(1000, "USD")


def test_a_webhook_before_our_own_answer_counts_nothing_twice(shop, paid, monkeypatch):
    # The provider has refunded; the process dies before it writes that down; the webhook comes.
    with Shim(crash=Point(1, after=True)), pytest.raises(Crash):
        give_back(paid, 1000, operation="op_1")
    poll.poll_provider(payment_of(paid), now=clock.now())
    assert payment_of(paid).refunded == Money(1000, "USD")
    give_back(paid, 1000, operation="op_1")
    assert payment_of(paid).refunded == Money(1000, "USD")
    assert sent_back(shop) == 1000


def test_nothing_goes_back_of_what_is_not_paid(shop):
    shop.sell("mug", stock=5)
    with pytest.raises(decide_refund.NotRefundable):
        give_back(shop.buy({"mug": 1}))


def test_coins_are_given_back_by_hand(shop, monkeypatch):
    shop.sell("mug", stock=5)
    placed = shop.checkout(factory.cart_with({"mug": 2}), payment_method="oxapay")
    payment = payment_of(placed)
    shop.sandbox.control("oxapay", payment.session_id, "pay", lose=True)
    reconcile.poll_open_payments(clock.now() + LATER)
    with pytest.raises(RefundByHand):
        give_back(placed)


def test_a_paid_order_by_paypal_goes_back_by_paypal(shop):
    shop.sell("mug", stock=5)
    placed = shop.checkout(factory.cart_with({"mug": 2}), payment_method="paypal")
    shop.sandbox.control("paypal", payment_of(placed).session_id, "approve", lose=True)
    reconcile.poll_open_payments(clock.now() + LATER)
    assert give_back(placed, 1000).status == "DONE"
    assert give_back(placed).status == "DONE"
    assert order_of(placed).status == "REFUNDED"
    check_world()


def test_the_owner_refunds_over_http(shop, paid):
    path = f"/api/admin/orders/{paid.order.order_id}"
    body = {"amount": 1000, "reason": "a chip in the glaze"}
    data = shop.call("POST", f"{path}/refund", body, **KEY).json_body["data"]
    assert (data["status"], data["refund"]["status"]) == ("PAID", "DONE")
    (payment,) = shop.call("GET", f"{path}/payments", **KEY).json_body["data"]["items"]
    assert payment["refundable"] == {"amount": TOTAL - 1000, "currency": "USD"}
    assert payment["refunds"] == [data["refund"]]
    too_much = shop.call("POST", f"{path}/refund", {**body, "amount": 4000}, **KEY)
    refused(too_much, 409, "REFUND_EXCEEDS_PAYMENT")
    assert (
        shop.call("POST", f"{path}/refund", {"amount": 0, "reason": "x"}, **KEY).status_code == 422
    )
    assert (
        shop.call("POST", f"{path}/refund", {"amount": 1.5, "reason": "x"}, **KEY).status_code
        == 422
    )
    refused(
        shop.call("POST", "/api/admin/orders/ord_x/refund", body, **KEY), 404, "ORDER_NOT_FOUND"
    )


def test_the_same_key_twice_refunds_once_over_http(shop, paid):
    path = f"/api/admin/orders/{paid.order.order_id}/refund"
    headers = {**KEY, "Idempotency-Key": "refund-of-a-mug"}
    answers = [shop.call("POST", path, {"amount": 1000, "reason": "x"}, **headers) for _ in "12"]
    assert answers[0].json_body["data"] == answers[1].json_body["data"]
    assert sent_back(shop) == 1000


def test_who_lost_the_race_for_a_refund_is_told_to_ask_again(shop, paid, monkeypatch):
    def always(*_, **__):
        raise StaleState()

    monkeypatch.setattr(refunds, "put", always)
    answer = shop.call(
        "POST", f"/api/admin/orders/{paid.order.order_id}/refund", {"reason": "x"}, **KEY
    )
    refused(answer, 503, "UNAVAILABLE")
    assert payments.read(payment_of(paid).payment_id).refunds == ()
