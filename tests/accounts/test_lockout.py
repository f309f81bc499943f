"""An honest person is not kept out by their own tries, and guessers get no more than before."""

from typing import Any

import pytest

from chalicelib.accounts import recovery, service, tries
from chalicelib.accounts.rules import WrongCredentials
from chalicelib.accounts.tables import UserItem
from chalicelib.kernel import clock, rates
from chalicelib.kernel.errors import TooMany
from tests.accounts import people
from tests.accounts.people import AWAY, EMAIL, HOME, OTHER_PASSWORD, PASSWORD
from tests.faults.replies import LOST, answering, cancelled

PHONE, STRANGER = "192.0.2.44", "198.51.100.77"
WRONG = "Wr0ng-guess"


@pytest.fixture
def ada(mailbox) -> UserItem:
    return people.register()


@pytest.fixture
def early(tables) -> None:
    """A quarter of an hour that has just begun: no window ends while a test runs. After the tables,
    which set the clock right."""
    now = (clock.now() // 900 + 1) * 900 + 5
    clock.shift(now - clock.now())


pytestmark = pytest.mark.usefixtures("early")


def guesses(times: int, *, address: str = HOME, password: str = WRONG) -> list[str]:
    """How each of so many guesses ended."""
    ends = []
    for _ in range(times):
        try:
            people.sign_in(EMAIL, password, address=address)
            ends.append("in")
        except WrongCredentials:
            ends.append("wrong")
        except TooMany:
            ends.append("refused")
    return ends


def reset_by_mail(mailbox: Any, *, asked_at: str = HOME, done_at: str = HOME) -> None:
    recovery.forgot(EMAIL, visit=people.visit(asked_at), now=clock.now())
    token = mailbox.token("reset_requested")
    recovery.reset(token, OTHER_PASSWORD, visit=people.visit(done_at), now=clock.now())


# ---- success gives the try back ----------------------------------------------------------------


def test_who_knows_the_password_may_sign_in_as_often_as_they_like(ada):
    assert guesses(30, address=AWAY, password=PASSWORD) == ["in"] * 30


def test_control_without_giving_back_the_sixth_right_password_is_refused(ada, monkeypatch):
    monkeypatch.setattr(tries, "give_back", lambda spent: None)
    assert guesses(7, address=AWAY, password=PASSWORD)[-2:] == ["refused"] * 2


def test_a_right_password_gives_back_its_own_try_and_no_wrong_one(ada, hashes):
    assert guesses(4) == ["wrong"] * 4
    assert guesses(3, password=PASSWORD) == ["in"] * 3
    hashes.clear()
    assert guesses(10) == ["wrong", *["refused"] * 9]
    assert hashes == ["verify"]


def test_signing_in_does_not_open_the_strangers_allowance_again(ada, hashes):
    people.sign_in(address=HOME)
    for number in range(tries.STRANGERS.most):
        guesses(1, address=f"198.51.100.{number}")
    people.sign_in(address=HOME)
    hashes.clear()
    assert guesses(3, address=STRANGER) == ["refused"] * 3
    assert hashes == []


@pytest.mark.parametrize("answers", [(LOST,), (cancelled("TransactionConflict", "None"),)])
def test_a_try_is_given_back_once_though_the_reply_is_lost(ada, answers):
    guesses(2)
    with answering("TransactWriteItems", *answers):
        people.sign_in()
    # Three of five are left, not four.
    assert guesses(5) == ["wrong"] * 3 + ["refused"] * 2


def test_who_is_in_is_in_though_the_try_can_not_be_given_back(ada, monkeypatch):
    def broken(spent: Any) -> None:
        raise RuntimeError("out of reach")

    monkeypatch.setattr(rates, "give_back", broken)
    assert guesses(1, password=PASSWORD) == ["in"]


def test_a_bucket_that_was_empty_for_a_moment_is_looked_at_again(ada, monkeypatch):
    """The fifth try is right, and while it is verified the sixth is refused."""
    guesses(4)
    honest = service.passwords.matches

    def meanwhile(found: str | None, text: str) -> bool:
        if text == PASSWORD:
            assert guesses(1) == ["refused"]
        return honest(found, text)

    monkeypatch.setattr(service.passwords, "matches", meanwhile)
    assert guesses(1, password=PASSWORD) == ["in"]
    assert guesses(1, password=PASSWORD) == ["in"]


# ---- a reset clears the way --------------------------------------------------------------------


@pytest.mark.parametrize("address", [HOME, AWAY])
def test_after_five_wrong_ones_and_a_reset_the_new_password_opens(ada, mailbox, address):
    assert guesses(6, address=address)[-1] == "refused"
    reset_by_mail(mailbox, asked_at=address, done_at=address)
    assert guesses(3, address=address, password=OTHER_PASSWORD) == ["in"] * 3


def test_control_without_clearing_it_would_not(ada, mailbox, monkeypatch):
    guesses(6)
    honest = tries.sign_in
    monkeypatch.setattr(
        tries, "sign_in", lambda key, known, cleared, *rest, **more: honest(
            key, known, {}, *rest, **more)
    )  # fmt: skip
    reset_by_mail(mailbox)
    assert guesses(1, password=OTHER_PASSWORD) == ["refused"]


def test_a_reset_on_the_phone_clears_the_way_where_it_was_asked_for(ada, mailbox):
    guesses(6)
    reset_by_mail(mailbox, asked_at=HOME, done_at=PHONE)
    assert guesses(1, address=HOME, password=OTHER_PASSWORD) == ["in"]
    assert guesses(1, address=PHONE, password=OTHER_PASSWORD) == ["in"]


def test_where_the_account_was_signed_in_from_before_is_cleared_as_well(ada, mailbox):
    people.sign_in(address=AWAY)
    guesses(6, address=AWAY)
    reset_by_mail(mailbox, asked_at=PHONE, done_at=PHONE)
    assert guesses(1, address=AWAY, password=OTHER_PASSWORD) == ["in"]


def test_after_a_reset_there_are_five_wrong_tries_again_and_no_more(ada, mailbox, hashes):
    guesses(6)
    reset_by_mail(mailbox)
    hashes.clear()
    assert guesses(9) == ["wrong"] * 5 + ["refused"] * 4
    assert hashes == ["verify"] * 5


# ---- and guessers get no more ------------------------------------------------------------------


def test_a_guesser_elsewhere_gets_nothing_from_the_owner_s_reset(ada, mailbox, hashes):
    assert guesses(6, address=STRANGER)[-1] == "refused"
    reset_by_mail(mailbox)
    hashes.clear()
    assert guesses(20, address=STRANGER) == ["refused"] * 20
    assert hashes == []


def test_control_were_the_way_cleared_for_everybody_the_guesser_would(ada, mailbox, monkeypatch):
    guesses(6, address=STRANGER)
    honest = tries.sign_in

    def everybody(key: str, known: Any, cleared: Any, source_ip: str, *, now: int) -> Any:
        since = max(cleared.values(), default=None)
        all_cleared = {rates.address(source_ip): since} if since else {}
        return honest(key, known, all_cleared, source_ip, now=now)

    monkeypatch.setattr(tries, "sign_in", everybody)
    reset_by_mail(mailbox)
    assert guesses(1, address=STRANGER) == ["wrong"]


def test_guessers_everywhere_get_nothing_from_the_owner_s_reset(ada, mailbox, hashes):
    for number in range(tries.STRANGERS.most + 5):
        guesses(1, address=f"198.51.100.{number}")
    reset_by_mail(mailbox)
    hashes.clear()
    for number in range(60, 100):
        guesses(1, address=f"198.51.100.{number}")
    assert hashes == []
    assert guesses(1, password=OTHER_PASSWORD) == ["in"]


def test_nor_from_the_owner_s_signing_in(ada, hashes):
    people.sign_in(address=HOME)
    spent = 0
    hashes.clear()
    for number in range(60):
        people.sign_in(address=HOME)
        spent += guesses(1, address=f"198.51.100.{number % 50}").count("wrong")
    assert spent == tries.STRANGERS.most


def test_a_guesser_who_asks_for_the_link_stays_within_what_strangers_share(ada, mailbox, hashes):
    """The owner uses the link that a guesser asked for, and the guesser knows the address."""
    guesses(6, address=STRANGER)
    reset_by_mail(mailbox, asked_at=STRANGER, done_at=HOME)
    hashes.clear()
    ends = guesses(40, address=STRANGER)
    for number in range(60):
        ends += guesses(1, address=f"198.51.100.{number}")
    # Five of the twenty were spent before the reset.
    assert ends.count("wrong") == len(hashes) == tries.STRANGERS.most - 5


def test_asking_for_links_alone_clears_nothing(ada, mailbox, hashes):
    guesses(6, address=STRANGER)
    for _ in range(3):
        recovery.forgot(EMAIL, visit=people.visit(STRANGER), now=clock.now())
    hashes.clear()
    assert guesses(5, address=STRANGER) == ["refused"] * 5
    assert hashes == []


# ---- what is said ------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "unit"), [("en", "min"), ("zh-CN", "分钟")])
def test_the_refusal_says_in_minutes_when_to_come_back(api, ada, language, unit):
    body = {"email": EMAIL, "password": WRONG}
    for _ in range(6):
        answer = api("POST", "/api/auth/login", body, Accept_Language=language)
    refusal = people.body(answer)
    assert (answer.status_code, refusal["code"]) == (429, "TOO_MANY_REQUESTS")
    minutes = -(-int(answer.headers["Retry-After"]) // 60)
    assert f"{minutes} {unit}" in refusal["message"]
    assert 1 <= minutes <= 15
