"""A new password by the old one."""

import pytest

from chalicelib.accounts import passwords, recovery
from chalicelib.accounts.rules import (
    ChangedMeanwhile,
    SessionEnded,
    WeakPassword,
    WrongCredentials,
    WrongPassword,
)
from chalicelib.accounts.tables import SessionItem, UserItem
from chalicelib.kernel import audit, clock
from tests.accounts import people
from tests.accounts.people import OTHER_PASSWORD, PASSWORD
from tests.faults.shim import Crash, Point, Shim
from tests.kernel.lost import reply_lost


@pytest.fixture
def made(mailbox):
    people.register()
    return people.sign_in()


def change(made, current: str = PASSWORD, password: str = OTHER_PASSWORD):
    caller = people.identify(made)
    return recovery.change(caller, current, password, visit=people.visit(), now=clock.now())


def test_the_new_password_is_good_and_the_old_one_is_not(made):
    change(made)
    assert people.sign_in(password=OTHER_PASSWORD)
    with pytest.raises(WrongCredentials):
        people.sign_in()
    entries = audit.of_target(f"user:{made.user.user_id}", limit=9)
    assert "password-change" in [one.action for one in entries]


def test_a_wrong_current_password_changes_nothing(made, hashes):
    hashes.clear()
    with pytest.raises(WrongPassword):
        change(made, OTHER_PASSWORD)
    assert hashes == ["verify"]
    assert people.identify(made)
    assert people.sign_in()


def test_a_weak_new_password_is_refused_before_any_hashing(made, hashes):
    hashes.clear()
    with pytest.raises(WeakPassword) as caught:
        change(made, password="weak")
    assert {entry.field for entry in caught.value.fields} == {"newPassword"}
    assert hashes == []


def test_a_password_changed_meanwhile_is_not_written_over(made, monkeypatch):
    newer = passwords.hashed("S0mebody-else")
    honest = passwords.matches

    def meanwhile(password_hash: str | None, password: str) -> bool:
        UserItem(made.user.user_id).update([UserItem.password_hash.set(newer)])
        return honest(password_hash, password)

    monkeypatch.setattr(passwords, "matches", meanwhile)
    with pytest.raises(ChangedMeanwhile):
        change(made)
    assert people.user_of().password_hash == newer
    assert len(list(SessionItem.scan())) == 1


def test_a_lost_reply_changes_once_and_answers_a_session_that_works(made):
    with reply_lost("TransactWriteItems") as sent:
        fresh = change(made)
    assert len(sent) == 2
    assert people.user_of().password_n == 2
    assert people.identify(fresh)


@pytest.mark.parametrize("write", range(2))
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_leaves_the_old_world_or_the_new_one_whole(made, write, after):
    with Shim(crash=Point(write, after)), pytest.raises(Crash):
        change(made)
    user = people.user_of()
    if user.password_n == 1:
        assert user.epoch == 1
        assert people.identify(made)
        assert people.sign_in()
    else:
        assert user.epoch == 2
        with pytest.raises(SessionEnded):
            people.identify(made)
        assert people.sign_in(password=OTHER_PASSWORD)
