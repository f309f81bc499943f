"""Rows 31 and 36: what may be kept by whom, what is never repeated, what a failure tells."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app import app
from chalicelib.kernel import rates
from chalicelib.kernel.caller import Caller, CallerKind, Permission, Role
from chalicelib.kernel.web import auth
from chalicelib.kernel.web.http import Access, Declared, Routes, respond
from chalicelib.kernel.web.security import HEADERS
from tests.kernel.envelope import INSIDE

ROUTES = [each for each in Routes.declared if each.module.startswith("chalicelib.")]
CACHED = {
    "/api/address-forms/{country}",
    "/api/products",
    "/api/products/{slug}",
    "/api/settings",
    "/api/subscriptions/plans",
}
EVIL = "evil.example"


def filled(path: str) -> str:
    return re.sub(r"{\w+}", "nobodys", path)


def ask(shop, route: Declared, **headers: str):
    body = {} if route.mutates else None
    return shop.call(route.method, filled(route.path), body, **headers)


@pytest.fixture
def open_shop(shop, monkeypatch):
    """A shop where everybody is an admin and nobody is counted: every view is reached, also where
    the document knows that nobody comes."""
    monkeypatch.setattr("tests.answers.check", lambda *args: None)
    anybody = Caller(CallerKind.USER, "usr_any", Role.ADMIN, frozenset(Permission))
    monkeypatch.setattr(auth, "authorize", lambda request, access, *, now: anybody)
    monkeypatch.setattr(rates, "enforce", lambda *args, **named: None)
    return shop


def test_only_what_is_everybodys_may_be_kept(open_shop):
    for route in ROUTES:
        answer = ask(open_shop, route)
        kept = answer.headers["Cache-Control"]
        if route.path in CACHED and answer.status_code == 200:
            assert re.fullmatch(r"public, max-age=\d+", kept) and answer.headers["ETag"], route
        else:
            assert kept == "no-store" and "ETag" not in answer.headers, route
        assert route.path not in CACHED or route.access is Access.PUBLIC


def test_what_did_not_change_is_not_sent_again_and_is_the_same_for_everybody(shop):
    for route in CACHED - {"/api/products/{slug}"}:
        path = route.replace("{country}", "US")
        first = shop.call("GET", path)
        assert first.status_code == 200 and "Set-Cookie" not in first.headers
        again = shop.call("GET", path, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.body) == (304, b"")
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        somebody = shop.call("GET", path, Authorization="Bearer x", Cookie="refresh=y")
        assert somebody.headers["ETag"] == first.headers["ETag"]


def test_every_answer_has_the_safe_headers(shop):
    wanted = {"Permissions-Policy", "X-Content-Type-Options", "Strict-Transport-Security"}
    assert wanted <= set(HEADERS)
    for route in ROUTES:
        assert HEADERS.items() <= ask(shop, route).headers.items(), route


def test_what_a_caller_says_the_host_is_appears_nowhere(open_shop):
    answers = {
        "Host": EVIL,
        "X-Forwarded-Host": EVIL,
        "X-Forwarded-Proto": EVIL,
        "X-Original-URL": f"/{EVIL}",
        "Forwarded": f"host={EVIL}",
        "Origin": f"https://{EVIL}",
        "Referer": f"https://{EVIL}/",
    }
    for route in ROUTES:
        answer = ask(open_shop, route, **answers)
        assert EVIL not in answer.body.decode() + json.dumps(dict(answer.headers)), route


FILES = [
    "/api/cart/x.css",
    "/api/cart/nobodys.js",
    "/api/order-status/x.css",
    "/api/order-status/a%2Fb.png",
    "/api/cart/..",
    "/api/cart/%2e%2e",
]


def test_an_address_that_looks_like_a_file_is_not_there(shop):
    for path in FILES:
        answer = shop.call("GET", path)
        assert answer.status_code in (403, 404), path  # the test gateway's no route is a 403
        assert answer.headers.get("Cache-Control", "no-store") == "no-store"
        if answer.status_code == 404:
            assert answer.json_body["code"] == "NOT_FOUND", path
    assert shop.call("GET", FILES[0]).status_code == 404


def test_a_view_that_fails_says_nothing_but_its_request_id(open_shop):
    def fail(request, **path):
        raise RuntimeError("cartwright-test-users arn:aws:dynamodb secret /srv/app.py")

    for route in ROUTES:
        answer = respond(replace(route, view=fail), _raw(route), {})
        body = answer.body
        assert (answer.status_code, body["code"]) == (500, "INTERNAL_ERROR"), route
        assert body["requestId"] == answer.headers["X-Request-Id"] == "req-1"
        text = json.dumps(body)
        assert not INSIDE.search(text) and "arn:" not in text and "secret" not in text
        assert answer.headers["Cache-Control"] == "no-store"


def _raw(route: Declared):
    return SimpleNamespace(
        method=route.method,
        path=filled(route.path),
        headers={},
        query_params=None,
        uri_params=None,
        raw_body=b"",
        context={"requestId": "req-1", "identity": {"sourceIp": "203.0.113.7"}},
    )


def test_a_door_that_can_not_decide_lets_nobody_in(shop, monkeypatch):
    """Fails closed: credentials that cannot be checked are no leave."""

    def down(bearer, api_key, *, now):
        raise RuntimeError("out of reach")

    monkeypatch.setattr(auth, "_identify", down)
    answer = shop.call("GET", "/api/user/profile", Authorization="Bearer x")
    assert answer.status_code == 500
    assert shop.call("GET", "/api/user/profile").status_code == 401


def test_debugging_is_off():
    assert app.debug is False
