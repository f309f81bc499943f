"""Rows 33 and 34: text never becomes a part of an expression, nor an id a part of a key."""

import ast
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.ids import is_id
from tests.kernel.envelope import contents
from tests.security.walk import ROUTES, Walker, admin_token, body_of, hostile, name
from tests.stage import ROOT

EXPRESSIONS = [
    "#", ":", ".", "a.b", "#0 = :0", ":q OR attribute_exists(#n)", "a[0]", "' OR '1'='1",
    "SET #p = :zero", "{{7*7}}", "${jndi:ldap://x}", "=1+1", "<script>alert(1)</script>",
    "\u0000", "\u202e", "USER#1#ORDER", "__proto__", '{"$ne": null}', "%00", "..%2f",
]  # fmt: skip
IDS = ["USER#1#ORDER", "a#b", "a/b", "../x", "a.b", "a:b", " a", "a\x00", "a'b", "é", "a" * 65]
WITH_ID = [route for route in ROUTES if "{" in route.path]


def test_no_expression_is_ever_glued_together_from_text():
    """The condition and update expressions are PynamoDB's, made of attributes and values."""
    words = (
        "ConditionExpression",
        "UpdateExpression",
        "FilterExpression",
        "KeyConditionExpression",
    )
    glued = []
    for path in sorted((ROOT / "chalicelib").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in words:
                glued.append((path.name, node.value))
    # The one place that names one only looks whether a request has it.
    assert {file for file, _ in glued} <= {"transaction.py"}


def test_what_people_write_is_never_an_expression_whatever_it_says(shop, unlimited, published):
    shop.sell("mug", stock=50)
    before = contents()["stock"]
    admin = Walker(Authorization=f"Bearer {admin_token()}")
    for walker, texts in ((Walker(), EXPRESSIONS[:4]), (admin, EXPRESSIONS)):
        for route in [each for each in ROUTES if each.takes]:
            for body in hostile(route, texts):
                answer = walker.call(route, body)
                assert answer.status_code < 500, (name(route), body, answer.body)
    assert contents()["stock"] == before


@pytest.mark.parametrize("route", [each for each in ROUTES if each.takes], ids=name)
def test_names_of_fields_are_no_expressions_either(shop, unlimited, published, route):
    walker = Walker(X_Api_Key="admin-key-of-the-test-stage")
    for field in ("#n", ":v", "a.b", "__proto__", "price", "total", "role", "userId", "status"):
        body = body_of(route, "text") | {field: "x"}
        answer = walker.call(route, json.dumps(body).encode())
        assert answer.status_code < 500, (field, answer.body)
        if field in ("#n", ":v", "a.b", "__proto__"):
            assert answer.status_code >= 400, field


@pytest.mark.parametrize("route", WITH_ID, ids=name)
def test_an_id_with_a_separator_in_it_is_not_there(shop, unlimited, published, route):
    walker = Walker(X_Api_Key="admin-key-of-the-test-stage")
    for one in IDS:
        answer = walker.call(route, json.dumps(body_of(route, "x")).encode(), in_path=quote(one))
        assert answer.status_code in (401, 403, 404, 405), (one, answer.status_code, answer.body)


@given(st.text())
def test_an_id_holds_nothing_that_a_key_is_made_of(text):
    if is_id(text):
        assert not set(text) & set("#:/.\\ \x00\x1f%") and 0 < len(text) <= 64


def test_one_key_used_on_two_carts_is_two_calls(shop):
    """Calls are told apart by the path as it was called, not by its pattern."""
    shop.sell("mug", stock=50)
    carts = [json.loads(shop.call("POST", "/api/cart/create", {}).body)["data"]["id"]
             for _ in range(2)]  # fmt: skip
    body = {"variantId": "mug", "quantity": 1}
    answers = [
        shop.call("POST", f"/api/cart/{cart}/add", body, **{"Idempotency-Key": "one"})
        for cart in carts
    ]
    assert [json.loads(answer.body)["data"]["id"] for answer in answers] == carts
