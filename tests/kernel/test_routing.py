"""A call below `{proxy+}` finds its route; what has none is answered by the shop."""

import json

import pytest

from chalicelib.kernel.web.routing import match

PATTERNS = ["/api/orders", "/api/orders/lookup", "/api/orders/{order_id}", "/api/cart/{id}/add"]


@pytest.mark.parametrize(
    ("path", "pattern", "variables"),
    [
        ("api/orders", "/api/orders", {}),
        ("api/orders/lookup", "/api/orders/lookup", {}),
        ("api/orders/ord_1", "/api/orders/{order_id}", {"order_id": "ord_1"}),
        ("api/cart/crt_1/add", "/api/cart/{id}/add", {"id": "crt_1"}),
    ],
)
def test_a_path_finds_the_pattern_with_its_literal_pieces_first(path, pattern, variables):
    assert match(path.split("/"), PATTERNS) == (pattern, variables)


@pytest.mark.parametrize("path", ["api", "api/orders/a/b", "api/cart//add", "orders", "API/orders"])
def test_what_fits_no_pattern_is_found_nowhere(path):
    assert match(path.split("/"), PATTERNS) is None


def gateway(method: str, resource: str, **parameters: str) -> dict:
    """A call as API Gateway sends it."""
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": {"Accept-Language": "zh-CN"},
        "multiValueHeaders": {"Accept-Language": ["zh-CN"]},
        "multiValueQueryStringParameters": None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "identity": {"sourceIp": "203.0.113.9"},
            "requestId": "req-1",
        },
    }


def answered(event: dict) -> tuple[int, dict, dict]:
    from app import app

    got = app(event, None)
    return got["statusCode"], got["headers"], json.loads(got["body"]) if got["body"] else {}


def below(method: str, path: str) -> dict:
    return gateway(method, "/api/{proxy+}", proxy=path)


def test_a_call_below_a_proxy_is_answered_as_by_a_resource_of_its_own(shop):
    shop.sell("mug", stock=3)
    status, _, body = answered(below("GET", "inventory/availability/mug"))
    own = answered(gateway("GET", "/api/inventory/availability/{variant_id}", variant_id="mug"))
    assert (status, body["data"]["available"]) == (200, 3)
    assert own[2]["data"] == body["data"]


def test_a_slash_at_the_end_is_no_part_of_a_path(shop):
    assert answered(below("GET", "products/"))[0] == 200


def test_variables_on_the_way_to_a_proxy_are_variables_of_the_route(shop):
    resource = "/api/cart/{cart_id}/{proxy+}"
    status, _, body = answered(gateway("POST", resource, cart_id="crt_none", proxy="extend"))
    assert (status, body["code"]) == (404, "CART_NOT_FOUND")


def test_a_path_that_is_not_there_is_answered_in_the_envelope_and_the_callers_language(shop):
    status, headers, body = answered(below("GET", "nothing/at/all"))
    assert (status, body["code"], headers["Content-Language"]) == (404, "NOT_FOUND", "zh-CN")
    assert body["requestId"] == headers["X-Request-Id"] == "req-1"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_method_that_a_path_does_not_take_is_named_with_those_it_takes(shop):
    status, headers, body = answered(below("DELETE", "products"))
    assert (status, body["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert headers["Allow"] == "GET, HEAD, OPTIONS"


def test_head_below_a_proxy_is_get_without_its_body(shop):
    status, _, body = answered(below("HEAD", "products"))
    assert (status, body) == (200, {})
    assert answered(below("HEAD", "nothing"))[0] == 404


def test_a_preflight_below_a_proxy_is_answered_for_its_route(shop, monkeypatch):
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://a.test")
    from chalicelib import config

    config.allowed_origins.cache_clear()
    event = below("OPTIONS", "cart/create")
    event["multiValueHeaders"]["Origin"] = ["https://a.test"]
    event["headers"]["Origin"] = "https://a.test"
    status, headers, _ = answered(event)
    assert (status, headers["Access-Control-Allow-Methods"]) == (204, "POST")
