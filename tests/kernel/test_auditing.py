"""What takes a permission and changes something stands in the audit log, begun and ended."""

from typing import Any

import pytest

from chalicelib.kernel import audit, errors
from chalicelib.kernel.caller import GUEST, OWNER, Permission
from chalicelib.kernel.web import auditing, auth
from chalicelib.kernel.web.http import Access, Answer, Change
from tests.faults.shim import Crash, Point, Shim
from tests.kernel.deeds import Deeds, call


@pytest.fixture(autouse=True)
def staged(tables, monkeypatch):
    """A stage where the owner calls what takes a permission."""
    monkeypatch.setattr(
        auth, "authorize", lambda request, access, *, now: OWNER if access in Permission else GUEST
    )


def managed(view: Any, **named: Any) -> Any:
    return call(view, access=Permission.MANAGE_STOCK, route="/api/things", **named)


def log() -> list[audit.Entry]:
    return sorted(audit.of_actor("key:owner", limit=50), key=lambda entry: entry.place)


def outcomes() -> list[str]:
    return [entry.outcome for entry in log()]


def test_a_deed_stands_there_twice_before_and_after():
    change = Change("variant:mug", before={"quantity": 1}, after={"quantity": 4})
    managed(Deeds(lambda request: Answer({}, change=change)))
    begun, done = log()
    assert (begun.outcome, done.outcome) == ("BEGUN", "OK")
    assert begun.action == done.action and begun.action.endswith(".view")
    assert (done.target, done.before, done.after) == (
        "variant:mug",
        {"quantity": 1},
        {"quantity": 4},
    )
    assert begun.address == "203.0.113.7" and begun.request_id == done.request_id


def test_a_refused_deed_says_with_what_it_ended():
    def refuse(request: Any) -> Answer:
        raise errors.Conflict()

    managed(Deeds(refuse))
    assert outcomes() == ["BEGUN", "CONFLICT"]


def test_a_bug_is_noted_as_one():
    def fail(request: Any) -> Answer:
        raise RuntimeError("a bug with a secret")

    managed(Deeds(fail))
    assert outcomes() == ["BEGUN", "INTERNAL_ERROR"]
    assert "secret" not in repr(log())


def test_what_died_at_work_has_begun():
    with Shim(crash=Point(1, after=False)), pytest.raises(Crash):
        managed(Deeds())
    assert outcomes() == ["BEGUN"]


def test_nothing_is_done_that_could_not_be_noted(monkeypatch):
    def broken(*args: Any, **named: Any) -> None:
        raise errors.Unavailable()

    monkeypatch.setattr(audit, "record", broken)
    view = Deeds()
    assert (managed(view).status_code, view.times) == (503, 0)


def test_what_was_done_is_told_though_its_end_could_not_be_noted(monkeypatch):
    honest = audit.record

    def forgetful(*args: Any, **named: Any) -> None:
        if named["outcome"] != audit.BEGUN:
            raise errors.Unavailable()
        honest(*args, **named)

    monkeypatch.setattr(audit, "record", forgetful)
    assert managed(Deeds()).status_code == 201
    assert outcomes() == ["BEGUN"]


def test_a_replayed_answer_is_no_second_deed():
    for _ in range(3):
        managed(Deeds(), **{"idempotency-key": "k"})
    assert outcomes() == ["BEGUN", "OK"]


@pytest.mark.parametrize(
    "named", [{"method": "GET", "access": Permission.MANAGE_STOCK}, {"access": Access.PUBLIC}]
)
def test_reading_and_shopping_are_not_noted(named, monkeypatch):
    monkeypatch.setattr(auditing, "written_down", None)
    assert call(Deeds(), **named).status_code == 201
    assert outcomes() == []


def test_control_without_the_wrapper_nothing_is_noted(monkeypatch):
    from contextlib import nullcontext

    monkeypatch.setattr(auditing, "written_down", lambda *args: nullcontext(lambda change: None))
    managed(Deeds())
    assert outcomes() == []
