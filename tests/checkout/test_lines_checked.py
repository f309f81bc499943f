"""What `add` checks of a line, reserving and checking out check again; the cart shows it before."""

import pytest

from chalicelib.cart.rules import QuantityLimit
from chalicelib.catalog.rules import PriceUnavailable, VariantNotFound, VariantWithdrawn
from chalicelib.catalog.tables import VariantItem
from chalicelib.checkout import rules as checkout_rules
from chalicelib.kernel import cache
from chalicelib.orders import service as orders
from tests import factory
from tests.faults.world import check_world, scan
from tests.kernel.envelope import refused

WISH = {"email": "ada@shop.test", "address": factory.ADDRESS, "shippingMethod": "standard"}
GONE, OFF, DEAR, LESS = "gone", "off", "dear", "less"


def change(variant_id: str, **fields) -> None:
    item = VariantItem.get(variant_id)
    for name, value in fields.items():
        setattr(item, name, value)
    item.save()
    cache.forget_all()


def spoil(variant_id: str) -> None:
    """What the shop does to a variant that lies in a cart already."""
    if variant_id == GONE:
        VariantItem(GONE).delete()
        cache.forget_all()
    elif variant_id == OFF:
        change(OFF, status="INACTIVE")
    elif variant_id == DEAR:
        change(DEAR, prices={"JPY": 100})
    else:
        change(LESS, max_per_order=2)


@pytest.fixture
def cart_id(shop):
    """Four variants, eight of each, and a mug that nothing happens to."""
    for name in (GONE, OFF, DEAR, LESS, "mug"):
        shop.sell(name, stock=20)
    return factory.cart_with({GONE: 8, OFF: 8, DEAR: 8, LESS: 8, "mug": 1})


CASES = {
    GONE: (404, VariantNotFound, "WITHDRAWN", {}),
    OFF: (409, VariantWithdrawn, "WITHDRAWN", {}),
    DEAR: (409, PriceUnavailable, "PRICE_UNAVAILABLE", {}),
    LESS: (422, QuantityLimit, "QUANTITY_LIMIT", {"limit": 2, "requested": 8}),
}


@pytest.mark.parametrize("step", ["reserve", "checkout"])
@pytest.mark.parametrize("variant_id", CASES)
def test_a_line_that_can_not_be_sold_any_more_is_refused_by_name(shop, cart_id, variant_id, step):
    status, error, _, facts = CASES[variant_id]
    spoil(variant_id)
    answer = shop.call("POST", f"/api/cart/{cart_id}/{step}", WISH if step == "checkout" else {})
    (error_entry,) = refused(answer, status, error.code)["errors"]
    assert error_entry.pop("message")
    assert error_entry == {"field": f"lines.{variant_id}", "code": error.code, **facts}
    assert scan("holds") == [] == scan("orders")


@pytest.mark.parametrize("variant_id", CASES)
def test_the_cart_says_so_before(shop, cart_id, variant_id):
    spoil(variant_id)
    data = shop.call("GET", f"/api/cart/{cart_id}").json_body["data"]
    notices = {
        line["variantId"]: [one["code"] for one in line["notices"]] for line in data["lines"]
    }
    clean: dict[str, list[str]] = {key: [] for key in (*CASES, "mug")}
    assert notices == clean | {variant_id: [CASES[variant_id][2]]}


@pytest.mark.parametrize("step", ["reserve", "checkout"])
def test_every_such_line_is_named_at_once(shop, cart_id, step):
    for variant_id in CASES:
        spoil(variant_id)
    answer = shop.call("POST", f"/api/cart/{cart_id}/{step}", WISH if step == "checkout" else {})
    assert {one["field"]: one["code"] for one in answer.json_body["errors"]} == {
        f"lines.{variant_id}": error.code for variant_id, (_, error, _, _) in CASES.items()
    }


def test_what_was_refused_can_be_mended_and_bought(shop, cart_id):
    for variant_id in CASES:
        spoil(variant_id)
    for variant_id in (GONE, OFF, DEAR):
        path = f"/api/cart/{cart_id}/remove"
        assert shop.call("POST", path, {"variantId": variant_id}).status_code == 200
    update = {"variantId": LESS, "quantity": 2}
    assert shop.call("POST", f"/api/cart/{cart_id}/update", update).status_code == 200
    assert shop.call("POST", f"/api/cart/{cart_id}/reserve", {}).status_code == 200
    answer = shop.call("POST", f"/api/cart/{cart_id}/checkout", WISH)
    assert answer.status_code == 200
    order = orders.read(answer.json_body["data"]["orderId"])
    assert order is not None
    assert {line.variant_id: line.quantity for line in order.lines} == {LESS: 2, "mug": 1}
    check_world(shop.sandbox.state())


def test_a_reservation_made_before_is_not_renewed_nor_checked_out(shop, cart_id):
    assert shop.call("POST", f"/api/cart/{cart_id}/reserve", {}).status_code == 200
    spoil(LESS)
    for step, body in (("reserve", {}), ("checkout", WISH)):
        answer = shop.call("POST", f"/api/cart/{cart_id}/{step}", body)
        refused(answer, 422, "QUANTITY_LIMIT")


def test_the_refusal_speaks_the_buyers_language(shop, cart_id):
    spoil(OFF)
    chinese = {"Accept-Language": "zh-CN"}
    answer = shop.call("POST", f"/api/cart/{cart_id}/reserve", {}, **chinese)
    body = refused(answer, 409, "VARIANT_WITHDRAWN", language="zh-CN")
    assert body["errors"][0]["message"] == "已停售。"


def test_control_without_the_check_eight_are_checked_out_where_two_may_be(
    shop, cart_id, monkeypatch
):
    monkeypatch.setattr(checkout_rules, "check_lines", lambda cart, variants: None)
    spoil(LESS)
    assert shop.call("POST", f"/api/cart/{cart_id}/checkout", WISH).status_code == 200
    assert factory.stock(LESS)["reserved"] == 8


def test_buying_at_once_keeps_the_limit_that_was_lowered_meanwhile(shop):
    shop.sell("mug", stock=20)
    wish = {**WISH, "variantId": "mug", "quantity": 8}
    change("mug", max_per_order=2)
    refused(shop.call("POST", "/api/checkout", wish), 422, "QUANTITY_LIMIT")
    assert shop.call("POST", "/api/checkout", {**wish, "quantity": 2}).status_code == 200
