"""What is kept of a call with a key: its answer, for a day, and nothing that is secret."""

import hashlib
import json
from typing import Any

import pytest

from chalicelib.kernel import clock, errors
from chalicelib.kernel.db import scanning
from chalicelib.kernel.tables import CallItem
from chalicelib.kernel.web import idempotency
from chalicelib.kernel.web.http import Answer
from tests.kernel.deeds import Deeds, as_sent, keyed

pytestmark = pytest.mark.usefixtures("named_users")


def failing(error: Exception) -> Any:
    def fail(request: Any) -> Answer:
        raise error

    return fail


def test_a_refusal_is_an_answer_too():
    view = Deeds(failing(errors.Conflict()))
    first, again = keyed(view), keyed(view)
    assert as_sent(first) == as_sent(again) and view.times == 1
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
    assert as_sent(keyed(view))[1]["data"] == {"key": "hush"}
    assert as_sent(keyed(view))[1]["data"] == {"key": None}
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
    assert (as_sent(again), again.headers["Idempotency-Replayed"]) == (as_sent(first), "true")
    assert view.times == 1


def test_it_can_be_forgotten_too():
    keyed(Deeds(), authorization="Bearer anna")
    kept_as_before()
    assert idempotency.forget("user:anna") == 1


def rows() -> str:
    """Everything that is kept, as text."""
    return repr([item.attribute_values for item in scanning.everything(CallItem)])
