"""The same call with the same key, by the same caller, is done once and answered the same."""

import pytest

from chalicelib.kernel.web import idempotency
from chalicelib.kernel.web.http import Access
from tests.kernel.deeds import Deeds, as_sent, call, keyed

pytestmark = pytest.mark.usefixtures("named_users")


def test_without_a_key_every_call_is_its_own():
    view = Deeds()
    assert [call(view).status_code for _ in range(3)] == [201, 201, 201]
    assert view.times == 3 and len(set(view.operations)) == 3


def test_the_same_call_again_is_answered_the_same_and_not_done():
    view = Deeds()
    first, *again = (keyed(view, {"a": 1}) for _ in range(3))
    assert view.times == 1
    assert "Idempotency-Replayed" not in first.headers
    for each in again:
        assert as_sent(each) == as_sent(first)
        assert each.headers["Idempotency-Replayed"] == "true"
        assert each.headers["Cache-Control"] == "no-store"


def test_control_without_the_wrapper_it_is_done_each_time(monkeypatch):
    monkeypatch.setattr(idempotency, "answered", lambda request, caller, run, *, now: run()[0])
    view = Deeds()
    for _ in range(3):
        keyed(view)
    assert view.times == 3


def test_another_body_under_the_same_key_is_refused():
    view = Deeds()
    keyed(view, {"a": 1})
    status, body = as_sent(keyed(view, {"a": 2}))
    assert (status, body["code"], view.times) == (422, "IDEMPOTENCY_KEY_REUSED", 1)


def test_another_key_path_or_method_is_another_call():
    view = Deeds()
    keyed(view)
    keyed(view, key="order-2")
    keyed(view, path="/api/others")
    keyed(view, method="PUT")
    assert view.times == 4 and len(set(view.operations)) == 4


@pytest.mark.parametrize("key", ["", "a" * 129, "a\tb", "naïve", "a\nb", "\x7f"], ids=repr)
def test_a_key_that_is_none_is_refused(key):
    view = Deeds()
    status, body = as_sent(keyed(view, key=key))
    assert (status, body["code"], view.times) == (400, "IDEMPOTENCY_KEY_INVALID", 0)


def test_a_call_that_reads_needs_no_key_and_looks_at_none():
    view = Deeds()
    assert [keyed(view, method="GET").status_code for _ in range(2)] == [201, 201]
    assert view.times == 2


# ---- whose key it is --------------------------------------------------------------------


def test_nobody_gets_the_answer_that_was_given_to_somebody_else():
    view = Deeds()
    ways = [
        {"authorization": "Bearer anna"},
        {"authorization": "Bearer bert"},
        {},
        {"address": "198.51.100.1"},
        {"user_agent": "another browser"},
        {"x_order_token": "another order"},
    ]
    for way in ways:
        assert "Idempotency-Replayed" not in keyed(view, **way).headers, way
    assert view.times == len(set(view.operations)) == len(ways)
    for way in ways:
        assert keyed(view, **way).headers["Idempotency-Replayed"] == "true"
    assert view.times == len(ways)


def test_where_the_path_is_the_secret_it_does_not_matter_where_one_calls_from():
    view = Deeds()
    here = {"path": "/api/cart/crt_a/add", "route": "/api/cart/{cart_id}/add"}
    keyed(view, access=Access.HOLDER, **here)
    moved = keyed(view, access=Access.HOLDER, address="198.51.100.1", user_agent="b", **here)
    assert moved.headers["Idempotency-Replayed"] == "true" and view.times == 1
    keyed(view, access=Access.HOLDER, **{**here, "path": "/api/cart/crt_b/add"})
    assert view.times == 2


def test_making_a_cart_is_no_path_that_is_a_secret():
    view = Deeds()
    keyed(view, path="/api/cart/create")
    keyed(view, path="/api/cart/create", address="198.51.100.1")
    assert view.times == 2
