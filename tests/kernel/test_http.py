"""The edge: who may call is declared, every answer has its headers, and no error slips through."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from pynamodb.exceptions import QueryError

from chalicelib.kernel import errors
from chalicelib.kernel.caller import Permission
from chalicelib.kernel.web.http import STATUS, Access, Answer, Declared, Routes, respond
from chalicelib.kernel.web.schema import MoneyAnswer
from chalicelib.kernel.web.security import HEADERS
from tests.kernel.envelope import INSIDE, refused
from tests.loading import run_every_module


@pytest.fixture(autouse=True)
def staged(tables):
    """A stage, whose settings the edge logs with."""


def call(
    view: Any,
    *,
    access: Access | Permission = Access.PUBLIC,
    method: str = "GET",
    path: dict | None = None,
    says: dict | None = None,
    **headers: str,
):
    """Run a view at the edge, as Chalice does for an HTTP request."""
    request = SimpleNamespace(
        method=method,
        path="/x",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        query_params=None,
        uri_params=None,
        raw_body=b"",
        context={"requestId": "req-1", "identity": {"sourceIp": "203.0.113.7"}},
    )
    route = Declared(method, "/x", view, __name__, access, **{"most_bytes": 1000, **(says or {})})
    answer = respond(route, request, path or {})
    body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    return SimpleNamespace(
        status_code=answer.status_code,
        headers=answer.headers,
        body=body.encode(),
        json_body=answer.body,
    )


def failing(error: Exception):
    def view(request: Any) -> Answer:
        raise error

    return view


@pytest.mark.parametrize("access", [None, "public", True, "anybody"], ids=repr)
def test_a_route_that_does_not_declare_who_may_call_it_does_not_start(access):
    routes = Routes("test")
    for method in (routes.get, routes.post, routes.put, routes.delete):
        with pytest.raises(TypeError, match="must declare who may call"):
            method("/x", access=access)
        with pytest.raises(TypeError):
            method("/x")


def test_every_route_of_the_app_went_through_the_edge():
    from app import app

    views = [
        view
        for methods in app.routes.values()
        for method, view in methods.items()
        if method != "OPTIONS"
    ]
    assert len(views) > 10
    for entry in views:
        assert entry.view_function.__qualname__.startswith("Routes._register"), entry.uri_pattern


def test_what_goes_well_is_told_in_the_envelope():
    answer = call(lambda request: Answer({"a": 1}))
    body = answer.json_body
    assert answer.status_code == 200
    assert body.pop("timestamp") > 1_700_000_000_000
    assert body == {"success": True, "code": "SUCCESS", "message": "Done.", "data": {"a": 1}}
    assert HEADERS.items() <= answer.headers.items()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"] == "req-1"


def test_an_answers_own_shape_is_written_in_camel_case():
    answer = call(lambda request: Answer(MoneyAnswer(amount=1, currency="USD"), status=201))
    assert (answer.status_code, answer.json_body["data"]) == (201, {"amount": 1, "currency": "USD"})


def test_the_language_is_the_one_asked_for():
    answer = call(lambda request: Answer(request.locale), accept_language="zh-CN")
    assert answer.json_body["data"] == answer.headers["Content-Language"] == "zh-CN"
    assert answer.json_body["message"] != "Done."


def test_the_callers_address_is_the_gateways_word_not_a_headers():
    answer = call(lambda request: Answer(request.source_ip), x_forwarded_for="198.51.100.1")
    assert answer.json_body["data"] == "203.0.113.7"


def test_a_request_without_an_id_gets_one():
    request = SimpleNamespace(
        method="GET",
        path="/x",
        headers=None,
        query_params=None,
        uri_params=None,
        raw_body=None,
        context={},
    )
    route = Declared("GET", "/x", lambda request: Answer(1), __name__, Access.PUBLIC)
    first, second = (respond(route, request, {}) for _ in range(2))
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"] != ""


def public(data: Any):
    return lambda request: Answer(data, public_seconds=5)


def test_a_public_answer_may_be_kept_and_asked_about_again():
    first = call(public({"a": 1}))
    assert first.headers["Cache-Control"] == "public, max-age=5"
    tag = first.headers["ETag"]
    assert call(public({"a": 1})).headers["ETag"] == tag, "the timestamp is not in it"
    again = call(public({"a": 1}), if_none_match=tag)
    assert (again.status_code, again.body) == (304, b"")
    assert again.headers["ETag"] == tag and HEADERS.items() <= again.headers.items()


def test_other_data_or_another_language_is_another_answer():
    tag = call(public({"a": 1})).headers["ETag"]
    assert call(public({"a": 2}), if_none_match=tag).status_code == 200
    assert call(public({"a": 1}), if_none_match=tag, accept_language="zh").status_code == 200


def test_a_personal_answer_has_no_tag():
    answer = call(lambda request: Answer({"a": 1}), if_none_match="*")
    assert "ETag" not in answer.headers and answer.status_code == 200


def test_a_bare_answer_has_no_envelope_but_all_headers():
    answer = call(lambda request: Answer("", status=303, headers={"Location": "/y"}, bare=True))
    assert (answer.status_code, answer.body) == (303, b"")
    assert answer.headers["Location"] == "/y" and HEADERS.items() <= answer.headers.items()


@pytest.mark.parametrize("kind", list(STATUS), ids=lambda kind: kind.__name__)
def test_each_category_of_error_has_its_status(kind):
    error = kind(limit=1, expected="x", name="x", currency="USD", minutes=1)
    answer = call(failing(error))
    refused(answer, STATUS[kind], kind.code)
    retry = answer.headers.get("Retry-After")
    assert retry == (None if kind.retry_after is None else str(kind.retry_after))


def test_every_error_of_the_shop_has_a_status():
    run_every_module()

    def walk(kind):
        return {kind}.union(*(walk(inner) for inner in kind.__subclasses__()))

    for kind in walk(errors.ShopError) - {errors.ShopError}:
        if kind.__module__.startswith("chalicelib"):
            assert set(kind.__mro__) & set(STATUS), f"{kind} would be told as 500"


def test_the_closest_category_decides():
    assert call(failing(errors.ProviderBusy())).status_code == 503


@pytest.mark.parametrize(
    "error",
    [
        KeyError("cartwright-test-orders"),
        RuntimeError("sk_test_hidden"),
        errors.StaleState("botocore"),
        ClientError({"Error": {"Code": "ValidationException", "Message": "pynamodb"}}, "GetItem"),
        RecursionError(),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_bug_is_told_as_nothing_but_its_request_id(error):
    answer = call(failing(error))
    body = refused(answer, 500, "INTERNAL_ERROR")
    assert body["requestId"] == "req-1" and body["errors"] == []
    assert not INSIDE.search(answer.body.decode()) and "hidden" not in answer.body.decode()


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem"),
        ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "GetItem"),
        ClientError({"Error": {"Code": "InternalServerError"}}, "GetItem"),
        ReadTimeoutError(endpoint_url="dynamodb"),
        EndpointConnectionError(endpoint_url="dynamodb"),
        QueryError(cause=ClientError({"Error": {"Code": "RequestLimitExceeded"}}, "Query")),
        QueryError(cause=ReadTimeoutError(endpoint_url="dynamodb")),
    ],
    ids=repr,
)
def test_a_dependency_that_is_down_is_told_as_one_to_ask_again(error):
    answer = call(failing(error))
    refused(answer, 503, "UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"


def test_an_answer_that_can_not_be_made_is_a_bug_not_a_crash():
    answer = call(lambda request: Answer(object(), public_seconds=5))
    refused(answer, 500, "INTERNAL_ERROR")


@pytest.mark.parametrize("value", ["", "..", "a/b", "a b", "é", "a" * 65, "a\n"], ids=repr)
def test_a_path_that_is_no_id_never_reaches_the_view(value):
    def view(request: Any, name: str) -> Answer:
        raise AssertionError("reached")

    refused(call(view, path={"name": value}), 404, "NOT_FOUND")


def reached(request: Any) -> Answer:
    return Answer("reached")
