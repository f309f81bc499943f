"""A process that dies at any write of an erasure: the schedule ends it, and nothing is left."""

import json

import pytest

from chalicelib.accounts import addresses, enrolment, passwords
from chalicelib.cart import merging, reservations
from chalicelib.cart import service as carts
from chalicelib.checkout import service as checkout
from chalicelib.kernel import clock
from chalicelib.kernel.caller import Caller
from chalicelib.kernel.ids import token
from chalicelib.kernel.messaging import events
from chalicelib.privacy import erasure
from chalicelib.privacy.contexts import PERSONAL_DATA
from chalicelib.settlement import expire
from tests import factory
from tests.accounts import people
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import check_world, scan

MOST_WRITES = 60


@pytest.fixture
def mailbox(shop, monkeypatch) -> people.Mailbox:
    """A shop with mugs, and what it mails."""
    box = people.Mailbox()
    monkeypatch.setattr(events, "publish", box.append)
    # What is tried here are crashes, not processors.
    monkeypatch.setattr(passwords, "MEMORY_KIB", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)
    shop.sell("mug", stock=500)
    return box


def somebody(shop, mailbox: people.Mailbox, number: int) -> Caller:
    """A signed-in person who left a trace wherever there can be one."""
    email, now = f"canary{number:03}@shop.test", clock.now()
    user_id = people.register(email).user_id
    enrolment.verify_email(mailbox.token(), operation=token(), now=now)
    caller = people.identify(people.sign_in(email))
    home = {**factory.ADDRESS, "name": f"Canary{number:03} Person"}
    addresses.add(user_id, home, make_default=True, operation="op", now=now)
    wish = factory.wish(email=email, address=home, note=f"canary{number:03} note")
    paid = checkout.checkout(factory.cart_with({"mug": 1}), wish, now=now, user_id=user_id)
    shop.settle(paid)
    checkout.checkout(factory.cart_with({"mug": 2}), wish, now=now, user_id=user_id)
    cart_id = merging.open_cart(user_id, None, now=now).cart.cart_id
    carts.add(cart_id, "mug", 1, call_id=token(), now=now, user_id=user_id)
    reservations.reserve(cart_id, holders=[], end=expire.end, now=now, user_id=user_id)
    return caller


def erase(caller: Caller) -> bool:
    return erasure.erase(caller, people.PASSWORD, PERSONAL_DATA, now=clock.now())


def go_on() -> dict[str, int]:
    done = erasure.go_on(PERSONAL_DATA, now=clock.now() + 120)
    return {"erased": done.erased, "left": done.left}


def left_of(caller: Caller, number: int) -> set[str]:
    """The tables that still know the person."""
    everything = ["users", "emails", "sessions", "tickets", "addresses", "orders", "open-carts"]
    strictly = {"sessions", "tickets", "addresses", "open-carts"}
    found = set()
    for name in [*everything, "holds", "allowances", "payments", "webhooks", "idempotency"]:
        text = json.dumps(scan(name)).lower()
        known = f"canary{number:03}" in text
        known |= name in strictly and str(caller.user_id) in text
        if known:
            found.add(name)
    return found


def test_an_erasure_that_dies_at_any_write_is_ended_by_the_schedule(shop, mailbox):
    caller = somebody(shop, mailbox, 0)
    assert left_of(caller, 0) >= {"users", "sessions", "addresses", "orders", "open-carts"}
    with Shim() as whole:
        assert erase(caller)
    assert go_on() == {"erased": 1, "left": 0}
    assert left_of(caller, 0) == set()
    assert 10 < len(whole.writes) < MOST_WRITES

    for write in range(len(whole.writes)):
        caller = somebody(shop, mailbox, write + 1)
        with Shim(crash=Point(write, after=True)), pytest.raises(Crash):
            erase(caller)
        assert go_on()["left"] == 0, write
        assert left_of(caller, write + 1) == set(), (write, whole.writes[write])
    check_world(shop.sandbox.state())


def test_an_erasure_that_dies_before_its_first_write_has_not_begun(shop, mailbox):
    caller = somebody(shop, mailbox, 0)
    with Shim(crash=Point(0, after=False)), pytest.raises(Crash):
        erase(caller)
    assert go_on() == {"erased": 0, "left": 0}
    assert "users" in left_of(caller, 0)
    erase(caller)
    go_on()
    assert left_of(caller, 0) == set()


def test_an_erasure_that_the_schedule_dies_in_is_ended_by_its_next_run(shop, mailbox, monkeypatch):
    caller = somebody(shop, mailbox, 0)
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "_remove_traces", lambda *arguments: False)
        erase(caller)
    with Shim(crash=Point(2, after=True)), pytest.raises(Crash):
        go_on()
    assert go_on() == {"erased": 1, "left": 0}
    assert left_of(caller, 0) == set()
