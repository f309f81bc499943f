"""The audit log as it is read: by who, by what, by when, page after page."""

from types import SimpleNamespace

import pytest

from chalicelib.kernel import audit, clock
from chalicelib.kernel.web.cursor import CursorInvalid
from chalicelib.security import audit_log
from chalicelib.security.audit_log import DAY, AuditFilter

ANN, BOB = SimpleNamespace(name="user:usr_ann"), SimpleNamespace(name="user:usr_bob")


@pytest.fixture
def log(tables):
    """Ann adjusts stock on six days, Bob gives a role on the last of them; answers its time."""
    start = clock.now() - 5 * DAY
    for number in range(6):
        clock.shift((number - 5) * DAY)
        note(ANN, "stock.adjust", f"variant:mug-{number}", start + number * DAY)
    # Within a millisecond nobody says which was first.
    clock.shift(1)
    note(BOB, "user.role", "user:usr_ann", start + 5 * DAY)
    clock.shift(0)
    return start + 5 * DAY


def note(actor, action, target, now):
    audit.record(actor, action, target, address="203.0.113.7", request_id=f"{action}{now}", now=now)


def read(wanted: AuditFilter, now: int, size: int = 50) -> list[str]:
    """The targets of all pages."""
    found, cursor = [], None
    for _ in range(100):
        page = audit_log.page(wanted, size=size, cursor=cursor, now=now)
        found += [entry.target for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the list has no end")


ALL = ["user:usr_ann", *(f"variant:mug-{number}" for number in (5, 4, 3, 2, 1, 0))]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_everything_is_listed_once_newest_first_however_long_the_pages(log, size):
    assert read(AuditFilter(), log, size) == ALL


@pytest.mark.parametrize("size", [1, 50])
def test_filters_narrow_it(log, size):
    assert read(AuditFilter(actor="user:usr_bob"), log, size) == ["user:usr_ann"]
    assert read(AuditFilter(action="stock.adjust"), log, size) == ALL[1:]
    assert read(AuditFilter(target="variant:mug-3"), log, size) == ["variant:mug-3"]
    assert read(AuditFilter(actor="user:usr_ann", action="user.role"), log, size) == []


def test_times_narrow_it(log):
    since, until = log - 3 * DAY, log - DAY
    assert read(AuditFilter(since=since, until=until), log) == [
        f"variant:mug-{n}" for n in (4, 3, 2)
    ]
    assert read(AuditFilter(actor="user:usr_ann", since=log), log) == ["variant:mug-5"]


def test_a_page_looks_through_so_much_and_goes_on(log, monkeypatch):
    monkeypatch.setattr(audit_log, "MOST_ENTRIES", 2)
    first = audit_log.page(AuditFilter(action="nothing"), size=50, cursor=None, now=log)
    assert first.entries == []
    assert first.next_cursor
    assert read(AuditFilter(action="stock.adjust"), log) == ALL[1:]


def test_a_page_looks_back_so_many_days_and_goes_on(log, monkeypatch):
    monkeypatch.setattr(audit_log, "MOST_DAYS", 2)
    assert read(AuditFilter(), log) == ALL


def test_a_cursor_opens_its_own_list_alone(log):
    cursor = audit_log.page(AuditFilter(), size=1, cursor=None, now=log).next_cursor
    assert cursor
    with pytest.raises(CursorInvalid):
        audit_log.page(AuditFilter(actor="user:usr_bob"), size=1, cursor=cursor, now=log)
    with pytest.raises(CursorInvalid):
        audit_log.page(AuditFilter(), size=1, cursor=cursor[:-2] + "AA", now=log)
