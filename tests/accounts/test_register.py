"""Registering: one account to an address, and nobody learns which addresses have one."""

import pytest

from chalicelib.accounts import enrolment, recovery
from chalicelib.accounts.rules import WeakPassword, WrongCredentials
from chalicelib.accounts.tables import EmailItem, UserItem
from chalicelib.kernel import clock
from chalicelib.kernel.contact import emails
from chalicelib.kernel.errors import Invalid, TooMany
from chalicelib.kernel.messaging import events
from tests.accounts import people
from tests.accounts.people import EMAIL, OTHER_PASSWORD, PASSWORD
from tests.faults.shim import Crash, Point, Shim
from tests.kernel.lost import reply_lost

WISH = {"email": EMAIL, "password": PASSWORD, "username": "Ada"}


def register(email: str = EMAIL, *, password: str = PASSWORD, operation: str = "one") -> None:
    visit = people.visit(operation=operation)
    enrolment.register(email, password, None, visit=visit, now=clock.now())


def world() -> tuple[int, int]:
    """How many users there are, and how many addresses; each address leads to its user."""
    users = {item.user_id: item for item in UserItem.scan()}
    addresses = list(EmailItem.scan())
    for one in addresses:
        assert users[one.user_id].email_key == one.email_key
    return len(users), len(addresses)


def test_a_new_account_is_a_plain_user_with_an_unproven_address(mailbox):
    enrolment.register(EMAIL, PASSWORD, " Ada ", visit=people.visit(locale="zh-CN"), now=7)
    user = people.user_of().as_user()
    assert (user.email, user.username, user.role, user.status) == (EMAIL, "Ada", "USER", "ACTIVE")
    assert (user.verified, user.locale, user.created_at) == (False, "zh-CN", 7)
    assert mailbox[0].data["locale"] == "zh-CN"
    assert people.sign_in()


def test_a_taken_address_looks_like_a_new_one_and_its_owner_is_told(api, mailbox, hashes):
    published = []
    # The first call of a process reads what it then keeps, the block list.
    api("POST", "/api/auth/register", {**WISH, "email": "first@shop.test", "username": "Zoe"})
    mailbox.clear()
    for email, name in ((EMAIL, "Ada"), (EMAIL, "Eda"), (EMAIL.upper(), "Ida")):
        hashes.clear()
        with Shim() as shim:
            answer = api("POST", "/api/auth/register", {**WISH, "email": email, "username": name})
        body = people.body(answer)
        body.pop("timestamp")
        published.append((answer.status_code, body, list(hashes), shim.calls))
    assert published[0][:3] == published[1][:3] == published[2][:3]
    assert published[0][0] == 201
    assert published[0][2] == ["hash"]
    assert published[0][3] == published[1][3]
    assert mailbox.types() == ["account.verification_requested", *["account.email_taken"] * 2]
    assert world() == (2, 2)


def test_registering_again_changes_neither_password_nor_name(mailbox):
    before = people.register()
    register(password=OTHER_PASSWORD, operation="another")
    assert people.user_of().password_hash == before.password_hash
    with pytest.raises(WrongCredentials):
        people.sign_in(password=OTHER_PASSWORD)


def test_the_owner_of_an_address_takes_over_an_account_somebody_else_opened_with_it(mailbox):
    register(password=PASSWORD, operation="thief")
    thief = people.sign_in()
    register(password=OTHER_PASSWORD, operation="owner")
    recovery.reset(
        mailbox.token("email_taken"), OTHER_PASSWORD, visit=people.visit(), now=clock.now()
    )
    with pytest.raises(people.service.Unauthorized):
        people.identify(thief)
    assert people.user_of().as_user().verified
    assert people.sign_in(password=OTHER_PASSWORD)


def test_run_again_it_finds_its_own_account_and_mails_the_link_again(mailbox):
    register()
    register()
    assert mailbox.types() == ["account.verification_requested"] * 2
    assert mailbox[0].id == mailbox[1].id
    assert world() == (1, 1)


def test_a_lost_reply_opens_one_account(mailbox):
    with reply_lost("TransactWriteItems") as sent:
        register()
    assert len(sent) == 2
    assert mailbox.types() == ["account.verification_requested"]
    assert world() == (1, 1)


# The allowance of mails, the account, the link.
@pytest.mark.parametrize("write", range(3))
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_write_leaves_an_account_whole_or_none(mailbox, write, after):
    with Shim(crash=Point(write, after)), pytest.raises(Crash):
        register()
    assert world() in ((0, 0), (1, 1))
    register()
    assert world() == (1, 1)
    enrolment.verify_email(
        mailbox.token("verification_requested"), operation="two", now=clock.now()
    )
    assert people.user_of().as_user().verified


def test_control_without_its_condition_an_address_has_two_accounts(mailbox, monkeypatch):
    monkeypatch.setattr(
        EmailItem.email_key, "does_not_exist", lambda: EmailItem.email_key != "nothing"
    )
    register()
    register(operation="another")
    assert len({item.user_id for item in UserItem.scan()}) == 2


def test_when_mail_cannot_be_told_the_call_fails_and_can_be_run_again(mailbox, monkeypatch):
    def down(event: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(events, "publish", down)
    with pytest.raises(ConnectionError):
        register()
    monkeypatch.setattr(events, "publish", mailbox.append)
    register()
    assert mailbox.types() == ["account.verification_requested"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "short"}, "password"),
        ({"username": "admin"}, "username"),
        ({"email": "no address"}, "email"),
        ({"role": "ADMIN"}, "role"),
        ({"userId": "usr_mine"}, "userId"),
        ({"emailVerifiedAt": 1}, "emailVerifiedAt"),
        ({"status": "ACTIVE"}, "status"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_nothing_is_written(api, hashes, changes, field):
    hashes.clear()
    answer = api("POST", "/api/auth/register", WISH | changes)
    assert answer.status_code == 422
    assert field in {entry["field"] for entry in people.body(answer)["errors"]}
    assert world() == (0, 0)
    assert hashes == []


def test_weak_passwords_and_bad_names_are_refused_by_the_service_too(mailbox):
    with pytest.raises(WeakPassword):
        register(password="Aa1!aaaa")
    with pytest.raises(Invalid):
        enrolment.register(EMAIL, PASSWORD, "root", visit=people.visit(), now=1)


@pytest.mark.parametrize(
    "email", ["\u212aim@shop.test", "kim@\u017fhop.test", "\uff4bim@shop.test"]
)
def test_an_address_that_reads_as_another_one_s_opens_no_account(mailbox, email):
    with pytest.raises(Invalid):
        register(email)
    assert world() == (0, 0)


def test_control_without_the_normal_form_it_takes_the_other_s_key(mailbox, monkeypatch):
    monkeypatch.setattr(emails, "normal", str)
    register("\u212aim@shop.test")
    assert people.user_of("kim@shop.test").email == "\u212aim@shop.test"


def test_an_address_whose_domain_is_in_chinese_letters_is_one(mailbox):
    register("ming@例子.test")
    assert people.sign_in("ming@例子.test")


def test_the_link_can_be_asked_for_again_until_the_address_is_proven(mailbox):
    people.register()
    caller = people.identify(people.sign_in())

    def ask() -> None:
        enrolment.ask_verification(caller, visit=people.visit(), now=clock.now())

    ask()
    assert mailbox.types() == ["account.verification_requested"] * 2
    enrolment.verify_email(mailbox.token(), operation="two", now=clock.now())
    ask()
    assert len(mailbox) == 2


def test_asking_for_the_link_again_is_limited(mailbox):
    people.register()
    caller = people.identify(people.sign_in())
    with pytest.raises(TooMany):
        for _ in range(9):
            enrolment.ask_verification(caller, visit=people.visit(), now=clock.now())
    assert len(mailbox) == 5
