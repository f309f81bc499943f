"""One step of an order, and what its history tells of it: taken once, whoever else moves it."""

from dataclasses import replace
from typing import Any

from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.orders import facts, rules
from chalicelib.orders.facts import Facts
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.orders.tables import OrderItem
from chalicelib.payments.ports import Dispute
from chalicelib.payments.rules import Payment


def begun(order: Order, payment: Payment, now: int) -> Order:
    """A new order with the first line of its history; `payment` is its first attempt."""
    sale = facts.of_sale(order, payment)
    line = _line(None, OrderStatus.PENDING, Reason.PLACED, now, sale, who="buyer")
    return replace(order, history=[line])


def take_step(
    tx: Transaction,
    order: Order,
    to: OrderStatus,
    reason: Reason,
    now: int,
    facts: Facts,
    paid_by: Payment | None = None,
    who: str = "payment",
) -> None:
    """Take a step that the rules allow, once; StaleState when the order has moved. `facts` are the
    history line's (facts.py)."""
    rules.step(order.status, to)
    actions = [OrderItem.status.set(to), remembered(order, to, reason, now, facts, who=who)]
    if paid_by and paid_by.payment_id != order.payment_id:
        actions.append(OrderItem.payment_id.set(paid_by.payment_id))
    tx.update(
        OrderItem(order.order_id),
        actions,
        condition=unchanged_since_read(order),
        on_condition_failed=StaleState(),
    )


def unchanged_since_read(order: Order) -> Any:
    """The order is as it was read, and nobody has begun to pay it anew: the one condition that lets
    a step be taken once."""
    return (OrderItem.status == order.status) & (OrderItem.payment_id == order.payment_id)


def remember(tx: Transaction, order: Order, reason: Reason, now: int, facts: Facts) -> None:
    """Add a line to the history of an order that stays as it is; StaleState when it has not."""
    tx.update(
        OrderItem(order.order_id),
        [remembered(order, order.status, reason, now, facts)],
        condition=OrderItem.status == order.status,
        on_condition_failed=StaleState(),
    )


def mark_dispute(
    tx: Transaction, order: Order, mark: Dispute, reason: Reason, now: int, facts: Facts
) -> None:
    """Mark an order that stays as it is as disputed, or as not any more; StaleState when it has not
    stayed so."""
    tx.update(
        OrderItem(order.order_id),
        [
            OrderItem.dispute.set(str(mark.status)),
            OrderItem.dispute_amount.set(mark.amount.amount),
            remembered(order, order.status, reason, now, facts),
        ],
        condition=OrderItem.status == order.status,
        on_condition_failed=StaleState(),
    )


def remembered(
    order: Order,
    to: OrderStatus,
    reason: Reason,
    now: int,
    facts: Facts,
    *,
    who: str = "payment",
) -> Any:
    """A line of the order's history as a part of a write."""
    line = _line(order.status, to, reason, now, facts, who=who)
    return OrderItem.history.set(OrderItem.history.append([line]))


def _line(
    before: OrderStatus | None, to: OrderStatus, reason: Reason, now: int, facts: Facts, *, who: str
) -> dict[str, Any]:
    correlation_id = telemetry.correlation_id()
    return rules.entry(before, to, reason, now, who, facts=facts, correlation_id=correlation_id)
