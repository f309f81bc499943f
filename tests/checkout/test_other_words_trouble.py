"""Changing a waiting order while something goes wrong, or somebody else is as fast."""

import pytest
import stripe

from chalicelib.checkout import amending
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.orders import service as orders
from chalicelib.orders.rules import AlreadyPaid
from chalicelib.orders.tables import OrderItem
from chalicelib.payments import pages
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.providers.stripe import sdk
from chalicelib.settlement import amend, attempts, decide, outcomes
from tests import factory
from tests.checkout.words import BODY, checkout, order, placed, session
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import check_world, scan
from tests.kernel.envelope import contents, refused
from tests.kernel.lost import reply_lost

EXPIRE = "checkout.sessions.expire"
DEARER = {"shippingMethod": "express"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The SDK waits neither for an answer nor between its tries."""
    monkeypatch.setattr(sdk, "TIMEOUT_SECONDS", (1, 0.3))
    monkeypatch.setattr(stripe.RequestsClient, "_sleep_time_seconds", lambda *_: 0)


def pay(shop, answer: dict) -> None:
    """Pay at the page of an answer; no webhook comes."""
    page = session(shop, answer["paymentId"])["id"]
    shop.sandbox.control("stripe", page, "pay", lose=True)


def hear(shop) -> None:
    """Deliver all that the provider has to tell, and work it off."""
    for event in shop.events():
        shop.deliver(event)
    shop.drain()


@pytest.mark.parametrize("changes", [DEARER, {"note": "x"}], ids=["page", "words"])
@pytest.mark.parametrize("fault", ["503", "reset"])
def test_while_the_provider_is_down_nothing_is_changed(shop, mugs, changes, fault):
    first = placed(shop, mugs)
    before = contents()
    shop.sandbox.fault("checkout.sessions.*", fault, times=9)
    refused(checkout(shop, mugs, **changes), 503, "PROVIDER_BUSY")
    assert contents() == before
    shop.sandbox.no_faults()
    assert placed(shop, mugs, **changes)["orderId"] == first["orderId"]
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("changes", [DEARER, {"note": "x"}], ids=["page", "words"])
def test_who_paid_unheard_is_told_so_and_has_what_was_ordered(shop, mugs, changes):
    first = placed(shop, mugs)
    pay(shop, first)
    refused(checkout(shop, mugs, **changes), 409, "ORDER_PAID_ALREADY")
    assert (order()["status"], order()["payment_id"]) == ("PAID", first["paymentId"])
    assert (order().get("note"), order()["total"]) == (None, 2 * 1999 + 500)
    assert factory.stock("mug")["sold"] == 2
    hear(shop)
    check_world(shop.sandbox.state())


def test_money_on_its_way_unheard_keeps_the_order_as_it_is(shop, mugs):
    first = placed(shop, mugs)
    page = session(shop, first["paymentId"])["id"]
    shop.sandbox.control("stripe", page, "pay-async", lose=True)
    refused(checkout(shop, mugs, **DEARER), 409, "PAYMENT_UNDER_WAY")
    assert payments.read(first["paymentId"]).status == "PROCESSING"
    assert order()["total"] == 2 * 1999 + 500
    check_world(shop.sandbox.state())


def test_control_without_the_word_of_the_closed_page_the_order_is_changed_after_it_is_paid(
    shop, mugs, monkeypatch
):
    first = placed(shop, mugs)
    pay(shop, first)
    monkeypatch.setattr(
        pages, "close_page", lambda payment, charge: Outcome(State.ENDED, payment.session_id)
    )
    again = placed(shop, mugs, **DEARER)
    assert again["url"] != first["url"], "the buyer is asked to pay a second time"


def dearer(shop, cart_id: str):
    return shop.checkout(cart_id, shipping_method="express")


def test_cut_off_anywhere_asking_again_ends_in_one_changed_order(shop, mugs):
    shop.checkout(mugs)
    with Shim() as shim:
        dearer(shop, mugs)
    assert shim.writes == ["stripe post", "TransactWriteItems", "stripe post", "UpdateItem"]
    shop.sell("cup", stock=90)
    for point in shim.points():
        cart_id = factory.cart_with({"cup": 1})
        first = shop.checkout(cart_id)
        with Shim(crash=point), pytest.raises(Crash):
            dearer(shop, cart_id)
        again = dearer(shop, cart_id)
        assert again.order.order_id == first.order.order_id
        assert again.order.total.amount == 1999 + 1500
        page = session(shop, again.order.payment_id)["id"]
        shop.sandbox.control("stripe", page, "pay", lose=True)
        hear(shop)
        assert orders.read(first.order.order_id).status == "PAID"
        check_world(shop.sandbox.state())


def test_cut_off_after_the_page_was_closed_nothing_is_stranded(shop, mugs):
    first = shop.checkout(mugs)
    with Shim(crash=Point(1, after=False)), pytest.raises(Crash):
        dearer(shop, mugs)
    hear(shop)  # that the page has ended
    assert orders.read(first.order.order_id).status == "CANCELLED"
    assert factory.stock("mug") == {"available": 5, "reserved": 0, "sold": 0, "stocked": 5}
    assert dearer(shop, mugs).order.total.amount == 2 * 1999 + 1500
    check_world(shop.sandbox.state())


def test_a_lost_reply_of_the_change_is_no_second_change(shop, mugs):
    first = placed(shop, mugs)
    with reply_lost("TransactWriteItems"):
        again = placed(shop, mugs, **DEARER)
    assert again["orderId"] == first["orderId"]
    assert (order()["revision"], order()["attempts"]) == (1, 2)
    check_world(shop.sandbox.state())


def before_writing(monkeypatch, work) -> None:
    """Let `work` happen once, after a change was planned and before anything of it is written."""
    honest, done = amend.write, []

    def write(change, extra_writes, *, now):
        if not done:
            done.append(True)
            work()
        return honest(change, extra_writes, now=now)

    monkeypatch.setattr(amend, "write", write)


@pytest.mark.parametrize("other", [{"note": "theirs"}, {"email": "b@shop.test"}], ids=str)
@pytest.mark.parametrize("mine", [DEARER, {"note": "mine"}], ids=str)
def test_two_tabs_with_different_words_leave_one_order_in_the_words_of_the_last(
    shop, mugs, monkeypatch, mine, other
):
    placed(shop, mugs)
    before_writing(monkeypatch, lambda: placed(shop, mugs, **other))
    last = placed(shop, mugs, **mine)
    wanted = BODY | mine
    assert (order()["email"], order().get("note")) == (wanted["email"], wanted.get("note"))
    assert order()["shipping"]["id"] == wanted["shippingMethod"]
    waiting = [each for each in scan("payments") if each["status"] == "PENDING"]
    assert [each["payment_id"] for each in waiting] == [last["paymentId"]]
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


def test_control_without_its_condition_a_change_overwrites_what_it_never_saw(
    shop, mugs, monkeypatch
):
    placed(shop, mugs)

    def paid() -> None:
        OrderItem(order()["order_id"]).update([OrderItem.status.set("PAID")])

    before_writing(monkeypatch, paid)

    honest = dynamo.Document.get_update_kwargs_from_instance

    def careless(item, *, actions, condition, **rest):
        free = OrderItem.order_id.exists() if isinstance(item, OrderItem) else condition
        return honest(item, actions=actions, condition=free, **rest)

    monkeypatch.setattr(dynamo.Document, "get_update_kwargs_from_instance", careless)
    shop.checkout(mugs, email=factory.EMAIL, note="x")
    assert (order()["status"], order().get("note")) == ("PAID", "x"), "a paid order was changed"


def test_whose_words_were_overtaken_is_led_to_the_orders_own_page(shop, mugs, monkeypatch):
    placed(shop, mugs)
    honest, done = amending.open_page, []

    def open_page(*args, **kwargs):
        if not done:
            done.append(True)
            placed(shop, mugs, email="b@shop.test")
        return honest(*args, **kwargs)

    monkeypatch.setattr(amending, "open_page", open_page)
    mine = placed(shop, mugs, **DEARER)
    assert "/order.html" in mine["url"]
    assert mine["total"]["amount"] == order()["total"], "the sum is the order's as it is"
    assert order()["status"] == "PENDING"
    check_world(shop.sandbox.state())


def test_paid_between_plan_and_write_the_order_stays_as_it_was(shop, mugs, monkeypatch):
    first = placed(shop, mugs)

    def paid() -> None:
        pay(shop, first)
        hear(shop)

    before_writing(monkeypatch, paid)
    with pytest.raises(AlreadyPaid):
        shop.checkout(mugs, email=factory.EMAIL, note="x")
    assert (order()["status"], order().get("note")) == ("PAID", None)
    check_world(shop.sandbox.state())


def late_money(shop, first: dict) -> None:
    """The old page's money comes although that page was closed: it was taken in the same moment."""
    old = payments.read(first["paymentId"])
    paid = Outcome(State.PAID, old.session_id, old.amount, f"pi_{first['paymentId'][-8:]}")
    outcomes.apply(first["orderId"], paid, payment_id=old.payment_id, now=clock.now())


def test_late_money_of_a_replaced_page_does_not_pay_for_what_costs_more(shop, mugs, monkeypatch):
    given = []
    monkeypatch.setattr(
        payments, "give_back", lambda payment, amount, *, key: given.append(amount.amount)
    )
    first = placed(shop, mugs)
    placed(shop, mugs, **DEARER)
    late_money(shop, first)
    assert order()["status"] == "PENDING", "it waits for what it costs"
    assert payments.read(first["paymentId"]).status == "REFUNDED"
    assert given == [2 * 1999 + 500]


def test_control_without_the_look_at_the_sum_the_old_money_pays_the_dearer_order(
    shop, mugs, monkeypatch
):
    monkeypatch.setattr(decide, "asks_for", lambda payment, order: True)
    first = placed(shop, mugs)
    placed(shop, mugs, **DEARER)
    late_money(shop, first)
    assert order()["status"] == "PAID", "for a thousand too little"


@pytest.mark.parametrize(("changes", "code"), [(DEARER, 409), ({"note": "x"}, 200)], ids=str)
def test_a_page_that_nobody_can_close_keeps_its_sum(shop, mugs, monkeypatch, changes, code):
    first = placed(shop, mugs)
    held = contents()
    monkeypatch.setattr(
        pages, "close_page", lambda payment, charge: Outcome(State.OPEN, payment.session_id)
    )
    answer = checkout(shop, mugs, **changes)
    assert answer.status_code == code
    if code == 409:
        assert answer.json_body["code"] == "PAYMENT_UNDER_WAY"
        assert contents() == held
    assert order()["order_id"] == first["orderId"]


def test_a_new_way_that_is_refused_leaves_the_order_waiting_for_another(shop, mugs, monkeypatch):
    first = placed(shop, mugs)
    with monkeypatch.context() as patch:

        def fail(*_, **__):
            raise attempts.ProviderRefused()

        patch.setattr(attempts, "open_page", fail)
        refused(checkout(shop, mugs, **DEARER), 502, "PROVIDER_FAILED")
    assert (order()["order_id"], order()["status"]) == (first["orderId"], "PENDING")
    again = placed(shop, mugs, **DEARER)
    assert again["orderId"] == first["orderId"]
    assert session(shop, again["paymentId"])["status"] == "open"
    check_world(shop.sandbox.state())
