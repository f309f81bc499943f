"""What a line of an order's history says: enough for an event, and nothing of a person."""

import pytest

from chalicelib.kernel import clock, telemetry
from chalicelib.orders import service as orders
from chalicelib.orders.schemas import OrderAnswer
from chalicelib.orders.tables import OrderItem
from chalicelib.settlement import cancel
from tests.settlement.disputed import give_back

TOTAL = 4498
SALE = {
    "amount": TOTAL,
    "currency": "USD",
    "items": 3998,
    "shipping": 500,
    "store_credit": 0,
    "lines": 1,
    "units": 2,
    "provider": "stripe",
}
KEYS = {*SALE, "payment_id", "captured", "refund_id", "refund_to", "why"}


@pytest.fixture
def bought(shop):
    """An order of two mugs that waits for its payment: 44.98 USD."""
    shop.sell("mug", stock=5)
    return shop.buy({"mug": 2})


def lines_of(placed) -> list:
    return list(orders.read(placed.order.order_id).history)


def newest(placed) -> dict:
    return lines_of(placed)[-1]


def test_a_new_order_says_what_it_costs_and_how_it_is_to_be_paid(bought):
    (line,) = lines_of(bought)
    assert line["facts"] == {**SALE, "payment_id": bought.order.payment_id}


def test_a_paid_order_says_what_came_in_and_by_which_payment(shop, bought):
    shop.settle(bought)
    paid = {**SALE, "payment_id": bought.order.payment_id, "captured": TOTAL}
    assert (newest(bought)["reason"], newest(bought)["facts"]) == ("paid", paid)


def test_a_refund_says_its_own_amount_not_the_orders(shop, bought):
    shop.settle(bought)
    made = give_back(bought, 700)
    begun, done = lines_of(bought)[-2:]
    assert [begun["reason"], done["reason"]] == ["refund_begun", "refunded_part"]
    assert begun["facts"] == done["facts"]
    assert done["facts"] == {
        "amount": 700,
        "currency": "USD",
        "payment_id": bought.order.payment_id,
        "provider": "stripe",
        "refund_id": made.refund_id,
        "refund_to": "ORIGIN",
    }


def test_a_cancelled_order_says_what_it_would_have_cost(bought):
    cancel.cancel_unpaid(bought.order.order_id, now=clock.now())
    assert (newest(bought)["reason"], newest(bought)["facts"]["amount"]) == ("cancelled", TOTAL)


def test_money_that_comes_late_and_goes_back_says_how_much(shop, bought):
    paying = shop.pay(bought)
    cancelled = orders.read(bought.order.order_id)
    OrderItem(cancelled.order_id).update([OrderItem.status.set("REFUNDED")])
    for event in paying:
        shop.deliver(event)
    shop.drain()
    assert newest(bought)["reason"] == "refunded_second"
    assert newest(bought)["facts"]["amount"] == TOTAL


def test_each_line_bears_the_id_of_the_call_that_wrote_it(shop):
    shop.sell("mug", stock=5)
    telemetry.correlate("call-1")
    placed = shop.buy({"mug": 2})
    telemetry.correlate("call-2")
    cancel.cancel_unpaid(placed.order.order_id, now=clock.now())
    assert [line["correlation_id"] for line in lines_of(placed)] == ["call-1", "call-2"]


def test_no_line_says_who_bought(shop, bought):
    shop.settle(bought)
    give_back(bought, 700)
    give_back(bought)
    lines = lines_of(bought)
    assert len(lines) == 6
    assert {key for line in lines for key in line["facts"]} <= KEYS
    assert bought.order.email not in repr(lines)


def test_a_line_from_before_there_were_facts_is_shown_like_any_other(shop, bought):
    shop.settle(bought)
    whole = OrderAnswer.of(*orders.find(bought.order.payment_id), "en")
    bare = [
        {key: value for key, value in line.items() if key not in ("facts", "correlation_id")}
        for line in lines_of(bought)
    ]
    OrderItem(bought.order.order_id).update([OrderItem.history.set(bare)])
    assert OrderAnswer.of(*orders.find(bought.order.payment_id), "en") == whole
