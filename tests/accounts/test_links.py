"""Links in mails: one purpose, one user, one use, a short time; and nothing of them in a table."""

import json
from typing import Any

import pytest

from chalicelib.accounts import enrolment, recovery, tickets
from chalicelib.accounts.rules import (
    RESET_SECONDS,
    VERIFY_SECONDS,
    LinkInvalid,
    LinkUsed,
    Purpose,
    UserStatus,
    WeakPassword,
    WrongCredentials,
)
from chalicelib.accounts.tables import TicketItem, UserItem
from chalicelib.kernel import audit, clock, ids
from chalicelib.kernel.errors import TooMany
from tests.accounts import people
from tests.accounts.people import EMAIL, OTHER_PASSWORD, PASSWORD
from tests.faults.shim import Crash, Point, Shim
from tests.kernel.lost import reply_lost


@pytest.fixture
def ada(mailbox) -> UserItem:
    return people.register()


@pytest.fixture
def link(ada, mailbox) -> str:
    """The token of a link to a new password."""
    forgot()
    return mailbox.token("reset_requested")


def forgot(email: str = EMAIL) -> None:
    recovery.forgot(email, visit=people.visit(), now=clock.now())


def reset(token: str, password: str = OTHER_PASSWORD, *, operation: str = "", now: int = 0) -> None:
    visit = people.visit(operation=operation or ids.token())
    recovery.reset(token, password, visit=visit, now=now or clock.now())


def verify(token: str, *, operation: str = "", now: int = 0) -> None:
    enrolment.verify_email(token, operation=operation or ids.token(), now=now or clock.now())


def test_the_link_of_the_first_mail_verifies_the_address_once(ada, mailbox):
    assert mailbox.types() == ["account.verification_requested"]
    assert not people.user_of().as_user().verified
    verify(mailbox.token())
    assert people.user_of().as_user().verified
    with pytest.raises(LinkUsed):
        verify(mailbox.token())


def test_a_reset_link_sets_the_password_once(ada, link):
    reset(link)
    assert people.sign_in(password=OTHER_PASSWORD)
    with pytest.raises(WrongCredentials):
        people.sign_in(password=PASSWORD)
    with pytest.raises(LinkUsed):
        reset(link, "An0ther-one")
    assert people.sign_in(password=OTHER_PASSWORD)


def test_control_without_its_condition_a_link_works_twice(ada, link, monkeypatch):
    monkeypatch.setattr(tickets, "use", lambda tx, *_: None)
    reset(link)
    UserItem(ada.user_id).update([UserItem.password_n.set(1)])
    reset(link, "An0ther-one")
    assert people.sign_in(password="An0ther-one")


def test_a_reset_ends_every_session_and_proves_the_address(ada, link):
    before = people.sign_in()
    reset(link)
    with pytest.raises(people.service.Unauthorized):
        people.identify(before)
    assert people.user_of().as_user().verified
    assert "password-reset" in [
        one.action for one in audit.of_target(f"user:{ada.user_id}", limit=9)
    ]


def test_a_new_password_makes_all_older_reset_links_worthless(ada, mailbox, link):
    forgot()
    second = mailbox.token("reset_requested")
    made = people.sign_in()
    recovery.change(
        people.identify(made), PASSWORD, OTHER_PASSWORD, visit=people.visit(), now=clock.now()
    )
    for old in (link, second):
        with pytest.raises(LinkInvalid):
            reset(old)


def test_links_end_after_an_hour_and_after_a_day(ada, mailbox):
    first = mailbox.token("verification_requested")
    forgot()
    now = clock.now()
    with pytest.raises(LinkInvalid):
        reset(mailbox.token("reset_requested"), now=now + RESET_SECONDS + 1)
    reset(mailbox.token("reset_requested"), now=now + RESET_SECONDS - 60)
    with pytest.raises(LinkInvalid):
        verify(first, now=now + VERIFY_SECONDS + 1)
    verify(first, now=now + VERIFY_SECONDS - 60)
    assert RESET_SECONDS <= 3_600 and VERIFY_SECONDS <= 24 * 3_600


def test_each_link_is_good_for_its_own_purpose_only(ada, mailbox, link):
    with pytest.raises(LinkInvalid):
        verify(link)
    with pytest.raises(LinkInvalid):
        reset(mailbox.token("verification_requested"))


@pytest.mark.parametrize("token", ["", "reset_unknown", "x" * 5_000, "reset_ü"])
def test_an_unknown_token_is_no_link(mailbox, token):
    with pytest.raises(LinkInvalid):
        reset(token)


def test_a_link_is_worthless_once_its_user_has_another_address_or_is_gone(ada, mailbox, link):
    first = mailbox.token("verification_requested")
    for changed in (
        [UserItem.email_key.set("email:other")],
        [UserItem.email_key.set(ada.email_key), UserItem.status.set(UserStatus.BANNED)],
        [UserItem.status.set(UserStatus.ERASED)],
    ):
        UserItem(ada.user_id).update(changed)
        with pytest.raises(LinkInvalid):
            reset(link)
        with pytest.raises(LinkInvalid):
            verify(first)
    assert people.user_of().password_hash == ada.password_hash


def test_a_ban_between_reading_and_writing_is_seen(ada, link, monkeypatch):
    honest = tickets.read

    def meanwhile(purpose: Purpose, *rest: Any):
        found = honest(purpose, *rest)
        UserItem(ada.user_id).update([UserItem.status.set(UserStatus.BANNED)])
        return found

    monkeypatch.setattr(tickets, "read", meanwhile)
    with pytest.raises(LinkInvalid):
        reset(link)
    assert people.user_of().password_hash == ada.password_hash


def test_no_table_knows_a_link(ada, mailbox, link):
    stored = json.dumps([item.attribute_values for item in TicketItem.scan()])
    assert len(list(TicketItem.scan())) == 2
    for secret in (link, mailbox.token("verification_requested")):
        assert secret not in stored
        assert secret.rpartition("_")[2] not in stored


def test_a_weak_password_does_not_use_the_link_up(ada, link, hashes):
    hashes.clear()
    with pytest.raises(WeakPassword):
        reset(link, "weak")
    assert hashes == []
    reset(link)


def test_a_bad_link_costs_no_hash(ada, hashes):
    hashes.clear()
    with pytest.raises(LinkInvalid):
        reset("reset_unknown")
    assert hashes == []


def test_forgotten_for_nobody_does_the_same_work_and_mails_nobody(ada, mailbox):
    with Shim() as known:
        forgot()
    with Shim() as unknown:
        forgot("nobody@shop.test")
    assert known.calls == unknown.calls
    assert mailbox[-1].type == "account.unknown_address"
    assert set(mailbox[-1].data) == {"token"} and mailbox[-1].data["token"] == ""
    # What was stored for nobody is good for nobody.
    assert {item.user_id for item in TicketItem.scan()} == {ada.user_id, tickets.NOBODY}


def test_a_banned_user_gets_no_link(ada, mailbox):
    UserItem(ada.user_id).update([UserItem.status.set(UserStatus.BANNED)])
    forgot()
    assert mailbox[-1].type == "account.unknown_address"


def test_nobody_s_mailbox_is_filled_and_an_unknown_one_is_counted_alike(ada, mailbox):
    for email, mails in ((EMAIL, 4), ("nobody@shop.test", 5)):  # registering was Ada's first
        for _ in range(mails):
            forgot(email)
        before = len(mailbox)
        with pytest.raises(TooMany):
            forgot(email)
        assert len(mailbox) == before


def test_a_reset_lets_its_address_sign_in_while_strangers_guess(ada, link):
    for number in range(25):
        with pytest.raises((WrongCredentials, TooMany)):
            people.sign_in(password="Wr0ng-guess", address=f"198.51.100.{number}")
    with pytest.raises(TooMany):
        people.sign_in()
    reset(link)
    assert people.sign_in(password=OTHER_PASSWORD)


def test_a_lost_reply_while_resetting_resets_once(ada, link):
    with reply_lost("TransactWriteItems") as sent:
        reset(link)
    assert len(sent) == 2
    assert people.user_of().password_n == 2
    assert people.sign_in(password=OTHER_PASSWORD)


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_while_resetting_leaves_one_of_two_worlds(ada, link, after):
    with Shim(crash=Point(0, after)), pytest.raises(Crash):
        reset(link)
    if after:
        with pytest.raises(LinkUsed):
            reset(link)
    else:
        reset(link)
    assert people.sign_in(password=OTHER_PASSWORD)


@pytest.mark.parametrize("write", range(2))
@pytest.mark.parametrize("after", [False, True])
def test_the_same_call_run_again_after_a_crash_finds_its_own_reset(ada, link, write, after):
    with Shim(crash=Point(write, after)), pytest.raises(Crash):
        reset(link, operation="one")
    reset(link, operation="one")
    assert people.user_of().password_n == 2
    assert people.sign_in(password=OTHER_PASSWORD)
    assert [one.action for one in audit.of_actor("guest", limit=9)].count("password-reset") >= 1


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_while_verifying_leaves_one_of_two_worlds(ada, mailbox, after):
    with Shim(crash=Point(0, after)), pytest.raises(Crash):
        verify(mailbox.token(), operation="one")
    assert people.user_of().as_user().verified is after
    verify(mailbox.token(), operation="one")
    assert people.user_of().as_user().verified


def test_the_notice_of_a_new_password_does_not_stand_in_its_way(ada, link, monkeypatch):
    def down(event: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("chalicelib.kernel.messaging.events.publish", down)
    reset(link)
    assert people.sign_in(password=OTHER_PASSWORD)
