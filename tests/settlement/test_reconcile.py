"""Asking the providers: a webhook that never came changes nothing."""

import itertools

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from chalicelib.orders.rules import OrderStatus
from chalicelib.payments import pages
from chalicelib.payments import service as payments
from chalicelib.payments.registry import provider as registered
from chalicelib.settlement import attempts, reconcile, workers
from localcloud.sandbox.client import ControlError
from localcloud.sandbox.stripe import sessions
from tests import factory
from tests.faults.world import check_world, scan

LATER = reconcile.USUAL_SECONDS + 1
AN_HOUR = 3600
RETRIEVE = "checkout.sessions.retrieve"


@pytest.fixture
def placed(shop):
    shop.sell("mug", stock=5)
    return shop.buy({"mug": 2})


def status(placed) -> OrderStatus:
    order = orders.read(placed.order.order_id)
    assert order is not None
    return order.status


def kinds(done) -> list[str]:
    return [one.kind.value for one in done.differences]


def compare(days: int = 1):
    return reconcile.compare(clock.now(), days=days, names=["stripe"])


def test_with_every_webhook_lost_one_look_later_every_paid_order_is_paid(shop):
    shop.sell("mug", stock=50)
    bought = [shop.buy({"mug": 1}) for _ in range(12)]
    for each in bought[:8]:
        shop.pay(each)
    assert {status(each) for each in bought} == {OrderStatus.PENDING}

    done = reconcile.poll_open_payments(clock.now() + LATER)

    assert (done.asked, done.moved, done.failed) == (12, 8, 0)
    assert [status(each) for each in bought] == ["PAID"] * 8 + ["PENDING"] * 4
    assert factory.stock("mug") == {"available": 38, "reserved": 4, "sold": 8, "stocked": 50}
    check_world(shop.sandbox.state())


def test_a_look_whose_time_is_over_says_that_it_is_not_complete(shop, placed):
    shop.pay(placed)
    done = reconcile.poll_open_payments(clock.now() + LATER, seconds=-1)
    assert (done.asked, done.complete) == (0, False)
    done = reconcile.compare(clock.now(), days=1, names=["stripe"], seconds=-1)
    assert (done.seen, done.complete) == (0, False)
    assert compare().complete


def test_who_began_a_moment_ago_is_not_asked_about(shop, placed):
    shop.pay(placed)
    assert reconcile.poll_open_payments(clock.now()).asked == 0


def test_what_is_settled_is_not_asked_about_again(shop, placed):
    shop.settle(placed)
    assert reconcile.poll_open_payments(clock.now() + LATER).asked == 0
    assert "open_shard" not in scan("payments")[0]


def test_a_provider_that_is_down_is_asked_again_the_next_time(shop, placed):
    shop.pay(placed)
    shop.sandbox.fault(RETRIEVE, "503", times=9)
    assert reconcile.poll_open_payments(clock.now() + LATER).failed == 1
    shop.sandbox.no_faults()
    assert reconcile.poll_open_payments(clock.now() + LATER).moved == 1
    assert status(placed) == OrderStatus.PAID


def test_one_payment_that_fails_does_not_keep_the_others_waiting(shop):
    shop.sell("mug", stock=50)
    bought = [shop.buy({"mug": 1}) for _ in range(5)]
    for each in bought:
        shop.pay(each)
    shop.sandbox.fault(RETRIEVE, "503", times=2)
    done = reconcile.poll_open_payments(clock.now() + LATER)
    assert (done.asked, done.failed, done.moved) == (5, 1, 4)


def test_a_refund_that_was_decided_and_never_made_is_made(shop, placed):
    # The webhook's message was given up after the refund had been decided.
    shop.pay(placed)
    shop.sandbox.fault("refunds.create", "503", times=99)
    payment = payments.read(placed.order.payment_id)
    _cancel_and_sell_out(shop, placed)
    assert reconcile.poll_open_payments(clock.now() + LATER).failed == 1
    assert payments.read(payment.payment_id).status == "REFUNDING"
    shop.sandbox.no_faults()
    assert reconcile.poll_open_payments(clock.now() + LATER).failed == 0
    assert payments.read(payment.payment_id).status == "REFUNDED"
    check_world(shop.sandbox.state())


def _cancel_and_sell_out(shop, placed) -> None:
    """The order ended as if its session had; the buyer had paid, and others have the units."""
    from chalicelib.kernel.db.transaction import Transaction
    from chalicelib.orders.rules import Reason
    from chalicelib.payments.rules import PaymentStatus
    from chalicelib.settlement import outcomes

    order = orders.read(placed.order.order_id)
    payment = payments.read(order.payment_id)
    with Transaction() as tx:
        outcomes.cancel(tx, order, Reason.EXPIRED, clock.now())
        payments.conclude(tx, payment, PaymentStatus.PROCESSING)
    shop.buy({"mug": 5})


ORDERS = list(itertools.permutations(["expire", "pay", "webhook"]))


@pytest.mark.parametrize("steps", ORDERS, ids=str)
def test_expiry_payment_and_webhook_in_any_order_end_in_an_order_or_a_refund(shop, placed, steps):
    events = []
    for step in steps:
        if step == "expire":
            shop.sweep(after=AN_HOUR)
        elif step == "pay":
            try:
                events = shop.pay(placed)
            except ControlError:
                events = []  # the session is over: the buyer keeps the money
        else:
            for event in events:
                shop.deliver(event)
            assert shop.work() == []
    for event in shop.events():
        shop.deliver(event)
        assert shop.work() == []
    reconcile.poll_open_payments(clock.now() + LATER)

    paid = any(charge["paid"] for charge in shop.sandbox.state()["stripe"]["charges"])
    back = len(shop.sandbox.state()["stripe"]["refunds"])
    assert [status(placed) == OrderStatus.PAID, back == 1].count(True) == int(paid)
    check_world(shop.sandbox.state())


def test_an_attempt_that_was_cut_off_ends_with_its_time_though_the_order_is_paid(
    shop, placed, monkeypatch
):
    events = shop.pay(placed)
    with monkeypatch.context() as patch:
        patch.setattr(pages, "open_page", cut_off)
        patch.setattr(attempts, "_close_others", lambda order, payment, now: None)
        with pytest.raises(KeyboardInterrupt):
            attempts.pay(orders.read(placed.order.order_id), "stripe-intents", now=clock.now())
    for event in events:
        shop.deliver(event)
    shop.drain()
    begun = clock.now()
    reconcile.poll_open_payments(begun + reconcile.USUAL_SECONDS + 1)
    assert sorted(row["status"] for row in scan("payments")) == ["PENDING", "SUCCESS"]
    reconcile.poll_open_payments(begun + AN_HOUR)
    assert sorted(row["status"] for row in scan("payments")) == ["EXPIRED", "SUCCESS"]
    assert reconcile.poll_open_payments(begun + AN_HOUR).asked == 0
    check_world(shop.sandbox.state())


def test_a_form_left_open_ends_with_its_time_though_another_way_has_paid(shop, placed, monkeypatch):
    monkeypatch.setattr(attempts, "_close_others", lambda order, payment, now: None)
    attempts.pay(orders.read(placed.order.order_id), "stripe-intents", now=clock.now())
    shop.settle(placed)
    begun = clock.now()
    reconcile.poll_open_payments(begun + reconcile.USUAL_SECONDS + 1)
    assert sorted(row["status"] for row in scan("payments")) == ["PENDING", "SUCCESS"]
    reconcile.poll_open_payments(begun + AN_HOUR)
    assert sorted(row["status"] for row in scan("payments")) == ["EXPIRED", "SUCCESS"]
    check_world(shop.sandbox.state())


def cut_off(*_given, **_named):
    raise KeyboardInterrupt


# ---- from the provider's side ------------------------------------------------------------------


def test_what_was_captured_and_never_told_is_found_and_settled(shop, placed):
    shop.pay(placed)
    done = compare()
    assert (done.seen, kinds(done)) == (1, ["MISSED"])
    assert status(placed) == OrderStatus.PAID
    assert kinds(compare()) == []


def test_books_that_agree_show_no_difference(shop, placed):
    shop.settle(placed)
    assert (compare().seen, kinds(compare())) == (1, [])


def test_money_for_a_payment_that_the_shop_does_not_have_is_reported(shop, placed):
    from chalicelib.payments.tables import PaymentItem

    shop.pay(placed)
    PaymentItem.get(placed.order.payment_id).delete()
    (found,) = compare().differences
    assert (found.kind, found.captured) == ("UNKNOWN", Money(4498, "USD"))


def test_a_refund_in_the_providers_own_dashboard_is_reported(shop, placed):
    shop.settle(placed)
    shop.act(placed, "refund", amount=100)
    assert kinds(compare()) == ["REFUNDED"]


def test_a_dispute_is_reported(shop, placed):
    shop.settle(placed)
    shop.act(placed, "dispute")
    assert kinds(compare()) == ["DISPUTED"]


def test_a_sum_that_is_not_ours_is_reported(shop, placed, monkeypatch):
    shop.settle(placed)
    real = payments.read

    def other(payment_id):
        from dataclasses import replace

        return replace(real(payment_id), amount=Money(1, "USD"))

    monkeypatch.setattr(payments, "read", other)
    assert kinds(compare()) == ["AMOUNT"]


def test_a_provider_that_can_not_be_asked_is_named(shop, placed):
    shop.sandbox.fault("checkout.sessions.list", "503", times=9)
    assert compare().silent == ["stripe"]


def test_a_list_of_many_pages_is_read_to_its_end(shop):
    shop.sell("mug", stock=200, max_per_order=200)
    placed = shop.buy({"mug": 1})
    shop.settle(placed)
    client = registered("stripe")
    store = shop.sandbox.world.store
    session = shop.session_of(placed)
    for number in range(230):
        store.put(sessions.KIND, {**session, "id": f"cs_test_copy{number}"})
    assert len(list(client.captured(clock.now() - AN_HOUR))) == 231


def test_the_schedule_asks_and_at_night_compares(shop, placed, monkeypatch):
    looks = []
    monkeypatch.setattr(reconcile, "compare", lambda now, **how: looks.append(now))
    midnight = clock.now() - clock.now() % 86_400
    for seconds in range(0, 86_400, 300):
        reconcile.run(midnight + seconds)
    assert looks == [midnight + 3 * 3600]
    assert callable(workers.reconcile)


def test_the_owner_asks_over_http(shop, placed):
    from tests import stage

    shop.pay(placed)
    key = {"X-Api-Key": stage.SECRETS["admin/key"]}
    data = shop.call("POST", "/api/admin/reconcile", {"days": 1}, **key).json_body["data"]
    (difference,) = data["differences"]
    assert difference["kind"] == "MISSED"
    assert difference["orderId"] == placed.order.order_id
    assert difference["captured"] == {"amount": 4498, "currency": "USD"}
    assert shop.call("POST", "/api/admin/reconcile", {"days": 0}, **key).status_code == 422
    assert shop.call("POST", "/api/admin/reconcile", {}).status_code == 401
