"""One mailbox is one account, and its orders are its owner's, however its domain is spelt."""

import pytest

from chalicelib.accounts import enrolment, members, profile, recovery
from chalicelib.accounts.rules import UserStatus
from chalicelib.accounts.tables import EmailItem, UserItem
from chalicelib.checkout import service as checkout
from chalicelib.kernel import clock
from chalicelib.kernel.ids import identity
from chalicelib.kernel.messaging import events
from chalicelib.orders import owners, service
from chalicelib.orders.tables import OrderItem
from chalicelib.privacy import erasure
from tests import factory
from tests.accounts import people
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, Mailbox

UMLAUT, PUNYCODE = "u@bücher.example", "u@xn--bcher-kva.example"
both = pytest.mark.parametrize(
    ("first", "second"), [(UMLAUT, PUNYCODE), (PUNYCODE, UMLAUT), (UMLAUT, f" {UMLAUT} ")]
)


@pytest.fixture
def mailbox(shop, monkeypatch) -> Mailbox:
    """What a whole shop tells."""
    box = Mailbox()
    monkeypatch.setattr(events, "publish", box.append)
    shop.sell("mug", stock=5)
    return box


def older_account() -> UserItem:
    """An account from before domains were folded: known by the letters that were typed."""
    item = people.register(UMLAUT)
    key = identity("email", UMLAUT)
    for row in list(EmailItem.scan()):
        if row.email_key != key:
            row.delete()
    item.update(
        [UserItem.email.set(UMLAUT), UserItem.email_key.set(key), UserItem.find_email.set(UMLAUT)]
    )
    return people.user_of(UMLAUT)


def order_of(email: str) -> OrderItem:
    """An order from before: under the digest of the letters that were typed."""
    wish = factory.wish(email=email)
    placed = checkout.checkout(factory.cart_with({"mug": 1}), wish, now=clock.now())
    item = OrderItem.get(placed.order.order_id)
    item.update([OrderItem.email_key.set(identity("email", email))])
    return item


@both
def test_two_spellings_are_one_account(mailbox, first, second):
    people.register(first)
    enrolment.register(second, OTHER_PASSWORD, None, visit=people.visit(), now=clock.now())
    assert mailbox.types() == ["account.verification_requested", "account.email_taken"]
    assert {event.data["email"] for event in mailbox} == {PUNYCODE}
    assert people.sign_in(first) and people.sign_in(second)


def test_the_mail_goes_to_the_form_that_every_mail_service_takes(api, mailbox):
    wish = {"email": f" {UMLAUT.upper()} ", "password": PASSWORD}
    assert api("POST", "/api/auth/register", wish).status_code == 201
    assert mailbox[0].data["email"] == f"U@{PUNYCODE.split('@')[1]}"


@pytest.mark.parametrize("path", ["register", "login", "forgot-password"])
@pytest.mark.parametrize(
    "email", ["a..b@shop.test", "x" * 65 + "@shop.test", "a@127.0.0.1", "a@shop.test?x=1"]
)
def test_what_cannot_be_mailed_is_refused_at_every_door(api, path, email):
    wish = {"email": email} | ({"password": PASSWORD} if path != "forgot-password" else {})
    answer = api("POST", f"/api/auth/{path}", wish)
    assert answer.status_code == 422
    assert [one["field"] for one in people.body(answer)["errors"]] == ["email"]


@pytest.mark.parametrize("email", [UMLAUT, PUNYCODE])
def test_an_account_from_before_is_found_by_either_spelling(mailbox, email):
    before = older_account()
    assert people.user_of(email).user_id == before.user_id
    assert people.sign_in(email)
    enrolment.register(email, OTHER_PASSWORD, None, visit=people.visit(), now=clock.now())
    assert len(list(UserItem.scan())) == 1
    recovery.forgot(email, visit=people.visit(), now=clock.now())
    recovery.reset(mailbox.token("reset_requested"), OTHER_PASSWORD, visit=people.visit(), now=1)
    assert people.sign_in(email, OTHER_PASSWORD)


@pytest.mark.parametrize("text", [UMLAUT, PUNYCODE, "u@b", "U@BÜCHER.example"])
def test_an_administrator_finds_an_account_from_before(mailbox, text):
    before = older_account()
    assert [one.user_id for one in members.search(text)] == [before.user_id]


@pytest.mark.parametrize("text", [UMLAUT, PUNYCODE, "u@xn"])
def test_an_administrator_finds_an_account_by_either_spelling(mailbox, text):
    account = people.register(UMLAUT)
    assert [one.user_id for one in members.search(text)] == [account.user_id]


@pytest.mark.parametrize("older", [False, True])
def test_orders_of_either_spelling_are_claimed_by_who_proved_the_mailbox(mailbox, older):
    account = older_account() if older else people.register(PUNYCODE)
    account.update([UserItem.email_verified_at.set(1)])
    ids = {order_of(UMLAUT).order_id, order_of(PUNYCODE).order_id}
    given = owners.claim(account.user_id, *profile.proven_email(account.user_id))
    assert set(given) == ids


@pytest.mark.parametrize("asked", [UMLAUT, PUNYCODE])
def test_an_order_from_before_is_looked_up_by_either_spelling(mailbox, asked):
    order = service.read(order_of(UMLAUT).order_id)
    assert order is not None
    owners.ask_link(order.number, asked, operation="op", now=clock.now())
    assert mailbox[-1].data["orderId"] == order.order_id


@pytest.mark.parametrize("older", [False, True])
def test_an_erased_mailbox_is_free_under_both_spellings(mailbox, older):
    account = older_account() if older else people.register(UMLAUT)
    caller = people.identify(people.sign_in(UMLAUT))
    assert erasure.erase(caller, PASSWORD, {}, now=clock.now())
    assert list(EmailItem.scan()) == []
    erased = UserItem.get(account.user_id)
    assert (erased.status, erased.email) == (UserStatus.ERASED, None)
    assert people.register(PUNYCODE).user_id != account.user_id
