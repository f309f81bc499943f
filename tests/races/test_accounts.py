"""One token in fifty hands, one link clicked fifty times, a thousand guesses."""

from typing import Any

import pytest

from chalicelib.accounts import enrolment, passwords, recovery, sessions, tickets, tries
from chalicelib.accounts.rules import (
    GRACE_SECONDS,
    ChangedMeanwhile,
    LinkUsed,
    Rotation,
    WrongCredentials,
)
from chalicelib.accounts.sessions import TokenReused
from chalicelib.accounts.tables import EmailItem, SessionItem, UserItem
from chalicelib.kernel import clock
from chalicelib.kernel.errors import TooMany
from chalicelib.kernel.messaging import events
from tests import live
from tests.accounts import people
from tests.accounts.people import EMAIL, OTHER_PASSWORD, PASSWORD, Mailbox

HANDS, GUESSES, BATCH = 50, 1_000, 50


@pytest.fixture
def mailbox(busy_shop, monkeypatch) -> Mailbox:
    box = Mailbox()
    monkeypatch.setattr(events, "publish", box.append)
    # What is raced for here are conditions, not processors.
    monkeypatch.setattr(passwords, "MEMORY_KIB", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)
    return box


@pytest.fixture
def ada(mailbox) -> UserItem:
    return people.register()


def all_at_once(job: Any, times: int = HANDS) -> list[Any]:
    return live.at_once([lambda: live.attempt(job)] * times)


def refreshed_at_once(made: people.SignedIn, monkeypatch) -> list[Any]:
    """Fifty refreshes with one token, all of which have read the session before one writes."""
    with monkeypatch.context() as patch:
        patch.setattr(sessions, "living", live.Meeting(HANDS).after(sessions.living))
        return all_at_once(lambda: people.refresh(made.refresh_token))


def test_fifty_uses_of_one_refresh_token_rotate_once_and_get_one_successor(
    ada, mailbox, monkeypatch
):
    made = people.sign_in()
    answers = refreshed_at_once(made, monkeypatch)

    assert [each for each in answers if isinstance(each, Exception)] == []
    assert len({each.refresh_token for each in answers}) == 1
    assert answers[0].refresh_token != made.refresh_token
    assert people.session(made).n == 2
    assert "account.session_reused" not in mailbox.types()
    assert people.refresh(answers[0].refresh_token)


def test_control_without_its_condition_each_use_rotates(ada, monkeypatch):
    made = people.sign_in()
    rotations: list[int] = []

    def unasked(session: Any, address: str, now: int) -> Any:
        item = SessionItem(session.session_id)
        item.update([SessionItem.n.add(1)])
        rotations.append(int(item.n))
        return item.as_session()

    monkeypatch.setattr(sessions, "_rotated", unasked)
    refreshed_at_once(made, monkeypatch)
    assert len(rotations) == HANDS
    assert people.session(made).n == 1 + HANDS


def test_fifty_uses_of_an_older_token_end_the_session_for_all(ada, mailbox):
    made = people.sign_in()
    now = clock.now()
    owner = people.refresh(people.refresh(made.refresh_token, now=now).refresh_token, now=now)
    late = now + GRACE_SECONDS + 1
    answers = all_at_once(lambda: people.refresh(made.refresh_token, now=late))
    assert all(isinstance(each, Exception) for each in answers)
    assert any(isinstance(each, TokenReused) for each in answers)
    with pytest.raises(people.service.SessionEnded):
        people.identify(owner)


def test_a_session_that_ends_while_it_rotates_stays_ended(ada, monkeypatch):
    made = people.sign_in()
    honest = sessions.rotation

    def meanwhile(session: Any, n: int, now: int) -> Rotation:
        sessions.end(session, now=now)
        return honest(session, n, now)

    monkeypatch.setattr(sessions, "rotation", meanwhile)
    with pytest.raises(people.service.SessionEnded):
        people.refresh(made.refresh_token)
    assert people.session(made).n == 1


def reset_at_once(mailbox: Mailbox, monkeypatch) -> list[Any]:
    """Fifty resets with one link, each with a password of its own, all having read the ticket."""
    recovery.forgot(EMAIL, visit=people.visit(), now=clock.now())
    link = mailbox.token("reset_requested")
    monkeypatch.setattr(tickets, "read", live.Meeting(HANDS).after(tickets.read))

    def reset(number: int) -> str:
        password = f"N3w-password-{number}"
        recovery.reset(link, password, visit=people.visit(), now=clock.now())
        return password

    return live.at_once(
        [lambda number=number: live.attempt(lambda: reset(number)) for number in range(HANDS)]
    )


def test_fifty_uses_of_one_reset_link_have_one_winner(ada, mailbox, monkeypatch):
    answers = reset_at_once(mailbox, monkeypatch)

    winners = [each for each in answers if not isinstance(each, Exception)]
    assert len(winners) == 1
    assert [type(each) for each in answers if isinstance(each, Exception)] == [LinkUsed] * (
        HANDS - 1
    )
    assert people.user_of().password_n == 2
    assert people.sign_in(password=winners[0])


def test_control_without_its_conditions_a_link_has_many_winners(ada, mailbox, monkeypatch):
    class Unasked(recovery.Transaction):
        def update(self, item: Any, actions: Any, **_: Any) -> None:
            super().update(item, actions, condition=None, on_condition_failed=None)

    monkeypatch.setattr(recovery, "Transaction", Unasked)
    answers = reset_at_once(mailbox, monkeypatch)
    assert len([each for each in answers if not isinstance(each, Exception)]) > 1
    assert people.user_of().password_n > 2


def test_fifty_registrations_of_one_address_open_one_account(mailbox, monkeypatch):
    monkeypatch.setattr(tries, "mail", lambda *_, **__: None)
    answers = all_at_once(
        lambda: enrolment.register(EMAIL, PASSWORD, None, visit=people.visit(), now=clock.now())
    )
    assert answers == [None] * HANDS
    assert len(list(UserItem.scan())) == len(list(EmailItem.scan())) == 1
    assert mailbox.types().count("account.verification_requested") == 1
    assert mailbox.types().count("account.email_taken") == HANDS - 1


def test_of_two_changes_at_once_one_wins_and_its_session_lives(ada, monkeypatch):
    made = people.sign_in()
    caller = people.identify(made)
    monkeypatch.setattr(passwords, "matches", live.Meeting(2).after(passwords.matches))

    def change(password: str) -> Any:
        return recovery.change(caller, PASSWORD, password, visit=people.visit(), now=clock.now())

    answers = live.at_once([lambda: live.attempt(lambda: change(OTHER_PASSWORD)) for _ in range(2)])
    lost = [each for each in answers if isinstance(each, Exception)]
    assert [type(each) for each in lost] == [ChangedMeanwhile]
    won = next(each for each in answers if not isinstance(each, Exception))
    assert people.identify(won)
    assert people.user_of().password_n == 2


def guessed_at_once(monkeypatch) -> tuple[list[str], list[Any]]:
    """A thousand wrong passwords, fifty at a time, from a thousand addresses."""
    verified: list[str] = []
    honest = passwords.matches

    def counted(password_hash: str | None, password: str) -> bool:
        verified.append(password)
        return honest(password_hash, password)

    monkeypatch.setattr(passwords, "matches", counted)

    def guess(number: int) -> Any:
        address = f"198.51.{number // 250}.{number % 250}"
        return people.sign_in(password=f"Wr0ng-{number}", address=address)

    outcomes = []
    for first in range(0, GUESSES, BATCH):
        outcomes += live.at_once(
            [
                lambda number=number: live.attempt(lambda: guess(number))
                for number in range(first, first + BATCH)
            ]
        )
    return verified, outcomes


def test_a_thousand_guesses_verify_no_more_hashes_than_the_limit_allows(ada, monkeypatch):
    now = clock.now()
    # All within one window.
    monkeypatch.setattr(clock, "now", lambda: now)
    verified, outcomes = guessed_at_once(monkeypatch)
    assert len(verified) == tries.STRANGERS.most
    assert len(outcomes) == GUESSES
    kinds = [type(each) for each in outcomes]
    assert kinds.count(WrongCredentials) == tries.STRANGERS.most
    assert kinds.count(TooMany) == GUESSES - tries.STRANGERS.most


def test_control_a_limit_that_is_read_and_then_written_lets_more_through(ada, monkeypatch):
    spent: list[int] = []
    meeting = live.Meeting(BATCH)

    def read_then_written(*_: Any, **__: Any) -> None:
        used = len(spent)
        meeting.wait()
        if used >= tries.STRANGERS.most:
            raise TooMany()
        spent.append(used)

    monkeypatch.setattr(tries, "sign_in", read_then_written)
    monkeypatch.setattr("tests.races.test_accounts.GUESSES", BATCH)
    verified, _ = guessed_at_once(monkeypatch)
    assert len(verified) > tries.STRANGERS.most
