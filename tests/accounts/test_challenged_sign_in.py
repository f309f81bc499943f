"""Signing in where a challenge is asked: an honest person gets in where a limit alone keeps them
out, and guessers pay for guesses that still have an end."""

from typing import Any

import pytest
import requests

from chalicelib.accounts import challenges, tries
from chalicelib.accounts.tables import UserItem
from chalicelib.kernel import clock
from tests.accounts import people
from tests.accounts.challenged import SERVICE, begin_a_window, switch_on
from tests.accounts.people import AWAY, EMAIL, PASSWORD

WRONG = "Wr0ng-guess"


@pytest.fixture
def ada(mailbox) -> UserItem:
    return people.register()


def sign_in(api: Any, password: str = PASSWORD, **more: str) -> Any:
    return api("POST", "/api/auth/login", {"email": EMAIL, "password": password, **more})


@pytest.fixture
def locked_out(api, ada) -> None:
    """Guessers have used up what strangers share, and this address its own."""
    begin_a_window()
    for number in range(tries.STRANGERS.most):
        with pytest.raises(Exception, match="WRONG_CREDENTIALS"):
            people.sign_in(EMAIL, WRONG, address=f"198.51.100.{number}")


def asked(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 429, answer.body
    (error,) = people.body(answer)["errors"]
    assert error["field"] == "challenge"
    assert int(answer.headers["Retry-After"]) > 0
    return dict(error["challenge"])


def test_off_by_default_a_limit_is_a_limit_whatever_is_sent_along(api, locked_out):
    for more in ({}, {"challenge": "anything"}):
        answer = sign_in(api, **more)
        assert (answer.status_code, people.body(answer)["code"]) == (429, "TOO_MANY_REQUESTS")
        assert people.body(answer)["errors"] == []


def test_before_anything_went_wrong_nobody_is_asked(api, ada, kind):
    assert sign_in(api).status_code == 200


def test_the_owner_who_is_locked_out_by_guessers_gets_in(api, locked_out, answer_to, hashes):
    hashes.clear()
    challenge = asked(sign_in(api))
    assert hashes == []
    assert sign_in(api, challenge=answer_to(challenge)).status_code == 200
    # Known now, and not asked again.
    assert sign_in(api).status_code == 200


def test_a_bad_answer_is_asked_anew_before_any_hash(api, locked_out, answer_to, hashes):
    hashes.clear()
    answer = sign_in(api, challenge="nonsense")
    assert people.body(answer)["code"] == "CHALLENGE_FAILED"
    assert hashes == []
    assert sign_in(api, challenge=answer_to(asked(answer))).status_code == 200


def test_each_answer_is_good_for_one_guess(api, locked_out, answer_to, hashes):
    hashes.clear()
    answer = answer_to(asked(sign_in(api)))
    assert sign_in(api, WRONG, challenge=answer).status_code == 401
    assert people.body(sign_in(api, WRONG, challenge=answer))["code"] == "CHALLENGE_FAILED"
    assert hashes == ["verify"]


def test_with_challenges_too_guesses_have_an_end(api, locked_out, answer_to, hashes):
    hashes.clear()
    for _ in range(tries.PROVED_HERE.most):
        answer = answer_to(asked(sign_in(api, WRONG)))
        assert sign_in(api, WRONG, challenge=answer).status_code == 401
    last = sign_in(api, challenge=answer_to(asked(sign_in(api))))
    assert (last.status_code, people.body(last)["code"]) == (429, "TOO_MANY_REQUESTS")
    assert len(hashes) == tries.PROVED_HERE.most


def test_guessers_who_pay_from_everywhere_share_an_end(ada, locked_out, answer_to, hashes):
    hashes.clear()
    for number in range(40):
        address = f"203.0.113.{number}"
        with pytest.raises(challenges.ChallengeRequired) as wanted:
            people.sign_in(EMAIL, WRONG, address=address)
        answer = answer_to(wanted.value.fields[0].facts["challenge"])
        visit, now = people.visit(address), clock.now()
        with pytest.raises(Exception, match=r"WRONG_CREDENTIALS|TOO_MANY_REQUESTS"):
            people.service.sign_in(EMAIL, WRONG, visit=visit, now=now, answer=answer)
    assert hashes == ["verify"] * tries.PROVED.most


def test_an_unknown_account_is_asked_like_any_other(api, ada, kind):
    begin_a_window()
    body = {"email": "nobody@shop.test", "password": WRONG}
    answers = [api("POST", "/api/auth/login", body).status_code for _ in range(5)]
    assert answers == [401] * 5
    assert asked(api("POST", "/api/auth/login", body))["kind"] == kind


def test_an_answer_that_is_too_long_is_refused_unread(api, ada):
    assert sign_in(api, challenge="x" * 2_501).status_code == 422


@pytest.mark.parametrize("configured", ["on", "PROOF-OF-WORK", "captcha"])
def test_a_kind_that_is_none_is_off(tables, configured):
    switch_on({"challenge/kind": configured})
    assert challenges.current() is None


def test_what_travels_to_the_page_holds_no_secret(api, locked_out, kind):
    body = str(asked(sign_in(api)))
    assert SERVICE["challenge/secret"] not in body
    assert EMAIL not in body and AWAY not in body


@pytest.mark.parametrize(
    "fails",
    [
        requests.ConnectTimeout("secret-of-the-test-stage"),
        requests.ConnectionError(),
        (500, b"{}"),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"success": false, "error-codes": ["invalid-input-secret"]}'),
        (200, b'{"success": false}'),
        (200, b'{"success": false, "error-codes": "x"}'),
    ],
    ids=str,
)
def test_who_can_not_be_asked_has_not_said_yes(api, locked_out, service, fails):
    switch_on(SERVICE)
    service.fails = fails
    found = sign_in(api, challenge="token")
    body = people.body(found)
    assert (found.status_code, body["code"]) == (503, "CHALLENGE_UNAVAILABLE")
    assert "Retry-After" in found.headers and SERVICE["challenge/secret"] not in str(body)
