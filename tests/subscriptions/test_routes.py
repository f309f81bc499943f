"""Subscriptions over HTTP: who may, what is refused, what is shown."""

import pytest

from chalicelib.kernel.ids import token
from chalicelib.subscriptions import changing, tables
from tests import stage
from tests.subscriptions.world import MONTH, OFF, YEAR

BASE = "/api/subscriptions"


@pytest.fixture
def signed_in(subs, ada):
    return subs.token(ada)


def data(answer):
    assert answer.status_code == 200, answer.body
    return answer.json_body["data"]


def post(subs, path, body=None, **headers):
    return subs.shop.call("POST", path, body or {}, **{"Idempotency-Key": token(), **headers})


def test_the_plans_are_everybodys(subs):
    plans = data(subs.shop.call("GET", f"{BASE}/plans"))["items"]
    assert [plan["id"] for plan in plans] == [MONTH, YEAR]
    assert plans[0] == {
        "id": MONTH,
        "name": "Tea each month",
        "price": {"amount": 900, "currency": "USD"},
        "interval": "month",
        "intervalCount": 1,
    }


def test_the_plans_are_told_in_ones_language_and_currency(subs):
    answer = subs.shop.call("GET", f"{BASE}/plans?currency=JPY", **{"Accept-Language": "zh-CN"})
    (plan,) = data(answer)["items"]
    assert (plan["name"], plan["price"]) == ("每月一茶", {"amount": 1300, "currency": "JPY"})


def test_a_currency_that_is_none_is_refused(subs):
    assert subs.shop.call("GET", f"{BASE}/plans?currency=x").status_code == 422


def test_a_subscriptions_way_over_http(subs, ada, signed_in):
    begun = data(post(subs, BASE, {"planId": MONTH}, **signed_in))
    assert (begun["status"], begun["planId"]) == ("INCOMPLETE", MONTH)
    assert begun["url"].startswith("http")
    subs.hear(subs.pay(subs.of(ada)[0]))
    (shown,) = data(subs.shop.call("GET", BASE, **signed_in))["items"]
    assert (shown["id"], shown["status"], shown["url"]) == (begun["id"], "ACTIVE", None)
    assert [each["status"] for each in shown["invoices"]] == ["PAID"]
    path = f"{BASE}/{begun['id']}"
    changed = data(post(subs, f"{path}/change", {"planId": YEAR}, **signed_in))
    assert (changed["planId"], changed["interval"], changed["price"]["amount"]) == (
        YEAR, "year", 9000,
    )  # fmt: skip
    assert data(post(subs, f"{path}/cancel", **signed_in))["cancelAtPeriodEnd"] is True
    assert data(post(subs, f"{path}/resume", **signed_in))["cancelAtPeriodEnd"] is False


def test_the_same_call_again_is_answered_the_same(subs, signed_in):
    key = {"Idempotency-Key": token()}
    first = subs.shop.call("POST", BASE, {"planId": MONTH}, **signed_in, **key)
    again = subs.shop.call("POST", BASE, {"planId": MONTH}, **signed_in, **key)
    assert data(first) == data(again)
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", BASE), ("POST", BASE)]
    + [("POST", f"{BASE}/sub_x/{deed}") for deed in ("cancel", "resume", "change")],
)
def test_a_guest_has_none(subs, method, path):
    answer = subs.shop.call(method, path, {"planId": MONTH} if method == "POST" else None)
    assert answer.status_code == 401


@pytest.mark.parametrize("deed", ["cancel", "resume", "change"])
def test_somebody_elses_is_not_there(subs, ada, deed):
    active = subs.active(ada)
    bob = subs.token(subs.person("bob"))
    body = {"planId": YEAR} if deed == "change" else {}
    theirs = post(subs, f"{BASE}/{active.subscription_id}/{deed}", body, **bob)
    nobodys = post(subs, f"{BASE}/sub_none/{deed}", body, **bob)
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json_body["code"] == nobodys.json_body["code"] == "SUBSCRIPTION_NOT_FOUND"
    assert data(subs.shop.call("GET", BASE, **bob))["items"] == []
    assert subs.read(active) == active


def test_control_where_nobody_looks_whose_it_is_it_is_seen(subs, ada, monkeypatch):
    active = subs.active(ada)
    bob = subs.token(subs.person("bob"))
    monkeypatch.setattr(changing, "read_for", lambda found, user_id: tables.read(found))
    answer = post(subs, f"{BASE}/{active.subscription_id}/cancel", **bob)
    assert answer.status_code == 200
    assert subs.read(active).ends is True


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"planId": "none"}, 404, "PLAN_NOT_FOUND"),
        ({"planId": OFF}, 409, "PLAN_NOT_SOLD"),
        ({"planId": YEAR, "currency": "JPY"}, 409, "PRICE_UNAVAILABLE"),
    ],
)
def test_what_is_not_sold_is_refused_by_name(subs, signed_in, body, status, code):
    answer = post(subs, BASE, body, **signed_in)
    assert (answer.status_code, answer.json_body["code"]) == (status, code)
    assert subs.at_stripe("sessions") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"planId": 5},
        {"planId": "../x"},
        {"planId": MONTH, "price": 1},
        {"planId": MONTH, "currency": "usd"},
        {"planId": MONTH, "userId": "usr_other"},
        [MONTH],
    ],
)
def test_a_body_that_is_none_is_refused(subs, signed_in, body):
    assert post(subs, BASE, body, **signed_in).status_code == 422
    assert subs.sandbox.requests() == []


def test_a_provider_that_is_down_says_to_come_again(subs, signed_in):
    subs.sandbox.fault("checkout.sessions.create", "503", times=2)
    answer = post(subs, BASE, {"planId": MONTH}, **signed_in)
    assert (answer.status_code, answer.json_body["code"]) == (503, "PROVIDER_BUSY")
    assert int(answer.headers["Retry-After"]) > 0
    assert data(post(subs, BASE, {"planId": MONTH}, **signed_in))["url"]


def test_what_is_not_paid_can_not_be_changed_over_http(subs, signed_in):
    begun = data(post(subs, BASE, {"planId": MONTH}, **signed_in))
    answer = post(subs, f"{BASE}/{begun['id']}/change", {"planId": YEAR}, **signed_in)
    assert (answer.status_code, answer.json_body["code"]) == (409, "SUBSCRIPTION_NOT_ACTIVE")


def test_who_manages_users_sees_their_subscriptions(subs, ada, signed_in):
    active = subs.active(ada)
    path = f"/api/admin/users/{ada.user_id}/subscriptions"
    owner = {"X-Api-Key": stage.SECRETS["admin/key"]}
    (shown,) = data(subs.shop.call("GET", path, **owner))["items"]
    assert (shown["id"], shown["status"]) == (active.subscription_id, "ACTIVE")
    assert subs.shop.call("GET", path, **signed_in).status_code == 403
    assert subs.shop.call("GET", path).status_code == 401
