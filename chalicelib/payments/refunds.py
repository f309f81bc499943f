"""Money that goes back: counted before the provider is asked, carried out once, however often.

Refunds stand in the payment's own item. Each change is conditional on their turn as it was read, so
that their sum never exceeds what came in, whoever else refunds in the same moment.
"""

from dataclasses import replace
from typing import Any

from chalicelib.kernel.errors import Conflict, LostRace
from chalicelib.kernel.money import Money
from chalicelib.kernel.transaction import Transaction
from chalicelib.payments.ports import KeySpent, Refused
from chalicelib.payments.registry import ready
from chalicelib.payments.rules import Payment, Refund, RefundStatus, RefundTo
from chalicelib.payments.tables import PaymentItem, listed

# One item holds them: more than anybody's order needs.
MOST_REFUNDS = 50
PROVIDER = "provider"


class RefundTooMuch(Conflict):
    """More than came in and has not gone back, or nothing of it is left."""

    code = "REFUND_EXCEEDS_PAYMENT"


class RefundByHand(Conflict):
    """This provider sends nothing back: the owner does, outside of the shop."""

    code = "REFUND_BY_HAND"


def split(payment: Payment, amount: Money, to: RefundTo) -> dict[RefundTo, Money]:
    """Where an amount goes back to: the provider's money first, and what it never had to the
    balance; all of it there when that is wanted. Raises RefundTooMuch or RefundByHand."""
    room = len(payment.refunds) + len(RefundTo) <= MOST_REFUNDS
    if amount.amount <= 0 or payment.refundable < amount or not room:
        raise RefundTooMuch(left=payment.refundable.decimal())
    nothing = Money(0, amount.currency)
    origin = min(amount, payment.returnable) if to == RefundTo.ORIGIN else nothing
    if origin.amount and not ready(payment.provider).capabilities.refunds:
        raise RefundByHand()
    parts = {RefundTo.ORIGIN: origin, RefundTo.BALANCE: amount - origin}
    return {where: part for where, part in parts.items() if part.amount}


def put(tx: Transaction, payment: Payment, *changed: Refund, **more: Any) -> None:
    """Write refunds, new or changed; LostRace when another change was faster.

    `more` are further attributes of the payment, by name.
    """
    after = payment
    for refund in changed:
        after = after.with_refund(refund)
    actions = [
        PaymentItem.refunds.set({one.refund_id: _stored(one) for one in after.refunds}),
        PaymentItem.turn.set(payment.turn + 1),
        listed(payment.payment_id, unfinished=after.unfinished),
        *(getattr(PaymentItem, name).set(value) for name, value in more.items()),
    ]
    tx.update(
        PaymentItem(payment.payment_id),
        actions,
        condition=_same_turn(payment),
        otherwise=LostRace(),
    )


def key_of(refund: Refund) -> str:
    """What the provider knows a refund by, however often it is asked for."""
    return f"refund:{refund.refund_id}"


def late_key(payment: Payment) -> str:
    """The same for money that came too late or twice, all of which goes back."""
    return f"late:{payment.payment_id}"


def _same_turn(payment: Payment) -> Any:
    """Nobody has refunded since it was read, and it still stands as paid."""
    same = PaymentItem.turn == payment.turn
    if payment.turn == 0:
        # Begun before payments had turns.
        same = same | PaymentItem.turn.does_not_exist()
    return same & (PaymentItem.status == payment.status)


def carry_out(payment: Payment, refund: Refund) -> Refund:
    """Ask the provider; the refund as it is afterwards. Raises ProviderBusy: ask again later.

    What goes into the balance is done by being written down: whoever does that credits it there.
    """
    if refund.to == RefundTo.BALANCE:
        return replace(refund, status=RefundStatus.DONE)
    provider = ready(payment.provider)
    if payment.capture_id is None:
        return replace(refund, status=RefundStatus.FAILED)
    try:
        provider.refund(
            payment.capture_id,
            refund.amount,
            key=key_of(refund),
            again=refund.spent_keys,
        )
    except KeySpent:
        return replace(refund, spent_keys=refund.spent_keys + 1)
    except Refused:
        return replace(refund, status=RefundStatus.FAILED)
    return replace(refund, status=RefundStatus.DONE)


def _stored(refund: Refund) -> dict[str, Any]:
    return {
        "amount": refund.amount.amount,
        "status": str(refund.status),
        "by": refund.by,
        "reason": refund.reason,
        "at": refund.at,
        "spent_keys": refund.spent_keys,
        "to": str(refund.to),
    }
