"""Staying signed in, being signed out, and a refresh token in the wrong hands."""

from dataclasses import replace

import pytest

from chalicelib.accounts import recovery, rules, service, sessions, tokens
from chalicelib.accounts.rules import (
    GRACE_SECONDS,
    REFRESH_SECONDS,
    SESSION_SECONDS,
    Rotation,
    SessionEnded,
    UserStatus,
)
from chalicelib.accounts.sessions import SessionNotFound, TokenReused
from chalicelib.accounts.tables import SessionItem, UserItem
from chalicelib.kernel import audit, clock
from chalicelib.kernel.caller import Role
from tests.accounts import people
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, identify, refresh
from tests.faults.shim import Crash, Point, Shim
from tests.kernel.lost import reply_lost


@pytest.fixture
def made(mailbox):
    people.register()
    return people.sign_in()


def is_out(made, *, now: int = 0) -> bool:
    """Whether neither of the tokens is of any use."""
    with pytest.raises(SessionEnded):
        identify(made, now=now)
    with pytest.raises(SessionEnded):
        refresh(made.refresh_token, now=now)
    return True


def test_a_refresh_token_is_good_once_and_gives_the_next(made):
    second = refresh(made.refresh_token)
    third = refresh(second.refresh_token)
    assert len({made.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert people.session(made).n == 3
    for each in (made, second, third):
        assert identify(each).session_id == made.session.session_id


def test_two_tabs_within_the_grace_get_the_same_token_and_no_alarm(made, mailbox):
    now = clock.now()
    first, second = (refresh(made.refresh_token, now=now) for _ in range(2))
    late = refresh(made.refresh_token, now=now + GRACE_SECONDS)
    assert first.refresh_token == second.refresh_token == late.refresh_token
    assert refresh(first.refresh_token, now=now + GRACE_SECONDS)
    assert "account.session_reused" not in mailbox.types()


def test_an_older_token_ends_the_session_for_thief_and_owner(made, mailbox):
    now = clock.now()
    stolen = made.refresh_token
    owner = refresh(stolen, now=now)
    with pytest.raises(TokenReused):
        refresh(stolen, now=now + GRACE_SECONDS + 1)
    assert is_out(owner)
    assert mailbox.types()[-1] == "account.session_reused"
    entries = audit.of_target(f"user:{made.user.user_id}", limit=9)
    assert "session-reuse" in [each.action for each in entries]


def test_a_refresh_that_others_overtook_is_told_the_newest_token(made, mailbox):
    # Its page was reloaded while it was on its way; each reloaded page refreshed by itself.
    now = clock.now()
    newest = made
    for _ in range(rules.USES_KEPT):
        newest = refresh(newest.refresh_token, now=now)
    late = refresh(made.refresh_token, now=now + GRACE_SECONDS)
    assert late.refresh_token == newest.refresh_token
    assert "account.session_reused" not in mailbox.types()


def test_the_grace_of_a_token_begins_when_it_is_used_up_and_not_with_the_last_use(made):
    now = clock.now()
    second = refresh(made.refresh_token, now=now)
    owner = refresh(second.refresh_token, now=now + GRACE_SECONDS)
    with pytest.raises(TokenReused):
        refresh(made.refresh_token, now=now + GRACE_SECONDS + 1)
    assert is_out(owner, now=now + GRACE_SECONDS + 1)


def test_a_token_with_more_successors_than_are_kept_is_reuse_even_within_the_grace(made):
    now = clock.now()
    owner = made
    for _ in range(rules.USES_KEPT + 1):
        owner = refresh(owner.refresh_token, now=now)
    with pytest.raises(TokenReused):
        refresh(made.refresh_token, now=now)
    assert is_out(owner)


def test_control_keeping_one_use_alone_ends_the_session_of_who_was_overtaken(made, monkeypatch):
    monkeypatch.setattr(sessions, "USES_KEPT", 1)
    refresh(refresh(made.refresh_token).refresh_token)
    with pytest.raises(TokenReused):
        refresh(made.refresh_token)


def test_a_token_of_a_count_that_is_yet_to_come_ends_the_session(made):
    # Only a copy of our keys, or a table restored from yesterday, could make one.
    with pytest.raises(TokenReused):
        refresh(tokens.refresh(replace(made.session, n=9)))
    assert is_out(made)


def test_control_without_the_look_at_the_count_a_stolen_token_lives_on(made, monkeypatch):
    now = clock.now()
    refresh(made.refresh_token, now=now)
    monkeypatch.setattr(sessions, "rotation", lambda session, n, now: Rotation.REPEAT)
    assert refresh(made.refresh_token, now=now + REFRESH_SECONDS - 1)


def test_control_without_the_grace_a_second_tab_ends_the_session(made, monkeypatch):
    monkeypatch.setattr(rules, "GRACE_SECONDS", -1)
    refresh(made.refresh_token)
    with pytest.raises(TokenReused):
        refresh(made.refresh_token)


def test_reuse_ends_one_session_and_not_the_others(made):
    other = people.sign_in()
    refresh(made.refresh_token)
    with pytest.raises(TokenReused):
        refresh(made.refresh_token, now=clock.now() + GRACE_SECONDS + 1)
    assert identify(other)


def test_a_session_slides_seven_days_and_ends_after_thirty(made):
    start, latest = made.session.created_at, made
    for day in range(6, 30, 6):
        latest = refresh(latest.refresh_token, now=start + day * rules.DAY)
    with pytest.raises(SessionEnded):
        refresh(latest.refresh_token, now=start + SESSION_SECONDS)
    idle = people.sign_in()
    with pytest.raises(SessionEnded):
        refresh(idle.refresh_token, now=idle.session.created_at + REFRESH_SECONDS)


def test_a_lost_reply_while_rotating_gives_the_successor_all_the_same(made):
    with reply_lost("UpdateItem") as sent:
        second = refresh(made.refresh_token)
    assert len(sent) == 2
    assert people.session(made).n == 2
    assert refresh(second.refresh_token)


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_while_rotating_leaves_a_token_that_works(made, after):
    with Shim(crash=Point(0, after)), pytest.raises(Crash):
        refresh(made.refresh_token)
    second = refresh(made.refresh_token)
    assert people.session(made).n == 2
    assert refresh(second.refresh_token)


def test_signing_out_ends_this_session_at_once_and_no_other(made):
    other = people.sign_in()
    service.sign_out(identify(made), None, now=clock.now())
    assert is_out(made)
    assert identify(other)


def test_signing_out_works_with_the_refresh_token_alone_and_twice(made):
    for _ in range(2):
        service.sign_out(service.GUEST, made.refresh_token, now=clock.now())
    assert is_out(made)
    service.sign_out(service.GUEST, "no.1.token", now=clock.now())


def test_signing_out_everywhere_ends_every_session_in_one_write(made):
    others = [people.sign_in() for _ in range(3)]
    caller = identify(made)
    with Shim() as shim:
        service.sign_out_everywhere(caller, visit=people.visit(), now=clock.now())
    assert shim.writes == ["UpdateItem", "PutItem"]  # the users' epoch, the audit log
    assert all(is_out(each) for each in [made, *others])
    assert identify(people.sign_in())


def test_a_lost_reply_while_signing_out_everywhere_ends_nothing_newer(made):
    caller = identify(made)
    with reply_lost("UpdateItem") as sent:
        service.sign_out_everywhere(caller, visit=people.visit(), now=clock.now())
    assert len(sent) == 2
    assert people.user_of().epoch == 2
    newer = people.sign_in()
    sessions.end_all(made.user.user_id, made.session.epoch, now=clock.now())
    assert identify(newer)


def test_a_new_password_ends_every_session_and_opens_a_new_one(made, mailbox):
    other = people.sign_in()
    fresh = recovery.change(
        identify(made), PASSWORD, OTHER_PASSWORD, visit=people.visit(), now=clock.now()
    )
    assert is_out(made) and is_out(other)
    assert identify(fresh)
    assert refresh(fresh.refresh_token)
    assert mailbox.types()[-1] == "account.password_changed"


def test_a_ban_ends_access_at_once(made):
    caller = UserItem(made.user.user_id)
    caller.update([UserItem.status.set(UserStatus.BANNED)])
    assert is_out(made)


def test_a_new_role_counts_from_the_next_call_on(made):
    UserItem(made.user.user_id).update([UserItem.role.set(Role.ADMIN)])
    assert identify(made).role is Role.ADMIN
    UserItem(made.user.user_id).update([UserItem.role.set(Role.USER)])
    assert identify(made).role is Role.USER


def test_a_user_who_is_gone_has_no_session(made):
    UserItem(made.user.user_id).delete()
    assert is_out(made)


def test_control_without_the_look_at_the_session_a_token_outlives_signing_out(made, monkeypatch):
    service.sign_out(identify(made), None, now=clock.now())
    monkeypatch.setattr(rules.Session, "lives", lambda *_: True)
    assert identify(made)


def test_sessions_are_listed_newest_first_with_device_address_and_times(made):
    now = clock.now() + 60
    newer = people.sign_in(address=people.AWAY, now=now)
    ended = people.sign_in(now=now + 1)
    service.sign_out(identify(ended, now=now + 1), None, now=now + 2)
    found = service.list_sessions(identify(made), now=now + 3)
    assert [one.session_id for one in found] == [
        newer.session.session_id,
        made.session.session_id,
    ]
    assert (found[0].address, found[0].device) == (people.AWAY, "Tests/1.0")


def test_one_of_my_sessions_is_ended_and_again_is_no_error(made):
    other = people.sign_in()
    for _ in range(2):
        end(identify(made), other.session.session_id)
    assert is_out(other)
    assert identify(made)


def end(caller, session_id: str) -> None:
    service.end_session(caller, session_id, visit=people.visit(), now=clock.now())


def test_somebody_else_s_session_is_not_there(made):
    people.register("bob@shop.test")
    bob = people.sign_in("bob@shop.test")
    for session_id in (made.session.session_id, "ses_unknown"):
        with pytest.raises(SessionNotFound):
            end(identify(bob), session_id)
    assert identify(made)


@pytest.mark.parametrize("write", range(3))
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_while_signing_in_leaves_an_account_that_signs_in(mailbox, write, after):
    people.register()
    # Two allowances, then the address that is remembered, the session, the audit log.
    with Shim(crash=Point(2 + write, after)), pytest.raises(Crash):
        people.sign_in()
    assert identify(people.sign_in())


def test_a_lost_reply_while_opening_a_session_opens_one(made):
    with reply_lost("PutItem") as sent:
        again = people.sign_in()
    assert len(sent) >= 2
    assert identify(again)
    assert len(list(SessionItem.scan())) == 2
