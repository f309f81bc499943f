"""What the shop relies on, the same at every provider: each passes the same tests."""

import json
import re
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.checkout import paying
from chalicelib.kernel import clock
from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from chalicelib.payments import captures, manifest, providers, registry
from chalicelib.payments.ports import Provider, ProviderRefused, SignatureInvalid, State
from chalicelib.settlement import manual_confirmation, reconcile
from tests import factory
from tests.faults.world import scan
from tests.stage import ROOT

PAGE = ROOT / "docs" / "adding-a-provider.md"
BUILT_IN = list(registry.PROVIDERS)
WALLETS = ("usdt-erc20", "usdt-trc20")
# What lets the payer pay in each sandbox; the trial pays by itself.
PAYS = {
    "stripe": "pay",
    "stripe-intents": "pay",
    "oxapay": "pay",
    "paypal": "approve",
    **dict.fromkeys(WALLETS, "pay"),
}
# Paid when the owner says so.
BY_HAND = {"alipay-redpacket": "CNY"}
# Paid by opening it: nobody is asked to.
AT_ONCE = {"trial", "balance"}
# Has no list to look through: nothing of it can be missed.
UNLISTED = {"trial", "paypal", "balance", *BY_HAND}
LATER = reconcile.USUAL_SECONDS + 1


def test_every_provider_there_is_stands_in_this_file():
    assert set(BUILT_IN) <= set(PAYS) | set(BY_HAND) | AT_ONCE


def example(tmp_path: Path, monkeypatch) -> None:
    """The page's own provider, put where providers are found, and nothing else."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    (tmp_path / "trial.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, f"{providers.__name__}.trial", raising=False)
    manifest.found.cache_clear()
    monkeypatch.setattr(registry, "PROVIDERS", registry.methods())
    manifest.found.cache_clear()


def priced_in(currency: str, name: str) -> None:
    """The shop as it is, in a currency that the provider takes."""
    from chalicelib.catalog.tables import SettingItem

    changed = deepcopy(factory.SETTINGS)
    changed |= {"currency": currency, "currencies": [currency]}
    changed["shippingMethods"][0]["prices"] = {currency: 500}
    changed["paymentMethods"] = [
        {"id": name, "name": {"en": name, "zh-CN": name}, "currencies": [currency]}
    ]
    SettingItem(factory.SHOP, value=changed).save()


def handed_in_and_confirmed(placed: Any) -> None:
    """What the buyer hands in, and the owner finds good."""
    order, now = placed.order, clock.now()
    holder = paying.Holder(order.access_token, None)
    paying.submit_proof(order.payment_id, "8765 4321", holder, now=now)
    manual_confirmation.confirm(order.payment_id, None, order.total.amount, by="key:owner", now=now)


@dataclass
class Place:
    """A shop that takes this way to pay, an order in it, and the payer."""

    shop: Any
    name: str
    provider: Provider
    placed: Any
    pay: Callable[[], None]

    @property
    def due(self) -> Money:
        return self.placed.order.total

    @property
    def session(self) -> str:
        return str(orders.payment_of(self.order).session_id)

    @property
    def order(self):
        return orders.read(self.placed.order.order_id)

    @property
    def charge(self):
        payment = orders.payment_of(self.order)
        return replace(orders.charge_of(self.order, payment), amount_suffix=payment.amount_suffix)


@pytest.fixture(params=[*BUILT_IN, "trial"])
def place(request, shop, monkeypatch, tmp_path) -> Place:
    name = request.param
    if name == "trial":
        example(tmp_path, monkeypatch)
        from chalicelib.catalog.tables import SettingItem

        methods = [{**factory.SETTINGS["paymentMethods"][0], "id": "trial"}]
        SettingItem(factory.SHOP, value={**factory.SETTINGS, "paymentMethods": methods}).save()
    if name in BY_HAND:
        priced_in(BY_HAND[name], name)
    shop.sell("mug", stock=5, prices={"USD": 1999, "JPY": 3000, "CNY": 1999})
    user_id = factory.user_with(10_000) if name == "balance" else None
    cart_id = factory.cart_with({"mug": 2})
    placed = shop.checkout(cart_id, user_id=user_id, payment_method=name)

    def pay() -> None:
        session = str(orders.payment_of(orders.read(placed.order.order_id)).session_id)
        if name in BY_HAND:
            handed_in_and_confirmed(placed)
        elif name in WALLETS:
            # Of a transfer nobody knows but what the buyer was told: `<address>:<units>`.
            reference = ":".join(session.split(":")[-2:])
            shop.sandbox.control(name, reference, PAYS[name], lose=True)
        elif name in PAYS:
            shop.sandbox.control(name.partition("-")[0], session, PAYS[name], lose=True)

    return Place(shop, name, registry.provider(name), placed, pay)


def test_a_page_is_opened_and_named(place):
    assert place.placed.url.startswith("http")
    assert place.session


def test_the_same_charge_opens_the_same_page(place):
    if not place.provider.capabilities.keys:
        pytest.skip("has no keys: the shop tells one page only, see test_attempts")
    assert place.provider.open(place.charge).session_id == place.session


def test_nobody_has_paid_yet(place):
    if place.name in AT_ONCE:
        pytest.skip("pays by itself")
    assert place.provider.status(place.session).state == State.OPEN


def test_what_is_paid_is_told_with_its_sum_and_what_a_refund_refers_to(place):
    place.pay()
    outcome = place.provider.status(place.session)
    assert (outcome.state, outcome.amount) == (State.PAID, place.due)
    assert outcome.session_id == place.session
    assert outcome.capture_id
    again = place.provider.status(place.session)
    assert again == outcome, "asking changes nothing"


def test_closing_what_is_paid_says_so(place):
    place.pay()
    assert place.provider.close(place.session).state == State.PAID


def test_closing_what_is_open_ends_it_or_says_that_it_is_open(place):
    if place.name in AT_ONCE:
        pytest.skip("pays by itself")
    state = place.provider.close(place.session).state
    if place.provider.capabilities.closes:
        assert state == State.ENDED
    assert state in (State.ENDED, State.OPEN)


def test_what_never_was_can_not_be_paid(place):
    never = {"stripe": "cs_test_never", "oxapay": "999", "paypal": "NEVER1"}
    session = never.get(place.name, "never")
    assert place.provider.status(session).state == State.ENDED
    assert place.provider.close(session).state == State.ENDED


def test_money_goes_back_once_per_key_or_not_at_all(place):
    place.pay()
    capture = place.provider.status(place.session).capture_id
    assert capture
    if not place.provider.capabilities.refunds:
        with pytest.raises(ProviderRefused):
            place.provider.refund(capture, Money(100, place.due.currency), key="refund:1")
        return
    made = {
        place.provider.refund(capture, Money(100, place.due.currency), key="refund:1")
        for _ in range(3)
    }
    assert len(made) == 1
    if place.name != "trial":
        assert place.provider.status(place.session).refunded == Money(100, "USD")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"id": "x"}', b"\xff\xfe", b"0"])
def test_a_webhook_that_nobody_signed_is_refused(place, body):
    for headers in ({}, {"stripe-signature": "t=1,v1=00", "hmac": "00"}):
        with pytest.raises(SignatureInvalid):
            place.provider.verify(body, headers, now=clock.now())


@pytest.mark.parametrize(
    "event",
    [
        {"id": "e1", "type": "sun.rose", "event_type": "SUN.ROSE"},
        {"id": "e2", "type": "invoice", "event_type": "invoice", "track_id": "1"},
        {"id": "e3", "type": "payout", "event_type": "PAYOUT", "status": "Paid"},
    ],
    ids=lambda event: event["id"],
)
def test_an_event_of_a_kind_unknown_moves_nothing(place, event):
    read = place.provider.read(json.dumps(event))
    assert read.outcome is None
    assert not (read.ask and (read.payment_id or read.capture_id))


def test_a_page_whose_time_is_over_before_it_begins_is_refused(place):
    if place.name in ("trial", "paypal", "balance", "stripe-intents"):
        pytest.skip("has no end that the shop sets")
    late = replace(place.charge, payment_id="pay_late", expires_at=clock.now() + 1)
    with pytest.raises(ProviderRefused):
        place.provider.open(late)


def test_what_was_captured_is_listed_where_there_is_a_list(place):
    place.pay()
    place.provider.status(place.session)
    seen = list(place.provider.captured(clock.now() - 3600) or ())
    if place.name in UNLISTED:
        assert seen == []
    else:
        known = captures.captured(place.name, since=clock.now() - 3600)
        assert [one.payment_id for one in known] == [place.charge.payment_id]
        assert seen[0].outcome.amount == place.due


def test_from_checkout_to_a_paid_order_with_every_webhook_lost(place):
    place.pay()
    reconcile.poll_open_payments(clock.now() + LATER)
    assert place.order.status == "PAID"
    assert [row["status"] for row in scan("payments")] == ["SUCCESS"]
    assert factory.stock("mug") == {"available": 3, "reserved": 0, "sold": 2, "stocked": 5}
