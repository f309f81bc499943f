"""A guest asks for the link to an order, by its number as they type it and their e-mail."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.kernel import clock, rates
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.ids import token
from chalicelib.kernel.limits import ORDER_LINK_MAIL
from chalicelib.kernel.messaging import events
from chalicelib.orders import owners
from chalicelib.orders.events import OrderLinkMissed, OrderLinkRequested
from chalicelib.security import blocks
from tests.orders.test_owners import MAIL, mugs, place  # noqa: F401


@pytest.fixture
def published(monkeypatch):
    found = []
    monkeypatch.setattr(events, "publish", found.append)
    return found


@pytest.mark.parametrize(
    ("number", "email", "known"),
    [
        (None, MAIL, True),
        (None, "ADA@shop.test", True),
        (None, "bob@shop.test", False),
        ("20260101ABCDEFGHJKMN", MAIL, False),
    ],
)
def test_a_link_is_asked_for_by_number_and_e_mail_together(shop, published, number, email, known):
    order = place()
    owners.ask_link(number or order.number, email, operation="op", now=clock.now())
    (event,) = published
    assert (event.type == OrderLinkRequested.type) is known
    assert event.data.get("orderId") == (order.order_id if known else None)
    assert MAIL not in json.dumps(event.data) and order.access_token not in json.dumps(event.data)


def test_asking_for_a_link_answers_the_same_whatever_there_is(shop, published):
    order = place()
    answers = []
    for number, email in ((order.number, MAIL), (order.number, "b@shop.test"), ("1", MAIL)):
        found = shop.call("GET", f"/api/orders/lookup?number={number}&email={email}")
        answers.append((found.status_code, json.loads(found.body)["data"]))
    assert answers == [(202, {"mailSent": True})] * 3
    assert [event.type for event in published] == [
        OrderLinkRequested.type,
        OrderLinkMissed.type,
        OrderLinkMissed.type,
    ]


def test_looking_up_is_no_way_to_an_order_called_lookup(shop):
    assert shop.call("GET", "/api/orders/lookup").status_code == 422
    assert shop.call("GET", f"/api/orders/{token('ord')}").status_code == 404


def ask(shop: Any, number: str, email: str = MAIL, **headers: str) -> Any:
    body = {"number": number, "email": email}
    return shop.call("POST", "/api/orders/lookup", body, **headers)


def typed(number: str) -> dict[str, str]:
    full_width = "".join(chr(ord(letter) + 0xFEE0) for letter in number)
    return {
        "as it is": number,
        "small": number.lower(),
        "with a hash": f"#{number}",
        "with blanks": f"  {number[:8]} {number[8:]}  ",
        "with dashes": f"{number[:8]}-{number[8:12]}-{number[12:]}",
        "with a long dash": f"# {number[:8]} \u2013 {number[8:].lower()}",
        "full width": f"\uff03{full_width}",
        "with what copying left in it": f"\u200b{number}\u00a0",
    }


@pytest.mark.parametrize("how", typed("20261130ABCDEFGHJKMN"))
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_number_is_found_however_it_is_typed(shop, published, how, method):
    order = place()
    number = typed(order.number)[how]
    if method == "POST":
        assert ask(shop, number).status_code == 202
    else:
        asked = urlencode({"number": number, "email": MAIL})
        assert shop.call("GET", f"/api/orders/lookup?{asked}").status_code == 202
    assert [event.type for event in published] == [OrderLinkRequested.type]


def test_another_number_is_not_found_whatever_is_left_out_of_it(shop, published):
    order = place()
    for other in (order.number[:-1], order.number + "A", "#", "---"):
        assert ask(shop, other).status_code == 202
    assert {event.type for event in published} == {OrderLinkMissed.type}


def test_each_call_is_a_mail_of_its_own_and_a_repeated_one_is_the_same(shop, published):
    number = place().number
    path = f"/api/orders/lookup?number={number}&email={MAIL}"
    shop.call("GET", path), shop.call("GET", path)
    for _ in range(2):
        ask(shop, number, **{"Idempotency-Key": "once"})
    assert len({event.id for event in published}) == len(published) == 3


# ---- whose box is filled ----------------------------------------------------------------------


def kinds(published: list[Any]) -> list[str]:
    return [event.type for event in published]


def test_the_mails_to_one_address_are_limited_wherever_they_are_asked_for(shop, published):
    number = place().number
    for count in range(ORDER_LINK_MAIL.most):
        owners.ask_link(number, MAIL, operation=f"op-{count}", now=clock.now())
    # Who asks for more is told what everybody is told: no answer says that there is an order.
    assert ask(shop, number).status_code == 202
    assert shop.call("GET", f"/api/orders/lookup?number={number}&email={MAIL}").status_code == 202
    assert (
        kinds(published)
        == [OrderLinkRequested.type] * ORDER_LINK_MAIL.most + [OrderLinkMissed.type] * 2
    )
    assert all("orderId" not in event.data for event in published[ORDER_LINK_MAIL.most :])


def test_who_knows_the_e_mail_and_no_order_keeps_nobody_from_asking(shop, published):
    number = place().number
    for count in range(ORDER_LINK_MAIL.most * 3):
        owners.ask_link("20260101ABCDEFGHJKMN", MAIL, operation=f"guess-{count}", now=clock.now())
    owners.ask_link(number, MAIL, operation="own", now=clock.now())
    assert kinds(published)[-1] == OrderLinkRequested.type


def test_a_mail_that_could_not_be_told_of_spends_nothing(shop, monkeypatch):
    order, sent = place(), []
    left = [ORDER_LINK_MAIL.most + 1]

    def publish(event):
        if left[0]:
            left[0] -= 1
            raise Unavailable()
        sent.append(event)

    monkeypatch.setattr(events, "publish", publish)
    key = {"Idempotency-Key": "one"}
    for _ in range(ORDER_LINK_MAIL.most + 1):
        assert ask(shop, order.number, **key).status_code == 503
    assert ask(shop, order.number, **key).status_code == 202
    assert kinds(sent) == [OrderLinkRequested.type]


def test_control_without_the_limit_a_box_is_filled(shop, published, monkeypatch):
    monkeypatch.setattr(rates, "spend", lambda *_, **__: None)
    number = place().number
    for count in range(40):
        owners.ask_link(number, MAIL, operation=f"op-{count}", now=clock.now())
    assert kinds(published) == [OrderLinkRequested.type] * 40


@pytest.fixture
def kept_out(shop) -> None:
    """The address that calls here is on the list."""
    here = "127.0.0.1"
    blocks.pause(rates.address(here), "test", until=clock.now() + 900, now=clock.now())


def test_who_is_kept_out_has_no_mail_sent(shop, published, kept_out):
    number = place().number
    for method, path in (("POST", ""), ("GET", f"?number={number}&email={MAIL}")):
        body = {"number": number, "email": MAIL} if method == "POST" else None
        found = shop.call(method, f"/api/orders/lookup{path}", body)
        assert (found.status_code, found.json_body["code"]) == (403, "BLOCKED"), method
    assert published == []


def test_control_without_the_list_they_would_have(shop, published, kept_out, monkeypatch):
    monkeypatch.setattr(blocks, "check", lambda *_, **__: None)
    number = place().number
    assert shop.call("GET", f"/api/orders/lookup?number={number}&email={MAIL}").status_code == 202
    assert len(published) == 1
