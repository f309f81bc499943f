"""Fifty at once want one key, one default, one cart, one order; two admins demote each other.

Each is let go when all have read what they are going to change.
"""

from typing import Any

import pytest

from chalicelib.accounts import addresses, api_keys, members
from chalicelib.accounts.members import LastAdmin
from chalicelib.accounts.rules import UserStatus
from chalicelib.accounts.tables import RosterItem, UserItem
from chalicelib.cart import merging
from chalicelib.cart import service as carts
from chalicelib.cart.tables import OpenCartItem
from chalicelib.kernel import clock
from chalicelib.kernel.caller import OWNER, ROLE_PERMISSIONS, Caller, CallerKind, Permission, Role
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.ids import token
from chalicelib.orders import owners
from chalicelib.orders.rules import email_key
from chalicelib.privacy import erasure
from tests import factory, live
from tests.faults.world import check_world, scan

CROWD, TABS, ADDS = 50, 4, 10
HOME = {
    "name": "Ada",
    "line1": "1 Example Street",
    "city": "X",
    "region": "NY",
    "postalCode": "12345",
    "country": "US",
}
ADA = "usr_ada"

pytestmark = pytest.mark.usefixtures("busy_shop")


def at_once(job: Any, times: int = CROWD) -> list[Any]:
    return live.at_once([lambda: live.attempt(job)] * times)


def admin(user_id: str) -> Caller:
    """An administrator, in the tables and as a caller."""
    fields = {"locale": "en", "status": UserStatus.ACTIVE, "created_at": 1, "updated_at": 1}
    UserItem(user_id, role=Role.USER, **fields).save()
    members.set_role(user_id, Role.ADMIN, caller=OWNER, now=clock.now())
    return Caller(CallerKind.USER, user_id, Role.ADMIN, ROLE_PERMISSIONS[Role.ADMIN])


def make_key() -> tuple[Any, str | None]:
    scopes = {Permission.MANAGE_STOCK}
    return api_keys.create("till", scopes, caller=OWNER, operation="op", now=clock.now())


def test_fifty_creations_of_one_operation_make_one_key_and_show_it_once():
    answers = at_once(make_key)

    assert [each for each in answers if isinstance(each, Exception)] == []
    assert len(scan("api-keys")) == len({key.key_id for key, _ in answers}) == 1
    (text,) = [text for _, text in answers if text]
    assert api_keys.authenticate(text, clock.now()).permissions == {Permission.MANAGE_STOCK}


def test_control_without_the_condition_fifty_texts_are_shown_and_one_opens(monkeypatch):
    monkeypatch.setattr(api_keys.dynamo, "put", lambda item, **_: item.save())
    shown = [text for _, text in at_once(make_key) if text]

    def opens(text: str) -> bool:
        return not isinstance(
            live.attempt(lambda: api_keys.authenticate(text, clock.now())), Exception
        )

    assert len(shown) == CROWD and sum(map(opens, shown)) == 1


def test_addresses_put_in_at_once_are_all_in_and_one_is_the_default():
    def put_in(tab: int) -> None:
        for number in range(ADDS // 2):
            again = True
            while again:
                try:
                    addresses.add(
                        ADA,
                        HOME,
                        make_default=True,
                        operation=f"{tab}-{number}",
                        now=clock.now(),
                    )
                    again = False
                except Unavailable:
                    again = True

    live.at_once([lambda tab=tab: put_in(tab) for tab in range(TABS)])

    book = addresses.read(ADA)
    assert len(book.entries) == TABS * (ADDS // 2)
    assert book.default in {entry.address_id for entry in book.entries}


def demote_each_other(monkeypatch) -> list[Any]:
    ada, bob = admin("usr_a"), admin("usr_b")
    with monkeypatch.context() as patch:
        patch.setattr(members, "_of_ones_reach", live.Meeting(2).after(members._of_ones_reach))
        jobs = [
            lambda: members.set_role("usr_b", Role.USER, caller=ada, now=clock.now()),
            lambda: members.set_role("usr_a", Role.USER, caller=bob, now=clock.now()),
        ]
        return live.at_once([lambda job=job: live.attempt(job) for job in jobs])


def roles() -> set[str]:
    return {item["role"] for item in scan("users")}


def test_of_two_admins_who_demote_each_other_one_stays(monkeypatch):
    answers = demote_each_other(monkeypatch)
    assert sum(isinstance(each, LastAdmin) for each in answers) == 1
    assert Role.ADMIN in roles()
    roster = dynamo.get(RosterItem, members.ADMINS)
    assert roster is not None and len(roster.members) == 1


def test_control_without_the_roster_nobody_is_left(monkeypatch):
    monkeypatch.setattr(members, "leave_roster", lambda tx, user_id: None)
    demote_each_other(monkeypatch)
    assert roles() == {Role.USER}


def test_a_cart_is_merged_once_by_many_at_once(busy_shop, monkeypatch):
    busy_shop.sell("mug", stock=100, max_per_order=100)
    own = merging.open_cart(ADA, None, now=clock.now()).cart.cart_id
    carts.add(own, "mug", 1, call_id=token(), now=clock.now(), user_id=ADA)
    guest = factory.cart_with({"mug": 2})
    factory.reserve(guest)

    with monkeypatch.context() as patch:
        patch.setattr(merging, "_own", live.Meeting(TABS).after(merging._own))
        at_once(lambda: merging.merge(guest, ADA, now=clock.now()), TABS)

    found = merging.find(ADA, now=clock.now())
    assert found is not None and found.quantities == {"mug": 3}
    assert factory.stock("mug")["reserved"] == 0
    check_world()


def test_many_devices_at_once_find_one_open_cart(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(merging, "_own", live.Meeting(TABS).after(merging._own))
        answers = at_once(lambda: merging.open_cart(ADA, None, now=clock.now()), TABS)

    assert len({each.cart.cart_id for each in answers}) == 1
    pointer = dynamo.get(OpenCartItem, ADA)
    assert pointer is not None and len(scan("carts")) == 1


def test_an_order_that_many_claim_at_once_is_one_users(busy_shop):
    busy_shop.sell("mug", stock=10)
    placed = busy_shop.checkout(factory.cart_with({"mug": 1}), email="ada@shop.test")
    claims = [
        lambda who=who: owners.claim(f"usr_{who}", email_key("ada@shop.test"))
        for who in range(TABS)
    ]
    given = live.at_once(claims)
    assert sum(len(each) for each in given) == 1
    assert [order["order_id"] for order in scan("orders")] == [placed.order.order_id]


def test_erasing_twice_at_once_erases_once():
    fields = {"locale": "en", "status": UserStatus.ACTIVE, "created_at": 1, "updated_at": 1}
    UserItem(ADA, role=Role.USER, email="a@shop.test", email_key="k", **fields).save()
    from chalicelib.accounts.tables import EmailItem

    EmailItem("k", user_id=ADA).save()
    user = erasure._read(ADA).as_user()
    answers = at_once(lambda: erasure._begin(user, clock.now()), TABS)
    assert sum(each is None for each in answers) == 1
    assert scan("emails") == []
