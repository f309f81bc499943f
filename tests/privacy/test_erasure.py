"""What the shop keeps of a person: shown to them whole, and removed without a trace when they ask.

Every trace is planted through the API, as a person would leave it; afterwards all tables, the queue
and the log are searched for every word that was the person's own.
"""

import json
import logging
from typing import Any

import pytest

from chalicelib.accounts import members, profile
from chalicelib.accounts.tables import UserItem
from chalicelib.kernel import clock, telemetry
from chalicelib.kernel.caller import OWNER, Role
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.messaging import events
from chalicelib.privacy import erasure
from chalicelib.privacy.contexts import PERSONAL_DATA
from tests import factory
from tests.accounts.people import PASSWORD
from tests.faults.world import check_world, scan
from tests.kernel.lost import reply_lost
from tests.privacy.erased import BROWSER, EMAIL, HOME, WORDS, Person, go_on, traces, without


@pytest.fixture
def log(monkeypatch):
    """Every line that is logged, with everything in it."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter().format(record) + str(vars(record)))

    logger = telemetry.logger()._logger
    handler = Kept()
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(before)


@pytest.fixture
def ada(shop, log, monkeypatch) -> Person:
    shop.sell("mug", stock=50)
    person = Person(shop)
    monkeypatch.setattr(events, "publish", person.mails.append)
    return person


def test_nothing_of_an_erased_person_is_left_anywhere(ada, log):
    ada.live()
    assert {entry.partition(":")[0] for entry in traces(ada, log)} >= {
        "users",
        "sessions",
        "addresses",
        "orders",
        "idempotency",
        "allowances",
        "emails",
        "tickets",
        "open-carts",
    }

    ada.erase()
    assert go_on() == {"erased": 1, "left": 0}
    ada.shop.work()
    go_on()

    assert traces(ada, log) == set()
    check_world()


def test_what_was_sold_stays_in_the_books(ada):
    ada.live()
    before = {order["order_id"]: order for order in scan("orders")}
    ada.erase()
    go_on()
    orders = scan("orders")
    assert len(orders) == len(before) == 3
    for order in orders:
        was = before[order["order_id"]]
        for name in ("number", "total", "currency", "lines", "placed_at", "payment_id"):
            assert order[name] == was[name]
    # What was not paid is ended; what was paid at the provider is not given up for it.
    assert {order["status"] for order in orders} <= {"PAID", "CANCELLED"}


@pytest.mark.parametrize("name", ["account", "cart", "orders", "openHolds"])
def test_control_a_keeper_that_is_left_out_is_seen(ada, log, monkeypatch, name):
    ada.live()
    without(monkeypatch, name)
    ada.erase()
    go_on()
    ada.shop.work()
    go_on()
    assert traces(ada, log) != set()


@pytest.mark.parametrize("name", ["account", "cart", "orders", "openHolds"])
def test_erasing_goes_on_where_it_broke_off(ada, log, monkeypatch, name):
    ada.live()
    ada.shop.work()
    context = PERSONAL_DATA[name]
    with monkeypatch.context() as patch:
        patch.setattr(context, "erase", lambda person, now: 1 / 0)
        assert ada.erase() == {"done": False}
        assert go_on() == {"erased": 0, "left": 1}
    assert go_on() == {"erased": 1, "left": 0}
    assert traces(ada, log) == set()


def test_a_crash_right_after_the_account_is_empty_leaves_a_mark_to_go_on_from(
    ada, log, monkeypatch
):
    ada.live()
    ada.shop.work()
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "_remove_traces", lambda *arguments: 1 / 0)
        ada.call("POST", "/api/user/erase", {"password": PASSWORD}, status=500)
    go_on()
    assert traces(ada, log) == set()


def test_what_a_call_wrote_that_was_still_running_is_found_by_the_last_look(ada, log):
    ada.register()
    ada.sign_in()
    ada.erase()
    from chalicelib.accounts import addresses

    addresses.add(ada.user_id, HOME, make_default=True, operation="late", now=clock.now())
    assert go_on(after=0) == {"erased": 0, "left": 1}
    addresses.add(ada.user_id, HOME, make_default=True, operation="late", now=clock.now())
    assert go_on() == {"erased": 1, "left": 0}
    assert traces(ada, log) == set()


def test_the_session_is_over_and_the_e_mail_free_at_once(ada):
    ada.register()
    ada.sign_in()
    ada.erase()
    ada.call("GET", "/api/user/profile", status=401)
    ada.bearer = ""
    ada.call("POST", "/api/auth/login", {"email": EMAIL, "password": PASSWORD}, status=401)
    first = ada.user_id
    ada.register()
    ada.sign_in()
    assert ada.user_id != first
    go_on()
    assert ada.call("GET", "/api/user/profile")["email"] == EMAIL


def test_a_wrong_password_erases_nothing(ada):
    ada.register()
    ada.sign_in()
    ada.call("POST", "/api/user/erase", {"password": "Wr0ng-password"}, status=422)
    assert ada.call("GET", "/api/user/profile")["email"] == EMAIL
    assert go_on() == {"erased": 0, "left": 0}


def test_a_lost_reply_erases_once(ada):
    ada.register()
    ada.sign_in()
    with reply_lost("TransactWriteItems"):
        ada.erase()
    item = dynamo.get(UserItem, ada.user_id)
    assert item is not None and item.status == "ERASED" and item.email is None


def test_the_last_admin_is_not_erased(ada):
    ada.register()
    ada.sign_in()
    members.set_role(ada.user_id, Role.ADMIN, caller=OWNER, now=clock.now())
    ada.call("POST", "/api/user/erase", {"password": PASSWORD}, status=409)
    assert ada.call("GET", "/api/user/profile")["email"] == EMAIL


def test_who_becomes_the_last_admin_while_they_are_erased_is_not_erased(ada, monkeypatch):
    ada.register()
    ada.sign_in()
    honest, done = profile.digests, []

    def digests(user):
        if not done:
            done.append(True)
            members.set_role(ada.user_id, Role.ADMIN, caller=OWNER, now=clock.now())
        return honest(user)

    # After the account was read, and before it is emptied.
    monkeypatch.setattr(profile, "digests", digests)
    ada.call("POST", "/api/user/erase", {"password": PASSWORD}, status=409)
    assert done
    assert ada.call("GET", "/api/user/profile")["email"] == EMAIL


def test_an_unproved_e_mail_erases_nobodys_orders(ada):
    order_id = ada.check_out(ada.fill_cart())
    account = {"email": EMAIL, "password": PASSWORD}
    ada.call("POST", "/api/auth/register", account, status=201)
    ada.sign_in()
    exported = ada.call("GET", "/api/user/export")
    assert exported["orders"] == []
    ada.erase()
    go_on()
    assert [(each["order_id"], each["email"]) for each in scan("orders")] == [(order_id, EMAIL)]


def test_an_order_whose_provider_is_down_is_erased_when_it_is_back(ada, log, monkeypatch):
    from chalicelib.payments import pages

    ada.register()
    ada.sign_in()
    ada.check_out(ada.fill_cart())

    def down(*arguments: Any) -> None:
        raise Unavailable()

    with monkeypatch.context() as patch:
        patch.setattr(pages, "close_page", down)
        assert ada.erase() == {"done": False}
        assert go_on() == {"erased": 0, "left": 1}
    assert go_on() == {"erased": 1, "left": 0}
    assert traces(ada, log) == set()
    check_world(ada.shop.sandbox.state())


def test_the_export_holds_every_word_that_the_shop_keeps(ada):
    ada.live()
    exported = ada.call("GET", "/api/user/export")
    text = json.dumps(exported, ensure_ascii=False)
    assert [word for word in WORDS if word not in text] == []
    assert len(exported["orders"]) == 3
    assert exported["cart"]["lines"][0]["variantId"] == "mug"
    assert exported["openHolds"] > 0
    days = {deed["at"][:10] for deed in exported["account"]["deeds"]}
    assert days <= {clock.iso(clock.now())[:10], clock.iso(clock.now() - 600)[:10]}, "done just now"
    item = dynamo.get(UserItem, ada.user_id)
    assert item is not None
    assert str(item.password_hash) not in text


def test_nobodys_export_holds_anything_of_anybody_else(ada):
    ada.live()
    other = Person(ada.shop)
    other.mails = ada.mails
    account = {"email": "bob@shop.test", "password": PASSWORD}
    other.call("POST", "/api/auth/register", account, status=201)
    found = other.call("POST", "/api/auth/login", account)
    other.bearer = found["accessToken"]
    text = json.dumps(other.call("GET", "/api/user/export"))
    assert [word for word in WORDS if word != BROWSER and word in text] == []


def test_a_guest_exports_and_erases_nothing(ada):
    ada.call("GET", "/api/user/export", status=401)
    ada.call("POST", "/api/user/erase", {"password": PASSWORD}, status=401)
    assert factory.stock("mug")["available"] == 50
