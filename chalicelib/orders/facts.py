"""What a line of an order's history says besides its reason: amounts and ids, never a person.

Amounts are in minor units of `currency`. Events and reports are made from these (orders/events.py),
so a line must say what was so when it was written: an order may be changed, refunded or erased
later. Lines from before there were facts have none.
"""

from collections.abc import Iterable, Mapping

from chalicelib.kernel.money import Money
from chalicelib.orders.rules import Order
from chalicelib.payments.rules import Payment, Refund

Facts = Mapping[str, str | int]


def of_sale(
    order: Order,
    payment: Payment | None = None,
    *,
    provider: str | None = None,
    captured: Money | None = None,
) -> Facts:
    """What the order costs, and the payment that is to pay it or has: the newest attempt, where
    nobody says which. `captured` is what came in, where the provider says so."""
    facts: dict[str, str | int] = {
        "amount": order.total.amount,
        "currency": order.currency,
        "items": order.items_total.amount,
        "shipping": order.shipping_price.amount,
        "store_credit": order.balance_part,
        "lines": len(order.lines),
        "units": sum(line.quantity for line in order.lines),
        "payment_id": payment.payment_id if payment else order.payment_id,
    }
    if named := payment.provider if payment else provider:
        facts["provider"] = named
    if captured is not None and captured.currency == order.currency:
        facts["captured"] = captured.amount
    return facts


def of_payment(payment: Payment, amount: Money | None = None, why: str | None = None) -> Facts:
    """Money of one payment, `amount` of it or all that came; `why` is a code, never free text."""
    money = payment.came if amount is None else amount
    facts: dict[str, str | int] = {
        "amount": money.amount,
        "currency": money.currency,
        "payment_id": payment.payment_id,
        "provider": payment.provider,
    }
    return {**facts, "why": why} if why else facts


def of_refunds(payment: Payment, refunds: Iterable[Refund], *, undoes: bool = False) -> Facts:
    """Refunds of one payment, each of which goes another way; the first one's id names them.
    `undoes`: a line before this one said that the money went back."""
    found = list(refunds)
    amount = found[0].amount
    for refund in found[1:]:
        amount += refund.amount
    facts: dict[str, str | int] = {
        **of_payment(payment, amount),
        "refund_id": found[0].refund_id,
        "refund_to": "+".join(refund.to for refund in found),
    }
    return {**facts, "undoes": True} if undoes else facts
