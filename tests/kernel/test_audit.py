"""Entries of the audit log: added once, never changed, without anybody's own values."""

import json
from types import SimpleNamespace

import pytest

from chalicelib.kernel import audit, clock
from chalicelib.kernel.tables import AuditItem
from tests.kernel.lost import reply_lost
from tools import permissions

ADMIN = SimpleNamespace(name="user:usr_admin")
NOW = 1_790_000_000
CALL = {"address": "203.0.113.7", "request_id": "req-1", "now": NOW}


def entries() -> list[AuditItem]:
    return list(AuditItem.scan())


def test_an_entry_says_who_did_what_to_what_and_how_it_was_before(tables):
    audit.record(
        ADMIN, "user.role", "user:usr_1", before={"role": "USER"}, after={"role": "ADMIN"}, **CALL
    )
    (entry,) = audit.of_target("user:usr_1", limit=10)
    assert (entry.actor, entry.action, entry.outcome) == ("user:usr_admin", "user.role", "OK")
    assert (entry.before, entry.after) == ({"role": "USER"}, {"role": "ADMIN"})
    assert (entry.address, entry.request_id, entry.at) == ("203.0.113.7", "req-1", NOW)


def test_a_deed_told_twice_is_one_entry_and_stays_as_it_was(tables):
    audit.record(ADMIN, "stock.adjust", "mug", after={"available": 5}, **CALL)
    audit.record(ADMIN, "stock.adjust", "mug", after={"available": 99}, **(CALL | {"now": NOW + 9}))
    (entry,) = entries()
    assert entry.after == {"available": 5}


def test_an_entry_whose_reply_was_lost_is_written_once(tables):
    with reply_lost("PutItem") as sent:
        audit.record(ADMIN, "stock.adjust", "mug", **CALL)
    assert len(sent) == 2
    assert len(entries()) == 1


@pytest.mark.parametrize("number", range(8))  # by id alone some of them would be reversed
def test_what_was_begun_and_how_it_ended_are_two_entries_in_order(tables, number):
    clock.freeze(NOW)  # both within one millisecond
    for outcome in (audit.BEGUN, "NOT_ENOUGH_STOCK"):
        audit.record(ADMIN, "stock.adjust", f"mug-{number}", outcome=outcome, **CALL)
    clock.freeze(None)
    found = list(audit.of_target(f"mug-{number}", limit=10))
    assert [entry.outcome for entry in reversed(found)] == ["BEGUN", "NOT_ENOUGH_STOCK"]
    assert list(audit.of_day(clock.day(NOW), limit=10)) == found


def test_the_newest_of_a_day_come_first_and_the_list_goes_on(tables):
    for number in range(5):
        # Within one millisecond they have no order.
        clock.freeze(NOW + number)
        audit.record(ADMIN, f"step-{number}", "mug", **CALL)
    clock.freeze(None)
    first = list(audit.of_day(clock.day(NOW), limit=3))
    rest = list(audit.of_day(clock.day(NOW), before=first[-1].place, limit=3))
    assert [entry.action for entry in first + rest] == [f"step-{n}" for n in (4, 3, 2, 1, 0)]


def test_a_day_s_entries_share_no_key_and_those_of_before_are_listed_with_them(tables, monkeypatch):
    monkeypatch.setattr(audit, "shard", lambda entry_id, count: "")
    for number in range(4):
        audit.record(ADMIN, f"old-{number}", "mug", **CALL)
    for item in AuditItem.scan():
        item.day = clock.day(NOW)
        item.save()
    monkeypatch.undo()
    for number in range(16):
        audit.record(ADMIN, f"new-{number}", "mug", **CALL)
    assert len({item.day for item in AuditItem.scan()}) > 2
    listed, before = [], None
    while found := list(audit.of_day(clock.day(NOW), before=before, limit=7)):
        listed, before = listed + found, found[-1].place
    assert len({entry.entry_id for entry in listed}) == len(listed) == 20
    assert [entry.place for entry in listed] == sorted((e.place for e in listed), reverse=True)


def test_what_one_did_is_found_apart_from_what_others_did(tables):
    audit.record(ADMIN, "stock.adjust", "mug", **CALL)
    audit.record(SimpleNamespace(name="key:owner"), "stock.adjust", "mug", **CALL)
    assert [entry.actor for entry in audit.of_actor("key:owner", limit=10)] == ["key:owner"]


PERSONAL = {
    "email": "ann@shop.test",
    "phone": "+8613800000000",
    "password": "Tr0ub4dor&3x",
    "accessToken": "eyJhbGciOi.x.y",
    "address": {"line1": "1 Canary Street"},
    "note": "for ann@shop.test",
    "role": "USER",
}


def test_of_personal_values_only_that_they_changed_is_kept(tables):
    audit.record(ADMIN, "user.change", "email:ann@shop.test", before=None, after=PERSONAL, **CALL)
    (entry,) = entries()
    text = json.dumps(entry.attribute_values, default=str)
    for secret in ("ann@", "13800", "Tr0ub", "eyJ", "Canary"):
        assert secret not in text
    assert entry.after["email"] == audit.CHANGED
    assert entry.after["role"] == "USER"


def test_what_was_done_to_an_email_is_still_found_by_it(tables):
    audit.record(ADMIN, "sign_in.failed", "email:ann@shop.test", **CALL)
    assert len(list(audit.of_target("email:ann@shop.test", limit=10))) == 1


@pytest.mark.parametrize("function", permissions.functions())
def test_no_function_may_change_or_remove_an_entry(function):
    granted = permissions.granted(function)
    actions = {action for resource, action in granted if resource.startswith("audit")}
    assert actions <= {"dynamodb:PutItem", "dynamodb:Query"}


def test_control_without_its_condition_an_entry_is_written_over(tables, monkeypatch):
    monkeypatch.setattr(audit.dynamo, "put", lambda item, **_: item.save())
    for available in (5, 99):
        audit.record(ADMIN, "stock.adjust", "mug", after={"available": available}, **CALL)
    assert entries()[0].after == {"available": 99}
