"""An order, its payments and its hold are read at once."""

from dataclasses import replace

import pytest

from bench.walks import watched
from chalicelib.orders import service as orders
from chalicelib.orders import snapshot
from chalicelib.orders.tables import item_of
from tests.settlement.attempted import pay_by


def test_an_order_its_payment_and_its_hold_come_in_one_call(placed):
    with watched() as reading:
        found = snapshot.read(placed.order.order_id)
    assert reading.calls == {"BatchGetItem": 1}
    order = orders.read(placed.order.order_id)
    assert (found.order, found.payment()) == (order, orders.payment_of(order))
    assert found.hold == orders.hold_of(order)


def test_later_attempts_come_in_a_second_call(shop, placed):
    pay_by(placed, "second")
    with watched() as reading:
        found = snapshot.read(placed.order.order_id)
    assert reading.calls == {"BatchGetItem": 2}
    assert set(reading.items.values()) == {1}
    assert list(found.payments) == orders.payments_of(found.order)
    assert found.payment().payment_id == found.order.payment_ids[1]
    assert [one.status for one in found.open_attempts()] == ["PENDING"]
    assert found.open_attempts(but=found.order.payment_id) == []


def test_the_hold_is_the_orders_own_whatever_its_id(placed):
    order = orders.read(placed.order.order_id)
    item_of(replace(order, hold_id="hld_another")).save()
    assert snapshot.read(placed.order.order_id).hold is None
    item_of(order).save()
    assert snapshot.read(placed.order.order_id).hold == orders.hold_of(order)


def test_without_the_hold_none_is_read(placed):
    assert snapshot.read(placed.order.order_id, hold=False).hold is None


@pytest.mark.usefixtures("shop")
def test_what_is_no_order_is_none():
    assert snapshot.read("ord_none") is None
