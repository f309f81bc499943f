"""The same call with the same key: done once, answered the same, whatever became of the first."""

import hashlib
import json
from types import SimpleNamespace
from typing import Any

import pytest
from chalice.app import Response

from chalicelib.kernel import clock, errors
from chalicelib.kernel.caller import ROLE_PERMISSIONS, Caller, CallerKind, Role
from chalicelib.kernel.db import scanning
from chalicelib.kernel.web import auth, idempotency
from chalicelib.kernel.web.http import Access, Answer, Declared, respond
from chalicelib.kernel.web.idempotency import RUN_SECONDS, CallItem
from tests.faults.shim import Crash, Point, Shim
from tests.kernel.lost import reply_lost

KEY = {"idempotency-key": "order-1"}


@pytest.fixture(autouse=True)
def staged(tables, monkeypatch):
    """A stage that takes a user's name for their token."""

    def identify(bearer, api_key, *, now):
        return Caller(CallerKind.USER, bearer, Role.USER, ROLE_PERMISSIONS[Role.USER])

    monkeypatch.setattr(auth, "_identify", identify)


class Deeds:
    """A view that counts how often it ran, under which names, and answers how often."""

    def __init__(self, then: Any = None) -> None:
        self.operations: list[str] = []
        self.then = then

    def __call__(self, request: Any, **path: str) -> Answer:
        self.operations.append(request.operation)
        if self.then:
            return self.then(request)
        return Answer({"count": len(self.operations)}, status=201)

    @property
    def times(self) -> int:
        return len(self.operations)


def call(
    view: Any,
    body: Any = None,
    *,
    path: str = "/api/things",
    route: str | None = None,
    access: Access = Access.PUBLIC,
    address: str = "203.0.113.7",
    method: str = "POST",
    says: dict | None = None,
    **headers: str,
) -> Response:
    """One call, as Chalice hands it over."""
    request = SimpleNamespace(
        method=method,
        path=path,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        query_params=None,
        uri_params=None,
        raw_body=json.dumps(body or {}).encode(),
        context={"requestId": f"req-{len(getattr(view, 'operations', []))}"}
        | {"identity": {"sourceIp": address}},
    )
    says = {"idempotent": method != "GET", **(says or {})}
    return respond(
        Declared(method, route or path, "view", __name__, access, **says), view, request, {}
    )


def told(response: Response) -> Any:
    """An answer as it travels."""
    text = response.body if isinstance(response.body, str) else json.dumps(response.body)
    return response.status_code, json.loads(text)


def keyed(view: Any, body: Any = None, key: str = "order-1", **named: Any) -> Response:
    return call(view, body, **{**named, "idempotency-key": key})


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
        assert told(each) == told(first)
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
    status, body = told(keyed(view, {"a": 2}))
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
    status, body = told(keyed(view, key=key))
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


# ---- what is kept -----------------------------------------------------------------------


def failing(error: Exception) -> Any:
    def fail(request: Any) -> Answer:
        raise error

    return fail


def test_a_refusal_is_an_answer_too():
    view = Deeds(failing(errors.Conflict()))
    first, again = keyed(view), keyed(view)
    assert told(first) == told(again) and view.times == 1
    assert first.status_code == 409


@pytest.mark.parametrize(
    "error",
    [errors.Unavailable(), errors.ProviderFailed(), errors.TooMany(), RuntimeError("a bug")],
    ids=lambda error: type(error).__name__,
)
def test_what_may_go_better_next_time_is_not_kept(error):
    view = Deeds(failing(error))
    failed = keyed(view).status_code
    assert failed >= 429
    view.then = None
    assert keyed(view).status_code == 201
    assert len(set(view.operations)) == 1, "the second try knows that it is one"


def test_a_secret_that_is_shown_once_is_not_kept():
    view = Deeds(lambda request: Answer({"key": "hush"}, replay={"key": None}))
    assert told(keyed(view))[1]["data"] == {"key": "hush"}
    assert told(keyed(view))[1]["data"] == {"key": None}
    assert "hush" not in rows()


def test_a_route_that_answers_tokens_keeps_nothing_at_all():
    view = Deeds(lambda request: Answer({"token": "hush"}))
    for _ in range(2):
        keyed(view, says={"idempotent": False, "because": "tokens"})
    assert view.times == 2 and len(set(view.operations)) == 1
    assert not list(scanning.everything(CallItem))


def test_the_table_does_not_help_to_guess_what_was_sent():
    body = {"password": "Tr0ub4dor&3"}
    keyed(Deeds(), body, key="a key that only the caller knows")
    (kept,) = scanning.everything(CallItem)
    sent = json.dumps(body).encode()
    for guess in (sent, b"\x1f[]\x1f" + sent):
        assert hashlib.sha256(guess).hexdigest() != kept.body_digest
    assert "only the caller" not in rows() and "dor&3" not in rows()


def test_cookies_are_not_kept_and_the_way_on_is():
    headers = {"Set-Cookie": "refresh=hush", "Location": "/y"}
    view = Deeds(lambda request: Answer("", status=303, headers=headers, bare=True))
    assert keyed(view).headers["Set-Cookie"] == "refresh=hush"
    again = keyed(view)
    assert "Set-Cookie" not in again.headers
    assert (again.status_code, again.headers["Location"], again.body) == (303, "/y", "")


def test_an_answer_is_kept_for_a_day():
    view = Deeds()
    keyed(view)
    clock.shift(idempotency.KEPT_SECONDS - 60)
    assert keyed(view).headers["Idempotency-Replayed"] == "true"
    clock.shift(idempotency.KEPT_SECONDS + 60)
    assert "Idempotency-Replayed" not in keyed(view).headers
    assert view.times == 2


def test_what_was_answered_to_somebody_can_be_forgotten():
    view = Deeds(lambda request: Answer({"email": "anna@shop.test"}))
    keyed(view, authorization="Bearer anna")
    keyed(view, authorization="Bearer bert")
    assert idempotency.forget("user:anna") == 1
    assert [item.caller for item in scanning.everything(CallItem)] == ["user:bert"]
    assert idempotency.forget("user:anna") == 0


def kept_as_before() -> None:
    """Keep the one answer that is there in a map, as it was before answers were packed."""
    (item,) = scanning.everything(CallItem)
    answer = json.loads(item.packed)
    item.update([CallItem.packed.remove(), CallItem.answer.set(answer)])


def test_an_answer_that_was_kept_before_answers_were_packed_is_answered_still():
    view = Deeds()
    first = keyed(view, authorization="Bearer anna")
    kept_as_before()
    again = keyed(view, authorization="Bearer anna")
    assert (told(again), again.headers["Idempotency-Replayed"]) == (told(first), "true")
    assert view.times == 1


def test_it_can_be_forgotten_too():
    keyed(Deeds(), authorization="Bearer anna")
    kept_as_before()
    assert idempotency.forget("user:anna") == 1


# ---- crashes, timeouts, lost replies ----------------------------------------------------


def crashed(view: Any, point: Point) -> None:
    with Shim(crash=point), pytest.raises(Crash):
        keyed(view)


def test_a_call_that_died_before_it_claimed_is_simply_done():
    view = Deeds()
    crashed(view, Point(0, after=False))
    assert view.times == 0
    assert keyed(view).status_code == 201


def test_a_call_that_died_at_work_is_waited_for_and_then_taken_over():
    view = Deeds()
    crashed(view, Point(1, after=False))  # it acted; its answer was not written
    waiting = keyed(view)
    status, body = told(waiting)
    assert (status, body["code"]) == (409, "IDEMPOTENCY_IN_PROGRESS")
    assert 1 <= int(waiting.headers["Retry-After"]) <= RUN_SECONDS
    assert view.times == 1

    clock.shift(RUN_SECONDS + 1)
    taken = keyed(view)
    assert taken.status_code == 201 and view.times == 2
    assert len(set(view.operations)) == 1, "the second run can find what the first one did"
    assert told(keyed(view)) == told(taken)


def test_a_call_that_died_after_its_answer_was_kept_is_answered():
    view = Deeds()
    crashed(view, Point(1, after=True))
    assert keyed(view).headers["Idempotency-Replayed"] == "true"
    assert view.times == 1


def test_a_call_that_died_is_not_taken_over_with_another_body():
    view = Deeds()
    with Shim(crash=Point(1, after=False)), pytest.raises(Crash):
        keyed(view, {"a": 1})
    clock.shift(RUN_SECONDS + 1)
    assert told(keyed(view, {"a": 2}))[1]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert view.times == 1


def test_a_run_that_was_taken_over_does_not_write_over_the_other_ones_answer():
    def slow(request: Any) -> Answer:
        clock.shift(RUN_SECONDS + 1)
        keyed(Deeds(lambda request: Answer("the second")))
        return Answer("the first")

    assert told(keyed(Deeds(slow)))[1]["data"] == "the first"
    assert told(keyed(Deeds()))[1]["data"] == "the second"


def test_a_slow_run_that_failed_does_not_give_up_the_other_ones_claim():
    def slow(request: Any) -> Answer:
        clock.shift(RUN_SECONDS + 1)
        keyed(Deeds(lambda request: Answer("the second")))
        raise errors.Unavailable()

    assert keyed(Deeds(slow)).status_code == 503
    assert told(keyed(Deeds()))[1]["data"] == "the second"


@pytest.mark.parametrize(("operation", "after"), [("PutItem", 0), ("UpdateItem", 0)])
def test_a_lost_reply_of_the_table_is_no_second_call(operation, after):
    view = Deeds()
    with reply_lost(operation, after=after) as sent:
        assert keyed(view).status_code == 201
    assert len(sent) == 2 and view.times == 1
    assert keyed(view).headers["Idempotency-Replayed"] == "true"


def test_when_the_answer_can_not_be_kept_it_is_still_told(monkeypatch):
    def broken(*args: Any, **named: Any) -> Any:
        raise errors.Unavailable()

    view = Deeds()
    with monkeypatch.context() as broken_table:
        broken_table.setattr(idempotency.dynamo, "update", broken)
        assert keyed(view).status_code == 201
    assert keyed(view).status_code == 409, "nobody knows yet that it is done"
    clock.shift(RUN_SECONDS + 1)
    assert keyed(view).status_code == 201 and len(set(view.operations)) == 1


def test_when_it_can_not_be_claimed_it_is_not_done(monkeypatch):
    def broken(*args: Any, **named: Any) -> Any:
        raise errors.Unavailable()

    monkeypatch.setattr(idempotency.dynamo, "put", broken)
    view = Deeds()
    assert (keyed(view).status_code, view.times) == (503, 0)


def test_a_claim_outlives_every_run():
    from tests.stage import ROOT

    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    for name, stage in config["stages"].items():
        seconds = stage["lambda_functions"]["api_handler"]["lambda_timeout"]
        assert seconds < RUN_SECONDS, name


def rows() -> str:
    """Everything that is kept, as text."""
    return repr([item.attribute_values for item in scanning.everything(CallItem)])
