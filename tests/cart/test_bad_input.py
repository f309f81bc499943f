"""What a cart is sent that it must refuse: clearly, in two languages, and leaving no trace."""

import json

import pytest

from chalicelib.kernel import clock
from tests import factory, stage
from tests.kernel.envelope import fields, refused, refuses
from tests.shop import Shop


@pytest.fixture(scope="module")
def shop(provider):
    """One shop for all of this file: every call here is refused and changes nothing."""
    with stage.in_process({"stripe/api_base": provider.url}):
        made = Shop(provider)
        made.open()
        made.sell("mug", stock=5, max_per_order=4)
        made.sell("old", stock=5, status="INACTIVE")
        made.sell("gift", stock=5, prices={})
        yield made


@pytest.fixture(scope="module")
def cart_id(shop):
    return factory.cart_with({"mug": 2})


def line(quantity: str) -> bytes:
    return b'{"variantId": "mug", "quantity": %s}' % quantity.encode()


BAD_QUANTITIES = [
    "-1", "1.5", '"2"', "true", "false", "1e9", "1000000000", "1" + "0" * 400, "null", "[]", "{}",
    '"two"', "2.0", "10000",
]  # fmt: skip


@pytest.mark.parametrize("action", ["add", "update"])
@pytest.mark.parametrize("quantity", BAD_QUANTITIES, ids=lambda text: text[:20])
def test_a_quantity_is_a_whole_number_within_bounds(shop, cart_id, action, quantity):
    path = f"/api/cart/{cart_id}/{action}"
    refusal = refuses(shop, "POST", path, line(quantity), 422, "VALIDATION_FAILED")
    assert fields(refusal) == ["quantity"]


def test_none_can_not_be_added(shop, cart_id):
    refusal = refuses(shop, "POST", f"/api/cart/{cart_id}/add", line("0"), 422, "VALIDATION_FAILED")
    assert refusal["errors"] == [{"field": "quantity", "message": "Must be 1 or more."}]


def test_an_update_needs_its_quantity(shop, cart_id):
    path = f"/api/cart/{cart_id}/update"
    refusal = refuses(shop, "POST", path, {"variantId": "mug"}, 422, "VALIDATION_FAILED")
    assert refusal["errors"] == [{"field": "quantity", "message": "This is needed."}]


@pytest.mark.parametrize("action", ["add", "update"])
@pytest.mark.parametrize("quantity", ["NaN", "Infinity", "-Infinity", "01", "0x2", "", "1,", "'1'"])
def test_what_only_looks_like_a_number_is_not_json(shop, cart_id, action, quantity):
    path = f"/api/cart/{cart_id}/{action}"
    refuses(shop, "POST", path, line(quantity), 400, "MALFORMED_JSON")


@pytest.mark.parametrize("action", ["add", "update", "remove"])
@pytest.mark.parametrize(
    "variant_id",
    [None, 1, True, "", " ", "../mug", "mug/../cup", "mug#1", "mug\n", "m" * 65, ["mug"], {"a": 1}],
    ids=repr,
)
def test_a_variant_is_named_by_an_id(shop, cart_id, action, variant_id):
    body = {"variantId": variant_id} | ({} if action == "remove" else {"quantity": 1})
    path = f"/api/cart/{cart_id}/{action}"
    refusal = refuses(shop, "POST", path, body, 422, "VALIDATION_FAILED")
    assert fields(refusal) == ["variantId"]


REFUSED_LINES = {
    "unknown": ({"variantId": "no-such", "quantity": 1}, 404, "VARIANT_NOT_FOUND"),
    "withdrawn": ({"variantId": "old", "quantity": 1}, 409, "VARIANT_WITHDRAWN"),
    "without a price": ({"variantId": "gift", "quantity": 1}, 409, "PRICE_UNAVAILABLE"),
    "above the limit": ({"variantId": "mug", "quantity": 5}, 422, "QUANTITY_LIMIT"),
    "above all bounds": ({"variantId": "mug", "quantity": 9999}, 422, "QUANTITY_LIMIT"),
}


@pytest.mark.parametrize("action", ["add", "update"])
@pytest.mark.parametrize(("body", "status", "code"), REFUSED_LINES.values(), ids=REFUSED_LINES)
def test_what_can_not_be_had_is_refused(shop, cart_id, action, body, status, code):
    refuses(shop, "POST", f"/api/cart/{cart_id}/{action}", body, status, code)


def test_the_sum_is_held_against_the_limit_and_says_which(shop, cart_id):
    path = f"/api/cart/{cart_id}/add"
    refusal = refuses(
        shop, "POST", path, {"variantId": "mug", "quantity": 3}, 422, "QUANTITY_LIMIT"
    )
    assert refusal["errors"] == [
        {"field": "quantity", "message": "At most 4 of this item per order."}
    ]


@pytest.mark.parametrize(
    "extra", ["price", "total", "unitPrice", "currency", "variant_id", "\u0000"]
)
@pytest.mark.parametrize("action", ["add", "update", "remove", "reserve", "checkout"])
def test_nothing_that_is_not_asked_for_is_taken(shop, cart_id, action, extra):
    known = {
        "reserve": {},
        "checkout": {"email": factory.EMAIL, "address": factory.ADDRESS},
        "remove": {"variantId": "mug"},
    }.get(action, {"variantId": "mug", "quantity": 1})
    path = f"/api/cart/{cart_id}/{action}"
    refusal = refuses(shop, "POST", path, known | {extra: 1}, 422, "VALIDATION_FAILED")
    assert extra in fields(refusal)


NOT_OBJECTS = ["[]", "[1]", '"text"', "1", "true", "null", "1.5"]


@pytest.mark.parametrize("action", ["add", "update", "remove", "reserve", "checkout"])
@pytest.mark.parametrize("body", NOT_OBJECTS)
def test_a_body_is_an_object(shop, cart_id, action, body):
    path = f"/api/cart/{cart_id}/{action}"
    refusal = refuses(shop, "POST", path, body.encode(), 422, "VALIDATION_FAILED")
    assert refusal["errors"] == [{"field": "body", "message": "Must be an object."}]


NOT_JSON = {
    "words": b"hello",
    "cut off": b'{"variantId": "mug"',
    "a doubled key": b'{"variantId": "mug", "quantity": 1, "quantity": 2}',
    "a form": b"variantId=mug&quantity=1",
    "not UTF-8": b'{"variantId": "\xff"}',
    "UTF-16": '{"variantId": "mug"}'.encode("utf-16"),
    "two documents": b"{}{}",
    "deep lists": b"[" * 60_000,
    "deep objects": b'{"a":' * 12_000,
    "a number of 5,000 digits": line("9" * 5000),
}


@pytest.mark.parametrize("path", ["create", "{cart}/add", "{cart}/reserve", "{cart}/checkout"])
@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json_is_malformed(shop, cart_id, path, body):
    url = "/api/cart/" + path.format(cart=cart_id)
    refuses(shop, "POST", url, body, 400, "MALFORMED_JSON")


@pytest.mark.parametrize("action", ["add", "update", "remove", "reserve", "checkout"])
@pytest.mark.parametrize(
    "body", [b"x" * 1_000_000, b"[" * 100_000, b" " * (64 * 1024 + 1)], ids=["MB", "deep", "blank"]
)
def test_a_large_body_is_refused_before_it_is_read(shop, cart_id, action, body):
    path = f"/api/cart/{cart_id}/{action}"
    refusal = refuses(shop, "POST", path, body, 413, "BODY_TOO_LARGE")
    assert "65536" in refusal["message"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "text/json", "*/*",
     "application/x-www-form-urlencoded"],
)  # fmt: skip
def test_another_content_type_is_refused_with_the_one_to_use(shop, cart_id, content_type):
    path, headers = f"/api/cart/{cart_id}/add", {"Content-Type": content_type}
    refusal = refuses(shop, "POST", path, line("1"), 415, "UNSUPPORTED_MEDIA_TYPE", **headers)
    assert "application/json" in refusal["message"]


NOT_CARTS = [
    "..%2F", "../", "..", "%2e%2e", "..%2F..%2Fetc", "a%23b", "%00", "a%20b", "crt_x%0a", "*", "'",
    "c" * 65, "{cart_id}", "-", "_", "%F0%9F%9B%92",
]  # fmt: skip


@pytest.mark.parametrize("name", NOT_CARTS)
def test_what_can_not_be_an_id_leads_nowhere(shop, name):
    refuses(shop, "GET", f"/api/cart/{name}", None, 404, "NOT_FOUND")
    if name != "../":
        refuses(shop, "POST", f"/api/cart/{name}/add", line("1"), 404, "NOT_FOUND")


@pytest.mark.parametrize("name", ["crt_unknown", "health", "0", "c" * 64, "crt_x#y"])
def test_a_cart_that_is_not_there_is_not_found(shop, name):
    refuses(shop, "GET", f"/api/cart/{name}", None, 404, "CART_NOT_FOUND")


@pytest.mark.parametrize("action", ["add", "update", "remove", "reserve", "checkout"])
def test_nobody_changes_a_cart_that_is_not_theirs(shop, cart_id, action):
    # A cart's id is its key: one letter more, less or other is somebody else's, or nobody's.
    body = {
        "reserve": {},
        "checkout": {"email": factory.EMAIL},
        "remove": {"variantId": "mug"},
    }.get(action, {"variantId": "mug", "quantity": 1})
    for other in (cart_id[:-1], cart_id + "a", cart_id.upper(), cart_id[:-1] + "8"):
        refuses(shop, "POST", f"/api/cart/{other}/{action}", body, 404, "CART_NOT_FOUND")


@pytest.mark.parametrize("currency", ["EUR", "usd", "US", "", "USDT", 1, ["USD"]], ids=repr)
def test_a_cart_is_in_a_currency_of_the_shop(shop, currency):
    body = {"currency": currency}
    refusal = refuses(shop, "POST", "/api/cart/create", body, 422, "VALIDATION_FAILED")
    assert fields(refusal) == ["currency"]


def test_an_empty_cart_reserves_nothing(shop):
    empty = factory.cart_with({})
    refuses(shop, "POST", f"/api/cart/{empty}/reserve", None, 422, "CART_EMPTY")


def test_a_cart_past_its_week_is_gone(shop, cart_id):
    clock.shift(7 * 86_400 + 60)
    try:
        answer = shop.call("GET", f"/api/cart/{cart_id}")
    finally:
        clock.shift(0)
    refused(answer, 404, "CART_NOT_FOUND")


def test_control_the_same_calls_with_nothing_wrong_go_through(shop):
    # Were these refused too, nothing above would show anything.
    made = shop.call("POST", "/api/cart/create", {"currency": "JPY"})
    assert made.status_code == 201
    path = f"/api/cart/{made.json_body['data']['id']}"
    for action, body in (
        ("add", line("1")),
        ("update", line("4")),
        ("reserve", b"{}"),
        ("remove", json.dumps({"variantId": "mug"}).encode()),
    ):
        answer = shop.call("POST", f"{path}/{action}", body)
        assert answer.status_code == 200, (action, answer.body)
    assert shop.call("GET", path).json_body["data"]["lines"] == []
