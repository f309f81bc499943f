"""Rows 12, 18, 26 and 42: how much and how often, one table of all bounds, each tried."""

import json
import re
import time

import pytest

from chalicelib.kernel import limits, rates
from chalicelib.kernel.caller import Permission
from chalicelib.kernel.limits import By, Limit, Rate
from chalicelib.kernel.web import request as requests
from chalicelib.kernel.web.http import Access
from chalicelib.webhooks.routes import MAX_WEBHOOK_BYTES
from tests import signing, stage
from tests.security.walk import ROUTES, Walker, admin_token, body_of, name
from tests.stage import ROOT

MUTATING = [each for each in ROUTES if each.mutates and each.access is not Access.SIGNED]
# Routes that must be stricter than the general limit, and what for.
STRICT = {
    "POST /api/auth/login": limits.SIGN_IN,
    "POST /api/auth/register": limits.REGISTER,
    "POST /api/auth/refresh": limits.REFRESH,
    "POST /api/auth/verify-email": limits.VERIFY_EMAIL,
    "POST /api/auth/forgot-password": limits.FORGOT_PASSWORD,
    "POST /api/auth/reset-password": limits.RESET_PASSWORD,
    "POST /api/cart/create": limits.CART_CREATE,
    "POST /api/cart/{cart_id}/reserve": limits.RESERVE,
    "POST /api/cart/{cart_id}/checkout": limits.CHECKOUT,
    "POST /api/checkout": limits.CHECKOUT,
    "GET /api/orders/lookup": limits.ORDER_LOOKUP,
    "POST /api/admin/api-keys": limits.KEY_CREATE,
}
# What anybody may read and costs more than a page: counted by address as well.
DEAR_READS = {
    "GET /api/cart": limits.CART_READ,
    "GET /api/cart/{cart_id}": limits.CART_READ,
    "GET /api/inventory/report": limits.REPORT,
    "GET /api/orders/lookup": limits.ORDER_LOOKUP,
}
BY_NAME = {name(route): route for route in ROUTES}
NETWORK = ("198.51.100.1", "10.0.0.1", "::1", "203.0.113.7, 198.51.100.2")


@pytest.mark.parametrize("route", MUTATING, ids=name)
def test_every_change_is_counted_by_address(route):
    counted = [limit for limit in route.limits if limit.by is By.ADDRESS]
    assert counted
    assert len({limit.rate.name for limit in route.limits}) == len(route.limits)


@pytest.mark.parametrize("wanted", STRICT, ids=str)
def test_what_is_dear_or_guessable_has_a_strict_limit(wanted):
    declared = BY_NAME[wanted].limits
    assert set(STRICT[wanted]) <= set(declared)
    (general,) = limits.CHANGES
    per_second = [limit.rate.most / limit.rate.seconds for limit in declared]
    assert min(per_second) < general.rate.most / general.rate.seconds / 20


@pytest.mark.parametrize("wanted", DEAR_READS, ids=str)
def test_a_dear_read_is_counted_by_address(wanted):
    declared = BY_NAME[wanted].limits
    assert set(DEAR_READS[wanted]) <= set(declared)
    assert any(limit.by is By.ADDRESS for limit in declared)


@pytest.mark.parametrize("wanted", [*STRICT, *sorted(DEAR_READS.keys() - STRICT)], ids=str)
def test_one_call_too_many_is_told_when_to_come_back(shop, published, monkeypatch, wanted):
    route = BY_NAME[wanted]
    (limit, *_) = route.limits
    monkeypatch.setitem(vars(route), "limits", [Limit(Rate(limit.rate.name, 3, 900))])
    walker = Walker(Authorization=f"Bearer {admin_token()}") if _needs_somebody(route) else Walker()
    body = json.dumps(body_of(route, "x")).encode()
    statuses = [walker.call(route, body).status_code for _ in range(3)]
    assert 429 not in statuses
    # Whatever a header says of the address: it is the gateway's word that counts.
    for forged in NETWORK:
        headers = {"X_Forwarded_For": forged, "X_Real_Ip": forged, "Forwarded": f"for={forged}"}
        answer = walker.call(route, body, **headers)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        assert json.loads(answer.body)["code"] == "TOO_MANY_REQUESTS"


def _needs_somebody(route) -> bool:
    return route.access is Access.USER or isinstance(route.access, Permission)


def test_control_were_the_address_a_headers_word_nobody_would_be_limited(
    shop, published, monkeypatch
):
    route = BY_NAME["POST /api/cart/create"]
    few = Limit(Rate("few", 3, 900))
    believed = []

    def enforce(declared, call, *, now):
        forged = call.header("x-forwarded-for") or call.source_ip
        believed.append(forged)
        rates.spend(few.rate, rates.address(forged), now=now)

    monkeypatch.setattr(rates, "enforce", enforce)
    answers = [
        Walker().call(route, b"{}", X_Forwarded_For=f"198.51.100.{n}").status_code
        for n in range(10)
    ]
    assert set(answers) == {201}


# ---- how much -----------------------------------------------------------------------------


@pytest.mark.parametrize("route", [each for each in ROUTES if each.mutates], ids=name)
def test_a_body_over_the_bound_is_refused_unread(shop, unlimited, route):
    # What takes a permission is sent by few: a tree of categories, a list of rows for a job.
    owners = isinstance(route.access, Permission)
    assert route.most_bytes <= (2 * 1024 * 1024 if owners else 256 * 1024)
    answer = Walker(X_Api_Key="admin-key-of-the-test-stage").call(
        route, b"x" * (route.most_bytes + 1)
    )
    assert answer.status_code == 413


def test_every_list_has_a_bound_and_so_has_every_text():
    boundless = []
    for route in ROUTES:
        for wanted in filter(None, (route.takes, route.query)):
            for field, schema in _fields(wanted.model_json_schema()):
                if schema.get("type") == "array" and "maxItems" not in schema:
                    boundless.append((name(route), field))
                is_number = schema.get("type") == "integer"
                if is_number and not {"maximum", "exclusiveMaximum"} & schema.keys():
                    boundless.append((name(route), field))
    assert boundless == []


def _fields(schema, defs=None):
    defs = defs if defs is not None else schema.get("$defs", {})
    for field, one in schema.get("properties", {}).items():
        for each in one.get("anyOf", [one]):
            if "$ref" in each:
                yield from _fields(defs[each["$ref"].rpartition("/")[2]], defs)
            else:
                yield field, each


def test_no_pattern_of_ours_can_be_made_to_backtrack():
    """Each regular expression on 100,000 characters that almost match, within two seconds."""
    patterns = set()
    for path in (ROOT / "chalicelib").rglob("*.py"):
        patterns |= set(re.findall(r're\.compile\(r?"([^"]+)"', path.read_text("utf-8")))
    assert patterns
    for pattern in patterns:
        compiled = re.compile(pattern)
        for almost in ("a" * 100_000, "a@" * 50_000, "1" * 100_000 + "!", " " * 100_000):
            started = time.perf_counter()
            compiled.fullmatch(almost)
            compiled.search(almost[:10_000])
            assert time.perf_counter() - started < 2, pattern


# ---- webhooks (row 18) ----------------------------------------------------------------------


def deliver(shop, body: bytes, header: str | None = None):
    signed = header or signing.header(body, stage.SECRETS["stripe/webhook_secret"])
    return shop.call("POST", "/api/webhooks/stripe", body, **{"Stripe-Signature": signed})


def test_a_webhook_over_its_bound_is_refused_before_its_signature_is_looked_at(shop):
    assert MAX_WEBHOOK_BYTES < 256 * 1024, "with its wrapping it must fit into one message"
    assert deliver(shop, b"x" * (MAX_WEBHOOK_BYTES + 1)).status_code == 413


def test_a_webhook_as_deep_as_it_is_long_is_refused_and_harms_nothing(shop):
    for deep in (b"[" * 90_000 + b"]" * 90_000, b'{"a":' * 30_000 + b"1" + b"}" * 30_000):
        started = time.perf_counter()
        assert deliver(shop, deep).status_code == 400
        assert time.perf_counter() - started < 5


def test_the_signature_is_checked_before_anything_is_parsed(shop, monkeypatch):
    def parsed(body):
        raise AssertionError("parsed")

    monkeypatch.setattr(requests, "parse_json", parsed)
    monkeypatch.setattr("chalicelib.payments.providers.stripe.webhooks.parse_json", parsed)
    assert deliver(shop, b'{"id": "evt"}', "t=1,v1=forged").status_code == 400
