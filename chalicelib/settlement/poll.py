"""What providers say: by a webhook, when they are asked, when a page is closed."""

from dataclasses import replace

from chalicelib.kernel.db.transaction import ExtraWrites
from chalicelib.orders import rules
from chalicelib.orders.service import charge_of, read
from chalicelib.orders.snapshot import Snapshot
from chalicelib.payments import pages
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Event, Outcome, State
from chalicelib.payments.rules import WAITING, Payment, PaymentStatus
from chalicelib.settlement import failed_refunds, refunding
from chalicelib.settlement.outcomes import apply
from chalicelib.settlement.write import only


def handle_event(event: Event, *, now: int, extra_writes: ExtraWrites | None = None) -> bool:
    """Make of the orders what a webhook tells, or what the provider says when it is asked; False
    for one that does not concern any. Raises OrderNotThereYet."""
    if event.payment_id and event.outcome is not None and event.reference is not None:
        apply(
            event.reference,
            event.outcome,
            payment_id=event.payment_id,
            now=now,
            extra_writes=extra_writes,
        )
        return True
    if not event.ask:
        return False
    payment = payments.read(event.payment_id) if event.payment_id else None
    if payment is None and event.capture_id:
        payment = payments.of_capture(event.capture_id)
    if payment is None and event.payment_id is None:
        # Of somebody else's shop at the same provider, or told before its payment is: the payment
        # itself is asked about then, and tells what went back as well.
        return False
    if payment is None:
        raise rules.OrderNotThereYet(event.payment_id)
    # What `extra_writes` writes ends the webhook, so it goes with the last step.
    if (key := event.facts.get("bounced")) is not None:
        failed_refunds.record_failed_refund(
            payment, poll_provider(payment, now=now), key=key, now=now
        )
        only(extra_writes)
    else:
        poll_provider(
            payment, now=now, extra_writes=extra_writes, disputed=bool(event.facts.get("disputed"))
        )
    return True


def poll_provider(
    payment: Payment, *, now: int, extra_writes: ExtraWrites | None = None, disputed: bool = False
) -> Outcome:
    """Ask the provider how a payment stands, and make of its order what follows. `disputed`: a
    webhook says so, which not every provider shows at the payment."""
    outcome = _poll(payment, now)
    outcome = replace(outcome, disputed=outcome.disputed or disputed)
    more = outcome.disputed or bool(outcome.refunded)
    extra_writes_now = None if more else extra_writes
    apply(
        payment.reference,
        outcome,
        payment_id=payment.payment_id,
        now=now,
        extra_writes=extra_writes_now,
    )
    if more:
        refunding.sync_refunds(payment, outcome, now=now)
        only(extra_writes)
    return outcome


def _poll(payment: Payment, now: int) -> Outcome:
    """What the provider says. An attempt whose time is over is closed once its order waits no more:
    not every page has an end of its own, and one whose opening was cut off can't be asked about.
    While the order waits, that is the sweeper's."""
    over = payment.status == PaymentStatus.PENDING and now >= payment.expires_at
    order = read(payment.reference) if over else None
    if order is None or order.status == rules.OrderStatus.PENDING:
        return payments.status(payment, take=payment.status in WAITING)
    return pages.close_page(payment, charge_of(order, payment))


def close_pages(found: Snapshot, *, but: str | None = None, now: int) -> list[State]:
    """Let nobody pay the order any more through its open attempts, all `but` this one; how each
    page ended.

    What was paid in the last moment is settled. Raises what the provider raises.
    """
    known: Snapshot | None = found
    states = []
    for payment in found.open_attempts(but=but):
        if payment.status != PaymentStatus.REVIEW:
            outcome = pages.close_page(payment, charge_of(found.order, payment))
            apply(payment.reference, outcome, payment_id=payment.payment_id, now=now, known=known)
            # The next one is decided on what this one has left.
            known = None
            states.append(outcome.state)
    return states
