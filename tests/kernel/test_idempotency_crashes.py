"""A call whose first run died, was slow or lost a reply can be made again with the same key."""

from typing import Any

import pytest

from chalicelib.kernel import clock, errors
from chalicelib.kernel.web import idempotency
from chalicelib.kernel.web.http import Answer
from chalicelib.kernel.web.idempotency import RUN_SECONDS
from tests.faults.shim import Crash, Point, Shim
from tests.kernel.deeds import Deeds, as_sent, keyed
from tests.kernel.lost import reply_lost
from tools import permissions

pytestmark = pytest.mark.usefixtures("named_users")


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
    status, body = as_sent(waiting)
    assert (status, body["code"]) == (409, "IDEMPOTENCY_IN_PROGRESS")
    assert 1 <= int(waiting.headers["Retry-After"]) <= RUN_SECONDS
    assert view.times == 1

    clock.shift(RUN_SECONDS + 1)
    taken = keyed(view)
    assert taken.status_code == 201 and view.times == 2
    assert len(set(view.operations)) == 1, "the second run can find what the first one did"
    assert as_sent(keyed(view)) == as_sent(taken)


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
    assert as_sent(keyed(view, {"a": 2}))[1]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert view.times == 1


def test_a_run_that_was_taken_over_does_not_write_over_the_other_ones_answer():
    def slow(request: Any) -> Answer:
        clock.shift(RUN_SECONDS + 1)
        keyed(Deeds(lambda request: Answer("the second")))
        return Answer("the first")

    assert as_sent(keyed(Deeds(slow)))[1]["data"] == "the first"
    assert as_sent(keyed(Deeds()))[1]["data"] == "the second"


def test_a_slow_run_that_failed_does_not_give_up_the_other_ones_claim():
    def slow(request: Any) -> Answer:
        clock.shift(RUN_SECONDS + 1)
        keyed(Deeds(lambda request: Answer("the second")))
        raise errors.Unavailable()

    assert keyed(Deeds(slow)).status_code == 503
    assert as_sent(keyed(Deeds()))[1]["data"] == "the second"


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
    answering = [row for row in permissions.all_rows().functions if row.paths]
    assert answering
    assert all(row.timeout < RUN_SECONDS for row in answering)
