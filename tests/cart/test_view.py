"""A cart as it is shown: today's prices and stock, what changed since, in the reader's language."""

import pytest

from chalicelib.cart import service as carts
from chalicelib.catalog.tables import VariantItem
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import cache, clock
from chalicelib.kernel.i18n import text
from tests import factory


@pytest.fixture
def mugs(shop):
    """A cart of two mugs out of five."""
    shop.sell("mug", stock=5)
    return factory.cart_with({"mug": 2})


def change(variant_id: str, **fields) -> None:
    """Change a variant as the shop's people would, and let memories run out."""
    item = VariantItem.get(variant_id)
    for name, value in fields.items():
        setattr(item, name, value)
    item.save()
    cache.forget_all()


def leave(variant_id: str, available: int) -> None:
    """Let others buy until so many are left."""
    item = StockItem.get(variant_id, "main")
    item.sold += item.available - available
    item.available = available
    item.save()


def shown(shop, cart_id: str, **headers: str):
    answer = shop.call("GET", f"/api/cart/{cart_id}", **headers)
    assert answer.status_code == 200
    return answer.json_body["data"]


def notices(data) -> list[str]:
    return [notice["code"] for line in data["lines"] for notice in line["notices"]]


def test_a_cart_shows_what_it_holds_and_costs(shop, mugs):
    data = shown(shop, mugs)
    (line,) = data["lines"]
    assert line.pop("addedAt").endswith("Z") and data.pop("expiresAt").endswith("Z")
    assert line == {
        "variantId": "mug",
        "productId": "p-mug",
        "slug": "slug-mug",
        "name": "Thing mug",
        "specs": {"Colour": "White"},
        "image": None,
        "quantity": 2,
        "selected": True,
        "price": {"amount": 1999, "currency": "USD"},
        "priceSeen": {"amount": 1999, "currency": "USD"},
        "total": {"amount": 3998, "currency": "USD"},
        "available": 5,
        "maxPerOrder": 20,
        "requiresShipping": True,
        "notices": [],
    }
    del data["lines"]
    assert data == {
        "id": mugs,
        "status": "OPEN",
        "version": 2,
        "currency": "USD",
        "count": 2,
        "subtotal": {"amount": 3998, "currency": "USD"},
        "requiresShipping": True,
        "reservedUntil": None,
        "orderId": None,
    }


def test_a_cart_is_personal_and_kept_by_nobody(shop, mugs):
    answer = shop.call("GET", f"/api/cart/{mugs}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_a_cart_speaks_the_readers_language(shop, mugs):
    data = shown(shop, mugs, **{"Accept-Language": "zh-CN"})
    assert data["lines"][0]["name"] == "东西 mug"
    assert data["lines"][0]["specs"] == {"颜色": "白"}


def test_a_cart_in_yen_has_the_prices_in_yen(shop):
    shop.sell("mug", stock=5)
    made = shop.call("POST", "/api/cart/create", {"currency": "JPY"}).json_body["data"]["id"]
    shop.call("POST", f"/api/cart/{made}/add", {"variantId": "mug", "quantity": 2})
    assert shown(shop, made)["subtotal"] == {"amount": 6000, "currency": "JPY"}


def test_what_it_costs_now_is_charged_and_what_it_cost_is_told(shop, mugs):
    change("mug", prices={"USD": 2500})
    data = shown(shop, mugs)
    (line,) = data["lines"]
    assert notices(data) == ["PRICE_CHANGED"]
    assert (line["price"]["amount"], line["priceSeen"]["amount"]) == (2500, 1999)
    assert data["subtotal"]["amount"] == 5000


def test_a_line_touched_again_has_seen_the_new_price(shop, mugs):
    change("mug", prices={"USD": 2500})
    shop.call("POST", f"/api/cart/{mugs}/update", {"variantId": "mug", "quantity": 1})
    assert notices(shown(shop, mugs)) == []


@pytest.mark.parametrize(
    ("left", "expected"),
    [(5, []), (2, []), (1, ["STOCK_SHORT"]), (0, ["SOLD_OUT"])],
)
def test_too_little_stock_is_told_before_checkout(shop, mugs, left, expected):
    leave("mug", left)
    data = shown(shop, mugs)
    assert (notices(data), data["lines"][0]["available"]) == (expected, left)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({"status": "INACTIVE"}, "WITHDRAWN"), ({"prices": {"JPY": 1}}, "PRICE_UNAVAILABLE")],
    ids=str,
)
def test_what_is_not_sold_any_more_is_told_and_why(shop, mugs, fields, expected):
    change("mug", **fields)
    data = shown(shop, mugs)
    assert notices(data) == [expected]
    assert data["lines"][0]["available"] == 0


def test_a_variant_that_was_deleted_leaves_a_line_to_take_out(shop, mugs):
    VariantItem("mug").delete()
    cache.forget_all()
    data = shown(shop, mugs)
    assert notices(data) == ["WITHDRAWN"]
    # Without a name, pages would show an empty line, and refuse a checkout because of ": …".
    line_shown = (data["lines"][0]["productId"], data["lines"][0]["name"])
    assert line_shown == (None, text("en", "line.gone"))
    shop.call("POST", f"/api/cart/{mugs}/remove", {"variantId": "mug"})
    assert shown(shop, mugs)["lines"] == []


def test_a_closed_cart_shows_its_order_and_no_shortage_of_its_own_making(shop, mugs):
    leave("mug", 2)
    placed = shop.checkout(mugs)
    data = shown(shop, mugs)
    assert (data["status"], data["orderId"]) == ("CHECKED_OUT", placed.order.order_id)
    assert notices(data) == []


def test_lines_stand_in_the_order_they_were_put_in(shelf):
    for name in ("a", "b", "c"):
        shelf.sell(name, stock=5)
    cart_id, now = factory.cart_with({}), clock.now()
    for after, name in enumerate(["c", "a", "b", "c"]):
        view = carts.add(cart_id, name, 1, call_id=f"call-{after}", now=now + after)
    assert [line.variant_id for line in view.cart.lines] == ["c", "a", "b"]


def test_who_the_sender_claims_to_be_is_ignored(shop):
    made = shop.call("POST", "/api/cart/create", {"userId": "usr_somebody"})
    assert made.status_code == 201
    assert "userId" not in made.json_body["data"]


def test_what_requires_no_shipping_is_told(shop):
    shop.sell("licence", stock=5, requires_shipping=False)
    assert shown(shop, factory.cart_with({"licence": 1}))["requiresShipping"] is False
