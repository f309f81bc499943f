"""A user name is one person's, in whatever letters it is written; taking one tells nothing else."""

import json

import pytest

from chalicelib.accounts import enrolment, personal_data, profile, usernames
from chalicelib.accounts.profile import ProfileChanged
from chalicelib.accounts.rules import UsernameTaken
from chalicelib.accounts.tables import UserItem, UsernameItem
from chalicelib.accounts.usernames import RESERVED_SECONDS
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import TooMany
from chalicelib.kernel.personal_data import Person
from tests.accounts import people
from tests.accounts.people import PASSWORD
from tests.faults.shim import Crash, Point, Shim
from tests.kernel.lost import reply_lost

SAID = {"phone": None, "avatar": None, "gender": None, "birthday": None, "locale": "en"}
BOB = "bob@shop.test"


@pytest.fixture
def two(mailbox) -> tuple[str, str]:
    return people.register().user_id, people.register(BOB).user_id


def call_oneself(user_id: str, name: str | None, version: int = 0) -> None:
    version = version or profile.read(user_id).version
    profile.change(user_id, {**SAID, "username": name}, version=version, now=clock.now())


def name_of(user_id: str) -> str | None:
    return profile.read(user_id).username


def register(email: str, name: str, operation: str = "op", now: int = 0) -> None:
    visit = people.visit(operation=operation)
    enrolment.register(email, PASSWORD, name, visit=visit, now=now or clock.now())


@pytest.mark.parametrize("name", ["Ada", "ADA", "ada", " aDa "])
def test_a_name_is_one_person_s_whatever_its_capitals(two, name):
    call_oneself(two[0], "Ada")
    with pytest.raises(UsernameTaken):
        call_oneself(two[1], name)
    assert name_of(two[1]) is None


def test_a_chinese_character_and_its_compatibility_form_are_one(two):
    call_oneself(two[0], "\u795e仙")
    with pytest.raises(UsernameTaken):
        call_oneself(two[1], "\ufa19仙")


def test_control_without_the_condition_two_people_have_one_name(two, monkeypatch):
    monkeypatch.setattr(
        UsernameItem.name_key, "does_not_exist", lambda: UsernameItem.name_key != "nothing"
    )
    monkeypatch.setattr(usernames, "check_never_had", lambda *_: None)
    call_oneself(two[0], "Ada")
    call_oneself(two[1], "Ada")
    assert name_of(two[0]) == name_of(two[1]) == "Ada"


def test_a_name_that_is_given_back_is_free_and_other_letters_are_the_same_name(two):
    call_oneself(two[0], "Ada")
    call_oneself(two[0], "ADA")
    call_oneself(two[0], "Countess")
    call_oneself(two[1], "Ada")
    call_oneself(two[1], None)
    call_oneself(two[0], "ada")
    assert (name_of(two[0]), name_of(two[1])) == ("ada", None)


def test_who_did_not_see_the_last_profile_neither_takes_nor_gives_back_a_name(two):
    call_oneself(two[0], "Ada")
    with pytest.raises(ProfileChanged):
        call_oneself(two[0], "Countess", version=1)
    call_oneself(two[1], "Countess")
    with pytest.raises(UsernameTaken):
        call_oneself(two[1], "Ada")


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_leaves_name_and_profile_both_or_neither(two, after):
    call_oneself(two[0], "Ada")
    with Shim(crash=Point(0, after)), pytest.raises(Crash):
        call_oneself(two[0], "Countess")
    left = "Ada" if after else "Countess"
    assert name_of(two[0]) == ("Countess" if after else "Ada")
    call_oneself(two[1], left)
    assert name_of(two[1]) == left


def test_a_lost_reply_takes_a_name_once(two):
    with reply_lost("TransactWriteItems"):
        call_oneself(two[0], "Ada")
    call_oneself(two[0], "Ada", version=1)
    assert name_of(two[0]) == "Ada" and profile.read(two[0]).version == 2


def test_a_name_from_before_names_were_unique_is_taken_with_the_next_save(two):
    for user_id in two:
        UserItem(user_id).update([UserItem.username.set("Old")])
    call_oneself(two[0], "Old")
    with pytest.raises(UsernameTaken):
        call_oneself(two[1], "Old")
    # It was never theirs alone: leaving it takes it from nobody.
    call_oneself(two[1], "New")
    assert name_of(two[0]) == "Old"


def named_before(user_id: str, name: str) -> None:
    """The user has a name, and no row of it: so had everybody before names were unique."""
    UserItem(user_id).update([UserItem.username.set(name), UserItem.find_name.set(name.lower())])


def test_nobody_takes_a_name_that_an_older_account_has(two):
    named_before(two[0], "Ada")
    with pytest.raises(UsernameTaken):
        call_oneself(two[1], "ada")
    with pytest.raises(UsernameTaken):
        register("carl@shop.test", "ADA")
    call_oneself(two[0], "Eve")
    call_oneself(two[1], "ada")
    assert (name_of(two[0]), name_of(two[1])) == ("Eve", "ada")


def test_of_two_older_accounts_of_one_name_each_can_still_save_until_one_has_it(two):
    for user_id in two:
        named_before(user_id, "Ada")
    call_oneself(two[0], "Ada")
    with pytest.raises(UsernameTaken):
        call_oneself(two[1], "Ada")
    call_oneself(two[1], "Bob")


def test_control_without_the_look_two_people_have_one_name_from_before(two, monkeypatch):
    monkeypatch.setattr(usernames, "check_never_had", lambda *_: None)
    named_before(two[0], "Ada")
    call_oneself(two[1], "ada")
    assert usernames.key(str(name_of(two[0]))) == usernames.key(str(name_of(two[1])))


def test_a_name_of_somebody_else_opens_no_account_and_says_so_by_field(api):
    wish = {"email": people.EMAIL, "password": PASSWORD, "username": "Ada"}
    assert api("POST", "/api/auth/register", wish).status_code == 201
    answer = api("POST", "/api/auth/register", {**wish, "email": BOB, "username": "ADA"})
    body = json.loads(answer.body)
    assert (answer.status_code, body["code"]) == (409, "USERNAME_TAKEN")
    assert [one["field"] for one in body["errors"]] == ["username"]
    assert people.service.find(BOB) is None


def test_the_name_tells_nobody_whether_an_address_has_an_account(mailbox):
    people.register()
    register(people.EMAIL, "First")
    register(BOB, "Second")
    # Whichever of the two addresses had an account: the name is gone.
    for name in ("First", "Second"):
        with pytest.raises(UsernameTaken):
            register("eve@shop.test", name, operation=name)


def test_a_name_asked_for_with_ones_own_address_is_kept_for_its_owner(mailbox):
    ada = people.register()
    register(people.EMAIL, "Ada")
    call_oneself(ada.user_id, "Ada")
    assert name_of(ada.user_id) == "Ada"


def test_run_again_a_registration_finds_its_own_name(mailbox):
    register(people.EMAIL, "Ada")
    register(people.EMAIL, "Ada")
    assert mailbox.types() == ["account.verification_requested"] * 2
    people.register(BOB)
    register(BOB, "Second", operation="two")
    register(BOB, "Second", operation="two")
    assert mailbox.types()[-2:] == ["account.email_taken"] * 2


@pytest.mark.parametrize("write", range(4))
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_while_registering_keeps_the_name_from_nobody_for_long(mailbox, write, after):
    with Shim(crash=Point(write, after)), pytest.raises(Crash):
        register(people.EMAIL, "Ada")
    register(people.EMAIL, "Ada")
    assert people.user_of().username == "Ada"


def test_a_name_reserved_for_an_account_that_was_never_opened_is_free_again(mailbox, monkeypatch):
    def limited(key: str, *, now: int) -> None:
        raise TooMany

    with monkeypatch.context() as patch:
        patch.setattr(enrolment.tries, "mail", limited)
        with pytest.raises(TooMany):
            register(people.EMAIL, "Ada")
    now = clock.now()
    with pytest.raises(UsernameTaken):
        register(BOB, "Ada", now=now)
    register(BOB, "Ada", now=now + RESERVED_SECONDS + 1)
    assert people.user_of(BOB).username == "Ada"


def test_who_is_erased_gives_back_every_name(two):
    call_oneself(two[0], "Ada")
    register(people.EMAIL, "Countess")
    # Erasure empties the account first, in one write.
    UserItem(two[0]).update([UserItem.username.remove(), UserItem.find_name.remove()])
    personal_data.erase(Person(two[0], None), now=clock.now())
    assert list(UsernameItem.scan()) == []
    call_oneself(two[1], "Ada")


def test_a_name_that_another_one_has_by_now_is_not_given_back(two, monkeypatch):
    call_oneself(two[0], "Ada")
    stale = list(UsernameItem.by_user.query(two[0]))
    call_oneself(two[0], None)
    call_oneself(two[1], "Ada")
    monkeypatch.setattr(UsernameItem.by_user, "query", lambda user_id: stale)
    usernames.release_all(two[0])
    assert usernames.is_of("Ada", two[1])


def test_a_name_that_changed_hands_meanwhile_is_looked_at_again(two, monkeypatch):
    call_oneself(two[0], "Ada")
    honest, asked = usernames.is_of, []

    def is_of(name: str | None, user_id: str) -> bool:
        found = honest(name, user_id)
        if name == "Ada" and not asked:
            asked.append(name)
            dynamo.delete(UsernameItem(usernames.key("Ada")))
        return found

    monkeypatch.setattr(usernames, "is_of", is_of)
    call_oneself(two[0], "Countess")
    assert asked and name_of(two[0]) == "Countess"
