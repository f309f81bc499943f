"""The last units, wanted by more than there are; and what the stock's condition is worth."""

from collections import Counter

import pytest

from chalicelib.checkout.rules import Placed
from chalicelib.inventory.holds import writes
from chalicelib.inventory.rules import OutOfStock
from chalicelib.inventory.tables import StockItem
from tests import factory, live
from tests.faults.world import check_world, scan

BUYERS, UNITS = 60, 10


def rush(shop) -> Counter[str]:
    """Everybody checks out at the same moment, each with a cart of their own."""
    shop.sell("mug", stock=UNITS)
    return check_out_at_once(shop, [{"mug": 1}] * BUYERS)


def check_out_at_once(shop, wishes: list[dict[str, int]]) -> Counter[str]:
    """A buyer for each wish, the carts filled beforehand; what came of it, by its type's name."""

    def check_out(number: int, cart_id: str):
        return live.attempt(lambda: shop.checkout(cart_id, email=f"buyer-{number}@shop.test"))

    carts = enumerate([factory.cart_with(lines) for lines in wishes])
    answers = live.at_once([lambda n=n, cart=cart: check_out(n, cart) for n, cart in carts])
    return Counter(type(answer).__name__ for answer in answers)


def test_sixty_buyers_of_ten_units_make_exactly_ten_orders(busy_shop):
    assert rush(busy_shop) == {Placed.__name__: UNITS, OutOfStock.__name__: BUYERS - UNITS}
    assert factory.stock("mug") == {"available": 0, "reserved": 10, "sold": 0, "stocked": 10}
    assert len(scan("orders")) == len(busy_shop.sandbox.state()["stripe"]["sessions"]) == UNITS
    check_world(busy_shop.sandbox.state())


def test_control_without_the_stocks_condition_more_is_sold_than_there_is(busy_shop, monkeypatch):
    monkeypatch.setattr(writes, "_enough", lambda change: StockItem.variant_id.exists())

    assert rush(busy_shop)[Placed.__name__] > UNITS
    assert factory.stock("mug")["available"] < 0
    with pytest.raises(AssertionError, match="below zero"):
        check_world(busy_shop.sandbox.state())


def test_lines_in_opposite_orders_never_leave_half_a_cart_held(busy_shop):
    # Two products, each cart wants both: whoever gets one without the other holds nothing.
    busy_shop.sell("mug", stock=5)
    busy_shop.sell("cup", stock=8)
    wishes = [{"mug": 1, "cup": 1}, {"cup": 1, "mug": 1}] * 10

    assert check_out_at_once(busy_shop, wishes) == {Placed.__name__: 5, OutOfStock.__name__: 15}
    assert factory.stock("cup") == {"available": 3, "reserved": 5, "sold": 0, "stocked": 8}
    check_world(busy_shop.sandbox.state())
