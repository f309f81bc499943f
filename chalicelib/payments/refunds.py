"""Money that goes back: counted before the provider is asked, carried out once, however often.

Refunds stand in the payment's own item. Each change is conditional on their version as it was read,
so that their sum never exceeds what came in, whoever else refunds in the same moment.
"""

from dataclasses import replace
from typing import Any

from chalicelib.kernel.db import mapping
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import Conflict, StaleState
from chalicelib.kernel.money import Money
from chalicelib.payments.disputes import PaymentDisputed
from chalicelib.payments.ports import KeySpent, ProviderRefused
from chalicelib.payments.registry import ready
from chalicelib.payments.rules import AmountNotInSteps, Payment, Refund, RefundStatus, RefundTo
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


class RefundRefused(Conflict):
    """The provider said no: nothing went back by it, and what is left of the payment is as before.
    The refund stays on record as FAILED."""

    code = "REFUND_REFUSED"


def split(payment: Payment, amount: Money, to: RefundTo) -> dict[RefundTo, Money]:
    """Where an amount goes back to: the provider's money first, and what it never had to the
    balance; all of it there, or by hand, when that is wanted.

    Raises RefundTooMuch, PaymentDisputed where only a dispute stands in its way, RefundByHand, and
    AmountNotInSteps for an amount that the provider can't send back to the last unit.
    """
    _check_left(payment, amount)
    if to != RefundTo.ORIGIN:
        return {to: amount}
    origin = min(amount, payment.returnable)
    can = ready(payment.provider).capabilities
    if origin.amount and not can.refunds:
        raise RefundByHand()
    step = can.steps.get(amount.currency, 1)
    if origin.amount % step and amount < payment.refundable:
        raise AmountNotInSteps(step=Money(step, amount.currency).decimal())
    # Of the last of it, what is no whole step was paid back into the balance before: so is this.
    origin = origin.floor(step)
    parts = {RefundTo.ORIGIN: origin, RefundTo.BALANCE: amount - origin}
    return {where: part for where, part in parts.items() if part.amount}


def _check_left(payment: Payment, amount: Money) -> None:
    room = len(payment.refunds) + len(RefundTo) <= MOST_REFUNDS
    free = payment.refundable
    kept = payment.disputed and not free + payment.at_bank < amount
    if room and kept and (free < amount or not free.amount):
        raise PaymentDisputed(left=free.decimal())
    if amount.amount <= 0 or free < amount or not room:
        raise RefundTooMuch(left=free.decimal())


def put(tx: Transaction, payment: Payment, *changed: Refund, **more: Any) -> None:
    """Write refunds, new or changed; StaleState when another change was faster.

    `more` are further attributes of the payment, by name.
    """
    after = payment
    for refund in changed:
        after = after.with_refund(refund)
    actions = [
        PaymentItem.refunds.set({one.refund_id: _stored(one) for one in after.refunds}),
        PaymentItem.version.set(payment.version + 1),
        listed(payment.payment_id, unfinished=after.unfinished),
        *(getattr(PaymentItem, name).set(value) for name, value in more.items()),
    ]
    tx.update(
        PaymentItem(payment.payment_id),
        actions,
        condition=_same_version(payment),
        on_condition_failed=StaleState(),
    )


def key_of(refund: Refund) -> str:
    """What the provider knows a refund by, however often it is asked for."""
    return f"refund:{refund.refund_id}"


def late_key(payment: Payment) -> str:
    """The same for money that came too late or twice, all of which goes back."""
    return f"late:{payment.payment_id}"


def rest_key(payment: Payment, amount: Money) -> str:
    """The same for what is left of such money, where a part went back in the provider's own pages:
    another amount is another refund to it."""
    return f"{late_key(payment)}:{amount.amount}"


def is_late_key(payment: Payment, key: str) -> bool:
    """Whether a refund that is known by this key gave back money that came too late or twice."""
    return key == late_key(payment) or key.startswith(f"{late_key(payment)}:")


def _same_version(payment: Payment) -> Any:
    """Nobody has refunded since it was read, and it still stands as paid."""
    same = PaymentItem.version == payment.version
    if payment.version == 0:
        # Begun before payments had turns.
        same = same | PaymentItem.version.does_not_exist()
    return same & (PaymentItem.status == payment.status)


def carry_out(payment: Payment, refund: Refund) -> Refund:
    """Ask the provider; the refund as it is afterwards. Raises ProviderBusy: ask again later.

    What goes into the balance is done by being written down, whoever does that credits it there;
    and what is given back by hand, since it was.
    """
    if refund.to != RefundTo.ORIGIN:
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
    except ProviderRefused:
        return replace(refund, status=RefundStatus.FAILED)
    return replace(refund, status=RefundStatus.DONE)


def _stored(refund: Refund) -> dict[str, Any]:
    return mapping.plain(refund, without=("refund_id",))
