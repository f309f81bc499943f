"""A buyer gives a waiting order up: its units go back at once, its things into a cart."""

import pytest
import stripe

from chalicelib.cart import merging
from chalicelib.cart import service as carts
from chalicelib.catalog.tables import VariantItem
from chalicelib.checkout import paying
from chalicelib.kernel import cache, clock
from chalicelib.orders import service as orders
from chalicelib.payments import pages
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.providers.stripe import sdk
from chalicelib.settlement import close_pages
from tests import factory
from tests.balance.buyers import Buyer
from tests.checkout.words import checkout, order, placed, session
from tests.faults.shim import Crash, Shim
from tests.faults.world import check_world, scan
from tests.kernel.envelope import contents, refused

FULL = {"available": 5, "reserved": 0, "sold": 0, "stocked": 5}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(sdk, "TIMEOUT_SECONDS", (1, 0.3))
    monkeypatch.setattr(stripe.RequestsClient, "_sleep_time_seconds", lambda *_: 0)


def cancel(shop, found: dict):
    path = f"/api/orders/{found['orderId']}/cancel"
    return shop.call("POST", path, {}, **{"X-Order-Token": found["accessToken"]})


def cancelled(shop, found: dict) -> dict:
    answer = cancel(shop, found)
    assert answer.status_code == 200, answer.body
    return answer.json_body["data"]


def hear(shop) -> None:
    for event in shop.events():
        shop.deliver(event)
    shop.drain()


def test_the_page_is_closed_the_units_are_back_and_the_cart_is_filled(shop, mugs):
    first = placed(shop, mugs)
    answer = cancelled(shop, first)
    assert (answer["orderId"], answer["status"]) == (first["orderId"], "CANCELLED")
    assert factory.stock("mug") == FULL
    assert session(shop, first["paymentId"])["status"] == "expired"
    assert payments.read(first["paymentId"]).status == "EXPIRED"
    line = order()["history"][-1]
    assert line.pop("facts")["payment_id"] == first["paymentId"]
    assert line.pop("correlation_id")
    assert line | {"at": 0} == {
        "from": "PENDING",
        "to": "CANCELLED",
        "reason": "cancelled",
        "at": 0,
        "who": "buyer",
    }
    cart = shop.call("GET", f"/api/cart/{answer['cartId']}").json_body["data"]
    assert [(line["variantId"], line["quantity"]) for line in cart["lines"]] == [("mug", 2)]
    assert cart["status"] == "OPEN"
    hear(shop)
    check_world(shop.sandbox.state())


def test_the_filled_cart_is_checked_out_as_a_new_order(shop, mugs):
    first = placed(shop, mugs)
    again = placed(shop, cancelled(shop, first)["cartId"])
    assert again["orderId"] != first["orderId"]
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


def test_cancelled_again_it_is_the_same_and_the_cart_is_filled_once(shop, mugs):
    first = placed(shop, mugs)
    answer = cancelled(shop, first)
    carts.add(answer["cartId"], "mug", 1, call_id="c", now=clock.now())
    assert cancelled(shop, first) == answer
    assert carts.read(answer["cartId"], now=clock.now()).quantities == {"mug": 3}


def test_the_cart_tells_what_has_changed_since(shop, mugs):
    first = placed(shop, mugs)
    item = VariantItem.get("mug")
    item.prices = {"USD": 2500, "JPY": 3000}
    item.save()
    cache.forget_all()
    cart = shop.call("GET", f"/api/cart/{cancelled(shop, first)['cartId']}").json_body["data"]
    assert "PRICE_CHANGED" in str(cart["lines"][0])


def test_a_users_own_cart_has_the_things_again_beside_what_is_in_it(shop, mugs):
    shop.sell("cup", stock=5)
    buyer = Buyer(shop, 0)
    first = shop.checkout(mugs, user_id=buyer.user_id)

    own = merging.open_cart(buyer.user_id, None, now=clock.now()).cart.cart_id
    carts.add(own, "cup", 1, call_id="c", now=clock.now(), user_id=buyer.user_id)
    holder = paying.Holder(None, buyer.user_id)
    for _ in range(2):
        _, cart_id = paying.cancel_order(first.order.order_id, holder, now=clock.now())
        assert cart_id == own
        found = carts.read(own, now=clock.now(), user_id=buyer.user_id)
        assert found.quantities == {"cup": 1, "mug": 2}


def test_what_the_balance_paid_of_it_is_returned(shop, mugs):
    buyer = Buyer(shop, 1200)
    first = buyer.buy(mugs)
    assert buyer.balance == 0
    path = f"/api/orders/{first.order.order_id}/cancel"
    key = {"X-Order-Token": first.order.access_token}
    assert shop.call("POST", path, {}, **key).status_code == 200
    assert buyer.balance == 1200
    check_world(shop.sandbox.state())


def test_nobody_else_can_cancel_it(shop, mugs):
    first = placed(shop, mugs)
    before = contents()
    stranger = first | {"accessToken": "guess"}
    refused(cancel(shop, stranger), 404, "ORDER_NOT_FOUND")
    assert contents() == before


def test_who_has_paid_unheard_is_told_so_and_keeps_the_order(shop, mugs):
    first = placed(shop, mugs)
    page = session(shop, first["paymentId"])["id"]
    shop.sandbox.control("stripe", page, "pay", lose=True)
    refused(cancel(shop, first), 409, "ORDER_PAID_ALREADY")
    assert order()["status"] == "PAID"
    refused(cancel(shop, first), 409, "ORDER_PAID_ALREADY")
    check_world(shop.sandbox.state())


def test_control_without_the_look_at_what_came_a_paid_order_is_cancelled(shop, mugs, monkeypatch):
    monkeypatch.setattr(close_pages, "check_nothing_came", lambda *_, **__: None)
    first = placed(shop, mugs)
    page = session(shop, first["paymentId"])["id"]
    shop.sandbox.control("stripe", page, "pay", lose=True)
    cancelled(shop, first)
    with pytest.raises(AssertionError, match="captured"):
        check_world(shop.sandbox.state())


def test_money_on_its_way_is_waited_for(shop, mugs):
    first = placed(shop, mugs)
    page = session(shop, first["paymentId"])["id"]
    shop.sandbox.control("stripe", page, "pay-async", lose=True)
    refused(cancel(shop, first), 409, "PAYMENT_UNDER_WAY")
    assert payments.read(first["paymentId"]).status == "PROCESSING"
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


def test_while_the_provider_is_down_nothing_is_given_back(shop, mugs):
    first = placed(shop, mugs)
    before = contents()
    shop.sandbox.fault("checkout.sessions.*", "503", times=9)
    refused(cancel(shop, first), 503, "PROVIDER_BUSY")
    assert contents() == before
    shop.sandbox.no_faults()
    cancelled(shop, first)
    check_world(shop.sandbox.state())


def test_cut_off_anywhere_asking_again_ends_in_one_cancelled_order_and_one_cart(shop, mugs):
    first = shop.checkout(mugs)

    def give_up(found):
        holder = paying.Holder(found.order.access_token, None)
        return paying.cancel_order(found.order.order_id, holder, now=clock.now())

    with Shim() as shim:
        give_up(first)
    assert shim.writes == ["stripe post", "TransactWriteItems", "PutItem"]
    for point in shim.points():
        found = shop.checkout(factory.cart_with({"mug": 1}))
        with Shim(crash=point), pytest.raises(Crash):
            give_up(found)
        hear(shop)
        order, cart_id = give_up(found)
        assert order.status == "CANCELLED"
        assert carts.read(cart_id, now=clock.now()).quantities == {"mug": 1}
        assert factory.stock("mug") == FULL
        check_world(shop.sandbox.state())


def test_a_page_that_nobody_can_close_stays_under_watch_and_its_money_counts(
    shop, mugs, monkeypatch
):
    first = placed(shop, mugs)
    with monkeypatch.context() as patch:
        patch.setattr(
            pages, "close_page", lambda payment, charge: Outcome(State.OPEN, payment.session_id)
        )
        cancelled(shop, first)
    assert factory.stock("mug") == FULL
    assert payments.read(first["paymentId"]).status == "PENDING", "reconciliation asks about it"
    page = session(shop, first["paymentId"])["id"]
    shop.sandbox.control("stripe", page, "pay", lose=True)
    hear(shop)
    assert orders.read(first["orderId"]).status == "PAID"
    check_world(shop.sandbox.state())


def test_after_cancelling_the_first_cart_is_no_trap(shop, mugs):
    first = placed(shop, mugs)
    cancelled(shop, first)
    again = checkout(shop, mugs)
    assert again.status_code == 200 and again.json_body["data"]["orderId"] != first["orderId"]
    assert len(scan("orders")) == 2
    check_world(shop.sandbox.state())
