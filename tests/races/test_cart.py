"""One cart in two tabs, and one button pressed eight times."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.cart import service as carts
from chalicelib.inventory import service as inventory
from chalicelib.kernel import clock
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.kernel.ids import token
from chalicelib.orders import service as orders
from chalicelib.payments import service as payments
from chalicelib.payments.providers.stripe.provider import StripeCheckout
from tests import factory, live
from tests.faults.world import check_world, scan

CLICKS, TABS, ADDS = 8, 2, 20


@pytest.fixture
def full_cart(busy_shop):
    """A cart with one line of two mugs; plenty of them in stock."""
    busy_shop.sell("mug", stock=100)
    return factory.cart_with({"mug": 2})


def click_at_once(shop, cart_id: str, monkeypatch) -> list:
    """Eight checkouts of one cart, each of which has read it as OPEN before the first writes."""
    monkeypatch.setattr(carts, "read", live.Meeting(CLICKS).after(carts.read))
    return live.at_once([lambda: live.attempt(lambda: shop.checkout(cart_id))] * CLICKS)


def test_eight_clicks_make_one_order_and_one_answer(busy_shop, full_cart, monkeypatch):
    answers = click_at_once(busy_shop, full_cart, monkeypatch)

    assert [each for each in answers if isinstance(each, Exception)] == []
    assert len({(each.order.order_id, each.order.access_token, each.url) for each in answers}) == 1
    assert len(scan("orders")) == len(busy_shop.sandbox.state()["stripe"]["sessions"]) == 1
    assert factory.stock("mug")["reserved"] == 2
    check_world(busy_shop.sandbox.state())


def test_a_click_that_finds_the_provider_busy_with_another_gets_its_page(
    busy_shop, full_cart, monkeypatch
):
    honest, placed = StripeCheckout.open, []

    def busy(self, charge, **how):
        monkeypatch.setattr(StripeCheckout, "open", honest)
        placed.append(busy_shop.checkout(full_cart))
        raise ProviderBusy

    monkeypatch.setattr(StripeCheckout, "open", busy)
    assert busy_shop.checkout(full_cart).url == placed[0].url


def test_control_without_conditions_each_click_takes_units_of_its_own(
    busy_shop, full_cart, monkeypatch
):
    for module, write in (
        (orders, "place"),
        (payments, "begin"),
        (carts, "close"),
        (inventory, "write_hold"),
    ):
        monkeypatch.setattr(module, write, _unasked(getattr(module, write)))

    click_at_once(busy_shop, full_cart, monkeypatch)

    assert factory.stock("mug")["reserved"] == 2 * CLICKS
    with pytest.raises(AssertionError, match="reserved and holds differ"):
        check_world()


def _unasked(write: Callable[..., Any]) -> Callable[..., Any]:
    """`write` with the conditions of its writes taken away."""

    class Unasked:
        def __init__(self, tx: Transaction) -> None:
            self._tx = tx

        def put(self, item: Any, **_: Any) -> None:
            self._tx.put(item)

        def update(self, item: Any, actions: Any, **_: Any) -> None:
            self._tx.update(item, actions, condition=None, on_condition_failed=None)

    return lambda tx, *rest, **named: write(Unasked(tx), *rest, **named)


def test_two_tabs_lose_no_line(busy_shop):
    busy_shop.sell("mug", stock=100, max_per_order=100)
    for tab in range(TABS):
        for number in range(ADDS):
            busy_shop.sell(f"cup-{tab}-{number}", stock=1)
    cart_id = carts.create(None, now=clock.now()).cart.cart_id

    def add_all(tab: int) -> None:
        for number in range(ADDS):
            for variant_id in ("mug", f"cup-{tab}-{number}"):
                carts.add(cart_id, variant_id, 1, call_id=token(), now=clock.now())

    live.at_once([lambda tab=tab: add_all(tab) for tab in range(TABS)])

    found = carts.read(cart_id, now=clock.now())
    assert found.quantities["mug"] == TABS * ADDS
    assert len(found.lines) == 1 + TABS * ADDS
    assert found.version == 1 + 2 * TABS * ADDS
