"""An order: placed, read, and what its payment is asked for."""

from collections.abc import Sequence
from typing import Any

from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Hold
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.web import security
from chalicelib.orders.rules import Order, OrderNotFound
from chalicelib.orders.tables import OrderItem, item_of
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Charge, ChargeLine
from chalicelib.payments.rules import Payment, PaymentNotFound, PaymentStatus


def place(tx: Transaction, order: Order) -> None:
    """Write a new order. StaleState when it is there already."""
    tx.put(
        item_of(order),
        condition=OrderItem.order_id.does_not_exist(),
        on_condition_failed=StaleState(),
    )


def read(order_id: str) -> Order | None:
    """The order as it is now."""
    item = dynamo.get(OrderItem, order_id)
    return item.as_order() if item else None


def read_for(order_id: str, token: str | None, user_id: str | None = None) -> tuple[Order, Payment]:
    """The order for whoever holds its token, or whose it is. Raises OrderNotFound, whatever is
    wrong."""
    order = read(order_id)
    if order is None:
        raise OrderNotFound()
    holds = security.same(order.access_token, token or "")
    if not holds and (user_id is None or order.user_id != user_id):
        raise OrderNotFound()
    return order, payment_of(order)


def find(payment_id: str) -> tuple[Order, Payment]:
    """A payment and its order. Raises PaymentNotFound."""
    payment = payments.read(payment_id)
    order = read(payment.reference) if payment else None
    if payment is None or order is None:
        raise PaymentNotFound()
    return order, payment


def attempts_of(order_id: str) -> tuple[Order, list[Payment]]:
    """An order and all its payments, the oldest first. Raises OrderNotFound."""
    order = read(order_id)
    if order is None:
        raise OrderNotFound()
    return order, payments_of(order)


def payments_of(order: Order, *, but: str | None = None) -> list[Payment]:
    """The order's payments, the oldest first, all `but` this one."""
    wanted = (payment_id for payment_id in order.payment_ids if payment_id != but)
    found = (payments.read(payment_id) for payment_id in wanted)
    return [payment for payment in found if payment is not None]


def attempt_of(order: Order, provider: str, *, now: int) -> Payment:
    """The order's newest attempt as it begins."""
    return Payment(
        payment_id=order.payment_id,
        reference=order.order_id,
        provider=provider,
        amount=order.due,
        status=PaymentStatus.PENDING,
        created_at=now,
        expires_at=order.expires_at,
        store_credit_amount=order.part if order.balance_part else None,
    )


def buyers_of(payment_id: str | None) -> Sequence[str]:
    """Identities of whoever began the payment: e-mail, address, account. Nobody's is nobody."""
    payment = payments.read(payment_id) if payment_id else None
    order = read(payment.reference) if payment else None
    held = inventory.read_hold(order.hold_id) if order else None
    return held.holders if held else ()


def charge_of(order: Order, payment: Payment) -> Charge:
    """What the provider is asked for: of the order and this attempt alone, the same each time."""
    return Charge(
        payment_id=payment.payment_id,
        reference=order.order_id,
        number=order.number,
        lines=_charged(order, payments.step_of(payment.provider, order.currency)),
        total=order.due,
        email=order.email,
        locale=order.locale,
        success_url=f"{order.shop_url}/order.html?session={{CHECKOUT_SESSION_ID}}{order.fragment}",
        cancel_url=f"{order.shop_url}/order.html?cancelled=1{order.fragment}",
        page_url=order.page,
        expires_at=payment.expires_at,
        user_id=order.user_id,
    )


def _charged(order: Order, step: int) -> list[ChargeLine]:
    """What the charge's sum is made of: the order's lines; or in one what the balance left of them,
    or what only as a sum can be charged to the last unit."""
    prices = (order.shipping_price, *(line.unit_price for line in order.lines))
    if order.balance_part or any(price.amount % step for price in prices):
        return [ChargeLine(order.number, order.due, 1)]
    lines = [
        ChargeLine(_named(line.variant_name, order.locale), line.unit_price, line.quantity)
        for line in order.lines
    ]
    if order.shipping and order.shipping_price.amount:
        name = _named(order.shipping["name"], order.locale)
        lines.append(ChargeLine(name, order.shipping_price, 1))
    return lines


def payment_of(order: Order) -> Payment:
    """The order's newest attempt to pay; once it is paid, the one that paid it."""
    payment = payments.read(order.payment_id)
    if payment is None:
        raise RuntimeError(f"order {order.order_id} has no payment: written in one transaction")
    return payment


def hold_of(order: Order) -> Hold:
    """The order's units."""
    held = inventory.read_hold(order.hold_id)
    if held is None:
        raise RuntimeError(f"order {order.order_id} has no hold: written in one transaction")
    return held


def _named(names: Any, locale: str) -> str:
    return str(names.get(locale) or names["en"])
