"""Signing in: what it costs, what it tells, how often it may be tried."""

import re

import pytest

from chalicelib.accounts import passwords, service, tries
from chalicelib.accounts.rules import AccountBanned, UserStatus, WrongCredentials
from chalicelib.accounts.tables import UserItem
from chalicelib.kernel import audit, clock
from chalicelib.kernel.errors import TooMany
from tests.accounts import people
from tests.accounts.people import AWAY, EMAIL, HOME, OTHER_PASSWORD, PASSWORD

GUESSES = 60


@pytest.fixture
def ada(mailbox) -> UserItem:
    return people.register()


def guess(email: str = EMAIL, *, address: str = AWAY, password: str = OTHER_PASSWORD) -> Exception:
    """What a guess at the password is answered."""
    with pytest.raises((WrongCredentials, TooMany)) as caught:
        people.sign_in(email, password, address=address)
    return caught.value


def test_who_knows_the_password_gets_in_whatever_the_capitals_of_the_address(ada):
    made = people.sign_in("ADA@Shop.test")
    caller = people.identify(made)
    assert (caller.user_id, caller.role) == (ada.user_id, "USER")
    assert caller.name == f"user:{ada.user_id}"


def test_unknown_account_and_wrong_password_are_the_same_to_everybody(api, ada, hashes):
    refusals = []
    for email in (EMAIL, "nobody@shop.test"):
        hashes.clear()
        answer = api("POST", "/api/auth/login", {"email": email, "password": OTHER_PASSWORD})
        body = people.body(answer)
        body.pop("timestamp"), body.pop("requestId")
        headers = {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}
        refusals.append((answer.status_code, body, headers, list(hashes)))
    assert refusals[0] == refusals[1]
    assert refusals[0][0] == 401
    assert refusals[0][3] == ["verify"]


def test_control_without_the_dummy_hash_an_unknown_account_costs_none(ada, hashes, monkeypatch):
    honest = passwords.matches
    monkeypatch.setattr(
        passwords, "matches", lambda found, text: bool(found) and honest(found, text)
    )
    hashes.clear()
    guess("nobody@shop.test")
    assert hashes == []


def test_the_dummy_hash_has_the_parameters_of_a_real_one():
    def parameters(text: str) -> tuple[str, int]:
        head, _, rest = text.partition("$v=19$")
        return head + rest.partition("$")[0], len(text)

    assert parameters(passwords._nobodys()) == parameters(passwords.hashed(PASSWORD))
    assert not passwords.is_outdated(passwords._nobodys())


def test_a_password_is_stored_as_argon2id_of_19_mib_two_passes_one_lane(ada, monkeypatch):
    monkeypatch.undo()
    assert re.match(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$", passwords.hashed(PASSWORD))


def test_two_people_with_one_password_have_different_hashes(ada):
    assert people.register("bob@shop.test").password_hash != ada.password_hash


def test_signing_in_hashes_anew_when_the_parameters_changed(ada, monkeypatch, hashes):
    monkeypatch.setattr(passwords, "MEMORY_KIB", 128)
    hashes.clear()
    people.sign_in()
    assert hashes == ["verify", "hash"]
    assert ",t=1," in people.user_of().password_hash and "m=128" in people.user_of().password_hash
    people.sign_in()
    assert hashes == ["verify", "hash", "verify"]


def test_a_wrong_password_hashes_nothing_anew(ada, monkeypatch, hashes):
    monkeypatch.setattr(passwords, "MEMORY_KIB", 128)
    hashes.clear()
    guess()
    assert hashes == ["verify"]
    assert people.user_of().password_hash == ada.password_hash


def test_hashing_anew_does_not_undo_a_password_that_was_changed_meanwhile(ada, monkeypatch):
    monkeypatch.setattr(passwords, "MEMORY_KIB", 128)
    newer = passwords.hashed(OTHER_PASSWORD)
    honest = passwords.is_outdated

    def meanwhile(password_hash: str) -> bool:
        UserItem(ada.user_id).update([UserItem.password_hash.set(newer)])
        return honest(password_hash)

    monkeypatch.setattr(passwords, "is_outdated", meanwhile)
    people.sign_in()
    assert people.user_of().password_hash == newer


def test_a_password_of_128_characters_counts_to_its_last(mailbox):
    long = "Aa1!" + "bc" * 62
    people.register(password=long)
    assert people.sign_in(password=long)
    guess(password=long[:-1] + "d")


@pytest.mark.parametrize("size", [129, 1_000, 60_000, 1_000_000])
def test_a_longer_password_is_refused_before_any_hashing(api, ada, hashes, size):
    hashes.clear()
    long = "Aa1!" + "bc" * (size // 2)
    paths = {
        "/api/auth/login": {"email": EMAIL, "password": long},
        "/api/auth/register": {"email": "new@shop.test", "password": long},
        "/api/auth/reset-password": {"token": "reset_x", "newPassword": long},
    }
    for path, body in paths.items():
        assert api("POST", path, body).status_code == (413 if size > 60_000 else 422)
    assert hashes == []


def test_guesses_from_one_address_end_at_five(ada, hashes):
    hashes.clear()
    refusals = [guess() for _ in range(GUESSES)]
    assert hashes == ["verify"] * tries.HERE.most
    assert [type(each) for each in refusals[: tries.HERE.most]] == [
        WrongCredentials
    ] * tries.HERE.most
    assert all(isinstance(each, TooMany) for each in refusals[tries.HERE.most :])
    assert 0 < refusals[-1].retry_after <= tries.HERE.seconds


def test_guesses_from_a_thousand_addresses_end_at_twenty(ada, hashes):
    hashes.clear()
    for number in range(GUESSES):
        guess(address=f"198.51.100.{number}")
    assert hashes == ["verify"] * tries.STRANGERS.most


def test_an_unknown_account_is_limited_like_any_other(ada, hashes):
    hashes.clear()
    refusals = [type(guess("nobody@shop.test")) for _ in range(8)]
    assert refusals == [type(guess()) for _ in range(8)]
    assert hashes == ["verify"] * 2 * tries.HERE.most


def test_control_without_the_limit_each_guess_is_verified(ada, hashes, monkeypatch):
    monkeypatch.setattr(tries, "sign_in", lambda *_, **__: None)
    hashes.clear()
    for _ in range(8):
        guess()
    assert hashes == ["verify"] * 8


def test_who_guesses_does_not_lock_the_owner_out(ada):
    people.sign_in(address=HOME)
    for number in range(tries.STRANGERS.most + 5):
        guess(address=f"198.51.100.{number}")
    assert people.sign_in(address=HOME)
    # Not even for somebody who knows the password, until the window is over.
    assert isinstance(guess(address=AWAY, password=PASSWORD), TooMany)
    later = clock.now() + tries.STRANGERS.seconds
    assert people.sign_in(address=AWAY, now=later)


def test_control_without_known_addresses_the_owner_is_locked_out(ada, monkeypatch):
    monkeypatch.setattr(service, "remembered", lambda known, address, now: {})
    people.sign_in(address=HOME)
    for number in range(tries.STRANGERS.most + 5):
        guess(address=f"198.51.100.{number}")
    assert isinstance(guess(address=HOME, password=PASSWORD), TooMany)


def test_one_account_s_guesses_do_not_touch_another(ada):
    people.register("bob@shop.test")
    for _ in range(tries.HERE.most + 1):
        guess()
    assert people.sign_in("bob@shop.test", address=AWAY)


def test_a_banned_user_is_told_so_only_with_the_right_password(ada):
    UserItem(ada.user_id).update([UserItem.status.set(UserStatus.BANNED)])
    assert isinstance(guess(), WrongCredentials)
    with pytest.raises(AccountBanned):
        people.sign_in()


def test_good_and_bad_sign_ins_stand_in_the_audit_log_without_an_address_of_mail(ada):
    people.sign_in()
    guess()
    guess("nobody@shop.test")
    mine = list(audit.of_target(f"user:{ada.user_id}", limit=9))
    assert [(one.actor, one.action, one.outcome) for one in mine] == [
        (f"user:{ada.user_id}", "sign-in", "OK")
    ]
    missed = list(audit.of_actor("guest", limit=9))
    assert [one.outcome for one in missed] == ["WRONG_CREDENTIALS"] * 2
    assert not any("@" in str(one) for one in [*mine, *missed])
