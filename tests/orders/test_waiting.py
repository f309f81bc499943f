"""Whatever waits for a person, and the route by which a person ends it."""

import pytest

from chalicelib.kernel import clock
from chalicelib.orders import service as orders
from chalicelib.payments import service as payments
from chalicelib.payments.ports import ProviderRefused
from chalicelib.payments.providers.stripe.provider import StripeCheckout
from chalicelib.payments.rules import PaymentStatus
from chalicelib.settlement import decide_refund, reconcile, refunding, send_back
from chalicelib.settlement.decide_review import ReviewDecision
from tests import factory, stage
from tests.balance.buyers import TOTAL, give_up, order_of, payment_of, stands
from tests.faults.world import check_world
from tests.kernel.envelope import refused

pytestmark = pytest.mark.usefixtures("forgetful_log")

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
LATER = reconcile.USUAL_SECONDS + 1
REFUND = "refunds.create"

# Who ends each status of a payment. Those of a person have a test below that shows the route.
ENDS = {
    PaymentStatus.PENDING: "the buyer, or time",
    PaymentStatus.PROCESSING: "the provider, or a person where something was handed in",
    PaymentStatus.REVIEW: "a person",
    PaymentStatus.REFUNDING: "the provider, or a person",
    PaymentStatus.SUCCESS: None,
    PaymentStatus.FAILED: None,
    PaymentStatus.EXPIRED: None,
    PaymentStatus.REFUNDED: None,
    PaymentStatus.CHARGED_BACK: None,
}


def test_of_every_status_it_is_known_who_ends_it():
    assert ENDS.keys() == set(PaymentStatus)


@pytest.fixture
def late(shop):
    """Money that came after its order was given up and its units were sold: it is to go back, and
    no refund works."""
    shop.sell("mug", stock=2)
    placed = shop.buy({"mug": 2})
    give_up(placed)
    shop.buy({"mug": 2})
    shop.sandbox.fault(REFUND, "503", times=300)
    for event in shop.pay(placed):
        shop.deliver(event)
    shop.work()
    assert stands(placed) == ("CANCELLED", "REFUNDING")
    return placed


@pytest.fixture
def works(shop, late):
    """The same, and refunds work again."""
    shop.sandbox.no_faults()
    return late


def ask(shop) -> None:
    assert reconcile.poll_open_payments(clock.now() + LATER).failed == 0


def sent_back(shop) -> int:
    return sum(each["amount"] for each in shop.sandbox.state()["stripe"]["refunds"])


def decide(shop, placed, decision: str):
    path = f"/api/admin/payments/{payment_of(placed).payment_id}/review"
    return shop.call("POST", path, {"decision": decision}, **KEY)


def test_what_the_owner_refunded_at_the_provider_is_refunded(shop, works):
    shop.act(works, "refund")
    ask(shop)
    assert (stands(works), sent_back(shop)) == (("CANCELLED", "REFUNDED"), TOTAL)
    check_world(shop.sandbox.state())


def test_control_believing_only_its_own_refunds_it_is_sent_back_for_ever(shop, works, monkeypatch):
    shop.act(works, "refund")

    def insist(payment, amount, *, now):
        raise ProviderRefused()

    monkeypatch.setattr(send_back, "_send_rest", insist)
    assert reconcile.poll_open_payments(clock.now() + LATER).failed == 1
    assert stands(works) == ("CANCELLED", "REFUNDING")


@pytest.mark.parametrize("parts", [[1000], [1000, 500], [1000, TOTAL - 1000]], ids=str)
def test_of_what_the_owner_refunded_in_part_the_rest_is_sent_back(shop, works, parts):
    for amount in parts:
        shop.act(works, "refund", amount=amount)
    ask(shop)
    assert (stands(works), sent_back(shop)) == (("CANCELLED", "REFUNDED"), TOTAL)
    check_world(shop.sandbox.state())


def test_the_webhook_of_the_owners_refund_ends_it_too(shop, works):
    for event in shop.act(works, "refund"):
        shop.deliver(event)
    shop.drain()
    assert stands(works) == ("CANCELLED", "REFUNDED")


def test_a_bank_that_has_taken_it_back_ends_it(shop, works):
    events = shop.act(works, "dispute") + shop.act(works, "dispute-lose")
    for event in events:
        shop.deliver(event)
    shop.drain()
    assert stands(works) == ("CANCELLED", "CHARGED_BACK")
    assert (order_of(works).dispute, sent_back(shop)) == ("LOST", 0)
    check_world(shop.sandbox.state())


def test_in_dispute_it_waits_for_a_person_and_lost_it_is_over(shop, works):
    shop.act(works, "dispute")
    ask(shop)
    assert stands(works) == ("CANCELLED", "REVIEW")
    refused(decide(shop, works, "ACCEPT"), 409, "PAYMENT_DISPUTED")
    refused(decide(shop, works, "SEND_BACK"), 409, "PAYMENT_DISPUTED")
    for event in shop.act(works, "dispute-lose"):
        shop.deliver(event)
    shop.drain()
    assert stands(works) == ("CANCELLED", "CHARGED_BACK")
    check_world(shop.sandbox.state())


def test_won_again_it_is_sent_back_when_a_person_says_so(shop, works):
    shop.act(works, "dispute")
    ask(shop)
    for event in shop.act(works, "dispute-win"):
        shop.deliver(event)
    shop.drain()
    assert decide(shop, works, "SEND_BACK").json_body["data"]["status"] == "REFUNDED"
    assert sent_back(shop) == TOTAL
    check_world(shop.sandbox.state())


def test_charged_back_and_won_after_all_it_waits_for_a_person(shop, works):
    for action in ("dispute", "dispute-lose"):
        shop.act(works, action)
    ask(shop)
    assert stands(works) == ("CANCELLED", "CHARGED_BACK")
    path = f"/api/admin/payments/{payment_of(works).payment_id}/dispute"
    # As after an appeal.
    (dispute,) = shop.sandbox.state()["stripe"]["disputes"]
    shop.sandbox.world.store.put("stripe.dispute", {**dispute, "status": "won"})
    assert shop.call("POST", path, {}, **KEY).json_body["data"]["status"] == "REVIEW"
    assert decide(shop, works, "SEND_BACK").json_body["data"]["status"] == "REFUNDED"
    assert sent_back(shop) == TOTAL
    check_world(shop.sandbox.state())


def refuse(*_, **__):
    raise ProviderRefused()


def test_what_the_provider_refuses_for_good_waits_for_a_person(shop, works, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(StripeCheckout, "refund", refuse)
        ask(shop)
        assert stands(works) == ("CANCELLED", "REVIEW")
        assert order_of(works).history[-1]["reason"] == "refund_failed"
        # Once more in vain: said so, and it waits on.
        refused(decide(shop, works, "SEND_BACK"), 409, "REFUND_REFUSED")
        assert stands(works) == ("CANCELLED", "REVIEW")
    assert decide(shop, works, "SEND_BACK").json_body["data"]["status"] == "REFUNDED"
    assert sent_back(shop) == TOTAL
    check_world(shop.sandbox.state())


def test_what_the_provider_refuses_can_be_given_back_by_hand(shop, works, monkeypatch):
    monkeypatch.setattr(StripeCheckout, "refund", refuse)
    ask(shop)
    assert decide(shop, works, "RETURNED").json_body["data"]["status"] == "REFUNDED"
    assert stands(works) == ("CANCELLED", "REFUNDED")


def test_while_the_provider_is_out_of_reach_a_person_can_end_it(shop, late):
    assert reconcile.poll_open_payments(clock.now() + LATER).failed == 1
    refused(decide(shop, late, "ACCEPT"), 409, "PAYMENT_NOT_IN_REVIEW")
    refused(decide(shop, late, "SEND_BACK"), 503, "PROVIDER_BUSY")
    assert decide(shop, late, "RETURNED").json_body["data"]["status"] == "REFUNDED"
    assert stands(late) == ("CANCELLED", "REFUNDED")


@pytest.fixture
def short(shop):
    """Money that is less than was asked for."""
    shop.sell("mug", stock=5)
    placed = shop.buy({"mug": 2})
    event = next(e for e in shop.pay(placed) if e["type"] == "checkout.session.completed")
    event["data"]["object"]["amount_total"] = 4000
    shop.deliver(event)
    shop.drain()
    assert stands(placed) == ("PENDING", "REVIEW")
    return placed


@pytest.mark.parametrize("decision", ReviewDecision)
def test_money_that_is_not_what_was_asked_for_is_decided_on(shop, short, decision):
    assert decide(shop, short, decision).status_code == 200
    assert stands(short)[1] in ("SUCCESS", "REFUNDED")


@pytest.mark.parametrize("night", [False, True])
def test_what_waits_and_is_refunded_at_the_provider_waits_no_more(shop, short, night):
    events = shop.act(short, "refund")
    if night:
        reconcile.compare(clock.now(), days=1, names=["stripe"])
    else:
        for event in events:
            shop.deliver(event)
        shop.drain()
    assert stands(short) == ("CANCELLED", "REFUNDED")
    assert factory.stock("mug")["available"] == 5


def test_a_failed_refund_is_made_again_or_by_hand(shop, monkeypatch):
    shop.sell("mug", stock=5)
    placed = shop.buy({"mug": 2})
    shop.settle(placed)
    path = f"/api/admin/orders/{placed.order.order_id}/refund"
    with monkeypatch.context() as patch:
        patch.setattr(StripeCheckout, "refund", refuse)
        refused(shop.call("POST", path, {"reason": "x"}, **KEY), 409, "REFUND_REFUSED")
        by_hand = {"reason": "in cash", "amount": 1000, "to": "BY_HAND"}
        data = shop.call("POST", path, by_hand, **KEY).json_body["data"]
        assert (data["status"], data["refund"]["status"]) == ("PAID", "DONE")
    assert [one.status for one in payment_of(placed).refunds] == ["FAILED", "DONE"]
    data = shop.call("POST", path, {"reason": "x"}, **KEY).json_body["data"]
    assert (data["status"], data["refund"]["amount"]["amount"]) == ("REFUNDED", TOTAL - 1000)
    assert sent_back(shop) == TOTAL - 1000
    check_world(shop.sandbox.state())


def test_coins_given_back_by_hand_are_put_on_record_and_end_the_order(shop):
    shop.sell("mug", stock=5)
    placed = shop.checkout(factory.cart_with({"mug": 2}), payment_method="oxapay")
    shop.sandbox.control("oxapay", payment_of(placed).session_id, "pay", lose=True)
    ask(shop)
    path = f"/api/admin/orders/{placed.order.order_id}/refund"
    refused(shop.call("POST", path, {"reason": "x"}, **KEY), 409, "REFUND_BY_HAND")
    shop.call("POST", path, {"reason": "sent back", "to": "BY_HAND"}, **KEY)
    assert stands(placed) == ("REFUNDED", "REFUNDED")
    check_world()


def test_what_was_refunded_at_the_provider_is_not_refused_for_ever(shop):
    """Asked for by an administrator after the owner has done it in the provider's pages."""
    shop.sell("mug", stock=5)
    placed = shop.buy({"mug": 2})
    shop.settle(placed)
    shop.act(placed, "refund")
    path = f"/api/admin/orders/{placed.order.order_id}/refund"
    refused(shop.call("POST", path, {"reason": "x"}, **KEY), 409, "REFUND_REFUSED")
    assert stands(placed) == ("REFUNDED", "REFUNDED")
    assert [(one.by, one.status) for one in payment_of(placed).refunds] == [
        ("key:owner", "FAILED"),
        ("provider", "DONE"),
    ]
    with pytest.raises(decide_refund.NotRefundable):
        refunding.refund(
            placed.order.order_id, None, reason="x", by="o", operation="op", now=clock.now()
        )
    assert payments.read(orders.read(placed.order.order_id).payment_id).overdrawn is False
    check_world(shop.sandbox.state())
