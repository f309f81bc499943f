"""HEAD: every GET route has it, it answers what GET would without the body, and does nothing."""

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.client import BaseClient

from app import app
from chalicelib.kernel.messaging import events
from chalicelib.kernel.web.http import Access, Answer, Declared, respond
from tests import factory, stage
from tests.accounts import people
from tests.security.walk import ROUTES

READS = [route for route in ROUTES if route.method == "GET"]
EMAIL = "ada@shop.test"
# What counts calls and refusals may count a HEAD as well.
COUNTERS = ("-rates", "-signals", "-allowances")
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "Publish"}
# Of the moment or of the call alone.
_OF_THE_CALL = {"x-request-id"}


@pytest.fixture
def done(monkeypatch) -> list[str]:
    """The writes and messages that calls make, past what only counts."""
    made: list[str] = []
    real = BaseClient._make_api_call

    def call(client: BaseClient, name: str, request: dict[str, Any]) -> Any:
        text = json.dumps(request, default=str)
        if name in WRITES or name.startswith("Send"):
            counts = name == "UpdateItem" and request["TableName"].endswith(COUNTERS)
            made.extend([] if counts else [f"{name} {text[:200]}"])
        return real(client, name, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return made


def headers_of(answer: Any) -> dict[str, str]:
    return {name: text for name, text in answer.headers.items() if name.lower() not in _OF_THE_CALL}


def test_every_get_route_has_a_head_and_nothing_else_has():
    gets = {path for path, methods in app.routes.items() if "GET" in methods}
    assert gets == {path for path, methods in app.routes.items() if "HEAD" in methods}
    assert len(gets) > 30


@pytest.mark.parametrize("route", READS, ids=lambda route: route.path)
def test_head_answers_as_get_does_without_a_body_and_writes_nothing(shop, done, route):
    path = re.sub(r"\{.*?\}", "thing_1", route.path)
    head = shop.call("HEAD", path)
    assert (head.body, done) == (b"", [])
    if route.effects:
        assert head.status_code == route.status
        return
    got = shop.call("GET", path)
    assert head.status_code == got.status_code
    assert headers_of(head) == headers_of(got)


def test_head_of_what_is_there_has_its_tag_and_knows_it_again(shop):
    shop.sell("mug", stock=3)
    got, head = (
        shop.call("GET", "/api/products/slug-mug"),
        shop.call("HEAD", "/api/products/slug-mug"),
    )
    assert (got.status_code, head.status_code, head.body) == (200, 200, b"")
    assert headers_of(head) == headers_of(got)
    tag = {"If-None-Match": head.headers["ETag"]}
    assert shop.call("HEAD", "/api/products/slug-mug", **tag).status_code == 304


def test_head_opens_no_more_than_get_does(shop):
    cart = factory.cart_with({})
    assert shop.call("HEAD", f"/api/cart/{cart}").status_code == 200
    for path in ("/api/user/profile", "/api/admin/users", "/api/orders"):
        assert shop.call("HEAD", path).status_code == 401
    assert shop.call("HEAD", "/api/settings", Authorization="Basic x").status_code == 200


def test_nothing_is_written_for_somebody_who_is_signed_in_either(shop, done):
    people.register()
    users = {"Authorization": f"Bearer {people.sign_in().access_token}"}
    for who in (users, {"X-Api-Key": stage.SECRETS["admin/key"]}):
        for route in READS:
            path = re.sub(r"\{.*?\}", "thing_1", route.path)
            done.clear()
            head = shop.call("HEAD", path, **who)
            assert (head.body, done) == (b"", []), path
            got = shop.call("GET", path, **who)
            shown = (got.status_code, headers_of(got))
            assert route.effects or (head.status_code, headers_of(head)) == shown, path


def test_control_a_get_of_one_s_own_cart_makes_one(shop, done):
    people.register()
    users = {"Authorization": f"Bearer {people.sign_in().access_token}"}
    done.clear()
    assert shop.call("GET", "/api/cart", **users).status_code == 200
    assert len(done) == 1


def test_a_look_up_by_head_mails_nothing_and_spends_no_try(shop, monkeypatch):
    published: list[Any] = []
    monkeypatch.setattr(events, "publish", published.append)
    path = f"/api/orders/lookup?number=20260101ABCDEFGHJKMN&email={EMAIL}"
    for _ in range(30):
        assert shop.call("HEAD", path).status_code == 202
    assert published == []
    assert shop.call("GET", path).status_code == 202
    assert len(published) == 1


@pytest.mark.parametrize(("effects", "runs"), [(True, 0), (False, 1)], ids=["said", "control"])
def test_only_a_view_that_says_it_has_effects_is_left_alone(tables, effects, runs):
    ran: list[str] = []

    def view(request: Any) -> Answer:
        return Answer(ran.append(request.method))

    route = Declared("GET", "/x", view, __name__, Access.PUBLIC, effects=effects)
    asked = SimpleNamespace(
        method="HEAD", path="/x", headers={}, query_params=None, uri_params=None, raw_body=b"",
        context={"requestId": "req-1", "identity": {"sourceIp": "203.0.113.7"}},
    )  # fmt: skip
    respond(route, asked, {})
    assert len(ran) == runs


def test_a_page_elsewhere_may_ask_by_head(shop, monkeypatch):
    monkeypatch.setattr("chalicelib.kernel.web.cors.allowed_origins", lambda: {"https://a.test"})
    head = shop.call("HEAD", "/api/settings", Origin="https://a.test")
    assert head.headers["Access-Control-Allow-Origin"] == "https://a.test"
    asked = {"Origin": "https://a.test", "Access-Control-Request-Method": "HEAD"}
    preflight = shop.call("OPTIONS", "/api/settings", **asked)
    assert "HEAD" in preflight.headers["Access-Control-Allow-Methods"]
