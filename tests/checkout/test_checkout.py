"""From a cart to an order: what it costs, what it needs, and in how few steps."""

import boto3
import pytest

from chalicelib.cart import service as carts
from chalicelib.catalog.rules import PriceUnavailable, VariantNotFound, VariantWithdrawn
from chalicelib.catalog.tables import VariantItem
from chalicelib.checkout.rules import CheckoutInvalid
from chalicelib.config import settings
from chalicelib.inventory.rules import OutOfStock
from chalicelib.kernel import cache, clock, parameters
from chalicelib.kernel.limits import MAX_CART_LINES
from chalicelib.orders import service as orders
from chalicelib.orders.tables import item_of
from chalicelib.payments import registry
from chalicelib.payments.registry import PaymentMethodUnavailable
from tests import factory
from tests.faults.shim import Shim
from tests.faults.world import check_world, scan
from tests.kernel.envelope import contents

DYNAMO = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems"}


@pytest.fixture
def mugs(shop):
    """A cart of two mugs out of five."""
    shop.sell("mug", stock=5)
    return factory.cart_with({"mug": 2})


def yen_cart(lines: dict[str, int]) -> str:
    now = clock.now()
    cart_id = carts.create("JPY", now=now).cart.cart_id
    for variant_id, quantity in lines.items():
        carts.add(cart_id, variant_id, quantity, call_id="c", now=now)
    return cart_id


def test_checkout_takes_five_calls_to_the_tables_and_one_to_stripe(shop, mugs):
    shop.buy({"mug": 1})  # settings and secrets are in memory, as in any handler but the first
    cart_id = factory.cart_with({"mug": 1})
    with Shim() as shim:
        shop.checkout(cart_id)
    assert [call for call in shim.calls if call in DYNAMO] == [
        "GetItem",
        "BatchGetItem",
        "UpdateItem",
        "TransactWriteItems",
        "UpdateItem",
    ]
    assert [call for call in shim.calls if call.startswith("stripe")] == ["stripe post"]
    assert len(shim.calls) == 6


def test_a_reserved_cart_takes_no_more_calls(shop, mugs):
    shop.buy({"mug": 1})
    factory.reserve(mugs, now=clock.now())
    with Shim() as shim:
        shop.checkout(mugs)
    assert len(shim.calls) == 6


def test_an_order_is_placed_the_units_held_and_the_cart_closed(shop, mugs):
    placed = shop.checkout(mugs)
    order = orders.read(placed.order.order_id)
    assert item_of(order).attribute_values == item_of(placed.order).attribute_values
    assert order.status == "PENDING"
    assert order.number[:8] == clock.day(order.placed_at) and len(order.number) == 20
    assert order.expires_at == order.placed_at + 31 * 60
    assert factory.stock("mug") == {"available": 3, "reserved": 2, "sold": 0, "stocked": 5}
    (cart,) = scan("carts")
    assert (cart["status"], cart["order_id"]) == ("CHECKED_OUT", order.order_id)
    (hold,) = scan("holds")
    assert hold["expires_at"] == order.expires_at + 15, "the hold outlives the session"
    check_world(shop.sandbox.state())


def test_the_answer_leads_to_the_payment_page(shop, mugs):
    answer = shop.call("POST", f"/api/cart/{mugs}/checkout", body())
    data = answer.json_body["data"]
    (order,) = scan("orders")
    assert answer.status_code == 200
    assert data["url"] == shop.sandbox.state()["stripe"]["sessions"][0]["url"]
    assert data == {
        "orderId": order["order_id"],
        "orderNumber": order["number"],
        "accessToken": order["access_token"],
        "paymentId": order["payment_id"],
        "url": data["url"],
        "expiresAt": clock.iso(order["expires_at"]),
        "total": {"amount": 2 * 1999 + 500, "currency": "USD"},
        "due": {"amount": 2 * 1999 + 500, "currency": "USD"},
    }


def body(**changes) -> dict:
    fields = {
        "email": factory.EMAIL,
        "address": factory.ADDRESS,
        "shippingMethod": "standard",
    }
    return fields | changes


def test_an_order_keeps_the_prices_it_was_placed_at(shop, mugs):
    placed = shop.checkout(mugs)
    item = VariantItem.get("mug")
    item.prices = {"USD": 9999}
    item.product_name = {"en": "Renamed"}
    item.save()
    cache.forget_all()
    order = orders.read(placed.order.order_id)
    assert [line.unit_price.amount for line in order.lines] == [1999]
    assert order.lines[0].variant_name["en"] == "Thing mug, White"


def test_the_price_of_this_moment_is_charged_not_one_from_memory(shop, mugs):
    carts.view(carts.read(mugs, now=clock.now()), now=clock.now())
    item = VariantItem.get("mug")
    item.prices = {"USD": 2500}
    item.save()
    assert shop.checkout(mugs).order.items_total.amount == 5000


def test_the_total_is_the_sum_of_lines_and_shipping(shop):
    shop.sell("mug", stock=5, prices={"USD": 1999})
    shop.sell("cup", stock=5, prices={"USD": 333})
    order = shop.buy({"mug": 2, "cup": 3}).order
    assert order.items_total.amount == 2 * 1999 + 3 * 333
    assert order.total.amount == order.items_total.amount + 500
    assert scan("payments")[0]["amount"] == order.total.amount
    assert shop.sandbox.state()["stripe"]["sessions"][0]["amount_total"] == order.total.amount


def test_a_cart_in_yen_is_charged_in_yen(shop):
    shop.sell("mug", stock=5)
    placed = shop.checkout(yen_cart({"mug": 2}))
    assert placed.order.total.wire() == {"amount": 6800, "currency": "JPY"}
    session = shop.session_of(placed)
    assert (session["amount_total"], session["currency"]) == (6800, "jpy")
    shop.settle(placed)
    check_world(shop.sandbox.state())


def test_what_is_not_shipped_needs_no_address_and_costs_no_shipping(shop):
    shop.sell("licence", stock=5, requires_shipping=False)
    cart_id = factory.cart_with({"licence": 1})
    order = shop.checkout(cart_id, address=None, shipping_method=None).order
    assert (order.shipping, order.address, order.total.amount) == (None, None, 1999)


def test_an_address_that_nothing_needs_is_not_kept(shop):
    shop.sell("licence", stock=5, requires_shipping=False)
    order = shop.buy({"licence": 1}).order
    assert order.address is None and order.shipping_price.amount == 0


def test_one_line_that_ships_makes_the_order_ship(shop):
    shop.sell("licence", stock=5, requires_shipping=False)
    shop.sell("mug", stock=5)
    cart_id = factory.cart_with({"licence": 1, "mug": 1})
    with pytest.raises(CheckoutInvalid):
        shop.checkout(cart_id, address=None, shipping_method=None)
    assert shop.checkout(cart_id).order.shipping["id"] == "standard"


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"address": None}, ["address"]),
        ({"shipping_method": None}, ["shippingMethod"]),
        ({"shipping_method": "drone"}, ["shippingMethod"]),
        ({"address": factory.ADDRESS | {"country": "FR"}}, ["address.country"]),
        ({"address": None, "shipping_method": None}, ["address", "shippingMethod"]),
    ],
    ids=str,
)
def test_each_thing_that_is_missing_is_named_and_nothing_is_done(shop, mugs, changes, wrong):
    before = contents()
    with pytest.raises(CheckoutInvalid) as caught:
        shop.checkout(mugs, **changes)
    assert [field.field for field in caught.value.fields] == wrong
    assert contents() == before


def test_a_payment_method_that_is_off_is_refused(shop, mugs):
    with pytest.raises(PaymentMethodUnavailable):
        shop.checkout(mugs, payment_method="cash")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"status": "INACTIVE"}, VariantWithdrawn),
        ({"prices": {"JPY": 1}}, PriceUnavailable),
        (None, VariantNotFound),
    ],
    ids=str,
)
def test_what_was_withdrawn_meanwhile_is_not_sold(shop, mugs, fields, error):
    if fields is None:
        VariantItem("mug").delete()
    else:
        item = VariantItem.get("mug")
        for name, value in fields.items():
            setattr(item, name, value)
        item.save()
    before = contents()
    with pytest.raises(error):
        shop.checkout(mugs)
    assert contents() == before
    assert shop.sandbox.state()["stripe"]["sessions"] == []


def test_a_cart_that_can_not_be_had_whole_becomes_no_order(shop, mugs):
    shop.sell("cup", stock=3)
    cart_id = factory.cart_with({"mug": 4, "cup": 3})
    shop.buy({"mug": 2, "cup": 1})
    before = contents()
    with pytest.raises(OutOfStock) as caught:
        shop.checkout(cart_id)
    facts = {field.field: field.facts for field in caught.value.fields}
    assert facts == {
        "lines.mug": {"available": 3, "requested": 4},
        "lines.cup": {"available": 2, "requested": 3},
    }
    assert contents() == before
    check_world(shop.sandbox.state())


def test_a_full_cart_is_one_transaction(shop):
    for number in range(MAX_CART_LINES):
        shop.sell(f"v{number}", stock=2)
    cart_id = factory.cart_with({f"v{number}": 2 for number in range(MAX_CART_LINES)})
    with Shim() as shim:
        placed = shop.checkout(cart_id)
    assert shim.writes.count("TransactWriteItems") == 1
    assert placed.order.total.amount == 100 * 1999 + 500
    shop.settle(placed)
    assert all(item["sold"] == 2 for item in scan("stock"))
    check_world(shop.sandbox.state())


def test_a_cart_is_not_turned_into_another_currency(shop, mugs):
    body = {"email": factory.EMAIL, "address": factory.ADDRESS, "shippingMethod": "standard"}
    path = f"/api/cart/{mugs}/checkout"
    answer = shop.call("POST", path, {**body, "currency": "JPY"})
    assert (answer.status_code, answer.json_body["errors"][0]["field"]) == (422, "currency")
    assert shop.call("POST", path, {**body, "currency": "USD"}).status_code == 200


def test_a_provider_set_up_wrongly_is_told_before_anything_is_written(shop, mugs):
    name = f"{settings().param_prefix}/stripe/secret_key"
    boto3.client("ssm").put_parameter(
        Name=name, Value="nonsense", Type="SecureString", Overwrite=True
    )
    parameters.forget()
    registry.provider.cache_clear()
    body = {"email": factory.EMAIL, "address": factory.ADDRESS, "shippingMethod": "standard"}
    answer = shop.call("POST", f"/api/cart/{mugs}/checkout", body)
    assert (answer.status_code, answer.json_body["code"]) == (503, "PAYMENT_METHOD_OFF")
    assert scan("orders") == []
    assert factory.stock("mug")["reserved"] == 0
