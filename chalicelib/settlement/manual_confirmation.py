"""What a person says of what a buyer handed in: the money came, or why it did not.

The decision and what follows for the order are one transaction: two administrators decide once, and
nothing is left half done. Money that is missing still is asked for once more, while there is time.
"""

from collections.abc import Mapping, Sequence

from chalicelib.config import settings
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import HoldStatus
from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.money import Money
from chalicelib.orders import facts, steps
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.orders.service import find, hold_of
from chalicelib.orders.tables import OrderItem
from chalicelib.payments import proofs
from chalicelib.payments import service as payments
from chalicelib.payments.by_hand import Decided, Moved, PaymentProof, ProofDecision, Rejection
from chalicelib.payments.ports import State
from chalicelib.payments.rules import WAITING, Payment, PaymentStatus
from chalicelib.settlement import outcomes

IN_PART = "PAID_IN_PART"


def confirm(
    payment_id: str,
    proof_id: str | None,
    received: int,
    *,
    by: str,
    enough: bool = False,
    bill_number: str | None = None,
    note: str | None = None,
    now: int,
) -> tuple[Order, Payment]:
    """`received` (minor units of the payment's currency) came. With all that is due, or `enough`,
    the order is paid; with less the buyer is asked for the rest. Said again, the same.

    Raises PaymentNotFound, NothingToDecide and what the provider raises (by_hand.ByHand.decide).
    """
    _, payment = find(payment_id)
    came = Money(received, payment.amount.currency)
    decision = ProofDecision(by, came, None, enough, bill_number, note)
    return _decide(payment_id, proof_id, decision, now=now)


def reject(
    payment_id: str,
    proof_id: str | None,
    rejection: Rejection,
    *,
    by: str,
    note: str | None = None,
    now: int,
) -> tuple[Order, Payment]:
    """Nothing came. The buyer may hand in another one while there is time; else the payment ends.

    Raises as `confirm` does.
    """
    return _decide(payment_id, proof_id, ProofDecision(by, None, rejection, note=note), now=now)


def reveal(payment_id: str) -> Mapping[str, str]:
    """What waits for a decision, in clear, by its id. Raises PaymentNotFound, NothingToDecide."""
    return proofs.reveal(find(payment_id)[1])


def proofs_of(payment: Payment) -> Sequence[PaymentProof]:
    """What the buyer handed in, as it may be seen."""
    return proofs.proofs_of(payment)


def _decide(
    payment_id: str, proof_id: str | None, decision: ProofDecision, *, now: int
) -> tuple[Order, Payment]:
    def attempt() -> None:
        order, payment = find(payment_id)
        waits = order.status == OrderStatus.PENDING and payment.status in WAITING
        decided = proofs.decide(payment, proof_id, decision, last=not waits, now=now)
        if decided.write is None:
            return
        try:
            if decided.until is not None:
                _ask_once_more(order, payment, decided, decision, now=now)
            else:
                outcomes.apply(
                    order.order_id,
                    decided.outcome,
                    payment_id=payment_id,
                    now=now,
                    extra_writes=decided.write,
                )
        except Moved as error:
            raise StaleState() from error

    retry_on_conflict(attempt)
    telemetry.metric({"HandInsConfirmed" if decision.received else "HandInsRejected": 1})
    return find(payment_id)


def _ask_once_more(
    order: Order, payment: Payment, decided: Decided, decision: ProofDecision, *, now: int
) -> None:
    """The buyer has until `decided.until` to hand in another one, and the units wait for it."""
    until = decided.until or now
    # With nothing in hand and nothing in question the order can be paid by any other way as well.
    nothing = decided.outcome.state == State.OPEN
    with Transaction() as tx:
        payments.conclude(
            tx,
            payment,
            PaymentStatus.PENDING if nothing else PaymentStatus.PROCESSING,
            decided.outcome,
            decision.rejection or IN_PART,
            expires_at=until,
        )
        _add_to_history(tx, order, payment, decision, now=now, until=until)
        held, end = hold_of(order), until + settings().hold_grace_seconds
        if held.status == HoldStatus.HELD and held.expires_at < end:
            inventory.extend(tx, held, expires_at=end)
        if decided.write:
            decided.write(tx)


def _add_to_history(
    tx: Transaction,
    order: Order,
    payment: Payment,
    decision: ProofDecision,
    *,
    now: int,
    until: int,
) -> None:
    """In the order's history, and how long it can be paid."""
    reason = Reason.PROOF_REJECTED if decision.rejection else Reason.PAID_IN_PART
    came = decision.received or Money(0, payment.amount.currency)
    details = facts.of_payment(payment, came, why=decision.rejection)
    tx.update(
        OrderItem(order.order_id),
        [
            steps.remembered(order, order.status, reason, now, details, who="owner"),
            OrderItem.expires_at.set(max(order.expires_at, until)),
        ],
        condition=steps.unchanged_since_read(order),
        on_condition_failed=StaleState(),
    )
