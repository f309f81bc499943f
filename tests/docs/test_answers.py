"""Whoever calls the API in a test has each answer held against the document."""

import json

import pytest

from tests import answers


@pytest.fixture
def answered(shop):
    """A cart's answer, and its operation."""
    answer = shop.call("POST", "/api/cart/create", {})
    return answers.operation_of("POST", "/api/cart/create"), json.loads(answer.body)


def check(operation, status, body):
    answers.check_answer(operation, status, json.dumps(body).encode(), "the call")


def test_an_answer_as_documented_is_let_through(answered):
    operation, body = answered
    check(operation, 201, body)


def test_a_status_that_is_not_documented_fails(answered):
    operation, body = answered
    with pytest.raises(answers.Undocumented, match="answered 418"):
        check(operation, 418, body)


def test_a_field_too_many_fails(answered):
    operation, body = answered
    body["data"]["passwordHash"] = "$argon2id$"
    with pytest.raises(answers.Undocumented, match="passwordHash"):
        check(operation, 201, body)


def test_a_field_too_few_fails(answered):
    operation, body = answered
    del body["data"]["subtotal"]
    with pytest.raises(answers.Undocumented, match="subtotal"):
        check(operation, 201, body)


def test_an_error_of_an_unknown_code_fails(shop):
    answer = shop.call("GET", "/api/cart/no-such-cart")
    body = json.loads(answer.body) | {"code": "MADE_UP"}
    with pytest.raises(answers.Undocumented, match="code"):
        check(answers.operation_of("GET", "/api/cart/no-such-cart"), 404, body)


def test_the_shop_of_the_tests_is_held_against_the_document(shop, monkeypatch):
    monkeypatch.delitem(answers.operation_of("GET", "/health")["responses"], "200")
    with pytest.raises(answers.Undocumented, match="GET /health answered 200"):
        shop.call("GET", "/health")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/cart/some-id", "readCart"),
        ("/api/cart/some-id/", None),
        ("/api/products", "products"),
        ("/api/products/slug", "product"),
        ("/api/openapi.json", None),
        ("/nowhere", None),
    ],
)
def test_a_path_leads_to_its_operation(path, name):
    found = answers.operation_of("GET", path)
    assert (found and found["operationId"]) == name
