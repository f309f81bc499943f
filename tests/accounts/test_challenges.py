"""A challenge lets an honest person through where a limit alone would not; it is off by default."""

import hashlib
import itertools

import pytest

from chalicelib.accounts import challenges
from chalicelib.accounts.ports import Attempt
from chalicelib.accounts.providers import proof_of_work
from chalicelib.kernel import clock, rates
from tests.accounts.challenged import OWN, SERVICE, solve, switch_on

ATTEMPT = Attempt("sign-in", "email:id_ada", "ip:id_home")
OTHERS = [
    Attempt("sign-in", "email:id_ada", "ip:id_away"),
    Attempt("sign-in", "email:id_bob", "ip:id_home"),
    Attempt("register", "email:id_ada", "ip:id_home"),
]
# ---- what every challenge keeps to --------------------------------------------------------------


def test_it_is_passed_once_for_what_it_was_asked_for(answer_to):
    challenge, now = challenges.current(), clock.now()
    answer = answer_to(challenge.ask(ATTEMPT, now=now))
    assert challenge.passed(ATTEMPT, answer, now=now)
    assert not challenge.passed(ATTEMPT, answer, now=now)


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_it_is_worth_nothing_for_another_attempt(answer_to, other):
    challenge, now = challenges.current(), clock.now()
    answer = answer_to(challenge.ask(ATTEMPT, now=now))
    assert not challenge.passed(other, answer, now=now)


NONSENSE = ["", "x", "~", "x~1", "~~~", "\u4e2d~1", "x~\u0661", "a~" + "9" * 40]


@pytest.mark.parametrize("answer", NONSENSE, ids=ascii)
def test_nonsense_is_no_answer(kind, answer):
    assert not challenges.current().passed(ATTEMPT, answer, now=clock.now())


def test_control_without_using_it_up_one_answer_would_be_good_for_ever(
    answer_to, kind, service, monkeypatch
):
    monkeypatch.setattr(rates, "once", lambda *_, **__: True)
    challenge, now = challenges.current(), clock.now()
    answer = answer_to(challenge.ask(ATTEMPT, now=now))
    kept = dict(service.tokens)
    for _ in range(2):
        service.tokens.update(kept)
        assert challenge.passed(ATTEMPT, answer, now=now)


# ---- proof of work ------------------------------------------------------------------------------


def test_a_puzzle_is_over_after_five_minutes(tables):
    challenge, now = proof_of_work.ProofOfWork(8), clock.now()
    answer = solve(challenge.ask(ATTEMPT, now=now)["puzzle"], 8)
    assert not challenge.passed(ATTEMPT, answer, now=now + proof_of_work.SECONDS)
    assert challenge.passed(ATTEMPT, answer, now=now + proof_of_work.SECONDS - 1)


def test_a_number_that_is_too_easy_is_none(tables):
    challenge, now = proof_of_work.ProofOfWork(12), clock.now()
    puzzle = challenge.ask(ATTEMPT, now=now)["puzzle"]

    def bits(number: int) -> int:
        return proof_of_work.zero_bits(hashlib.sha256(f"{puzzle}~{number}".encode()).digest())

    easy = next(number for number in itertools.count() if bits(number) < 12)
    assert not challenge.passed(ATTEMPT, f"{puzzle}~{easy}", now=now)


def test_a_puzzle_keeps_the_difficulty_that_it_was_made_with(tables):
    now = clock.now()
    answer = solve(proof_of_work.ProofOfWork(8).ask(ATTEMPT, now=now)["puzzle"], 8)
    assert proof_of_work.ProofOfWork(20).passed(ATTEMPT, answer, now=now)


@pytest.mark.parametrize("configured", ["7", "25", "-1", "many", "1e1", "99999999999"])
def test_a_difficulty_that_can_not_be_one_switches_it_off(tables, configured):
    switch_on({**OWN, "challenge/difficulty": configured})
    assert challenges.current() is None


# ---- the service --------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [b'{"success": 1}', b'{"success": "true"}'])
def test_only_true_is_yes(tables, service, said):
    switch_on(SERVICE)
    service.fails = (200, said)
    with pytest.raises(challenges.Unavailable):
        challenges.current().passed(ATTEMPT, "token", now=clock.now())


@pytest.mark.parametrize("missing", ["challenge/site_key", "challenge/secret"])
def test_without_its_keys_it_is_off(tables, missing):
    switch_on({name: value for name, value in SERVICE.items() if name != missing})
    assert challenges.current() is None


@pytest.mark.parametrize("name", ["challenge/verify_url", "challenge/script_url"])
@pytest.mark.parametrize("url", ["http://a.test/x", "ftp://a.test", "javascript:x", "//a.test"])
def test_neither_the_secret_nor_a_script_travels_in_clear(tables, name, url):
    switch_on({**SERVICE, name: url})
    assert challenges.current() is None
