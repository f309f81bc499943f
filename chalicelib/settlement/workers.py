"""What finishes orders after the answer: the payment events' queue and the minute's sweep.

The queue's worker lives here and not in payments, because orders may ask payments and payments
does not know what an order is. What is about none of the two goes to whom wiring names.
"""

from typing import Any

from chalice.app import Blueprint, Rate

from chalicelib import wiring
from chalicelib.kernel import clock
from chalicelib.kernel.worker import each_message, scheduled
from chalicelib.orders import audit, service
from chalicelib.payments import inbox
from chalicelib.payments import service as payments
from chalicelib.settlement import expire
from chalicelib.settlement import reconcile as reconciliation

workers = Blueprint(__name__)

# The template puts the real queue here; Chalice wants an ARN to write one at all.
PLACEHOLDER_ARN = "arn:aws:sqs:us-east-1:000000000000:placeholder"


@workers.on_sqs_message(queue_arn=PLACEHOLDER_ARN, batch_size=10, name="settle")
@each_message
def settle(message: dict[str, Any]) -> None:
    now = clock.now()
    event = payments.event_of(message)
    if event.declined:
        buyers = service.buyers_of(event.payment_id)
        wiring.notice_declined(buyers, event.event_id, now=now)
    with inbox.processing(message, event) as handling:
        if handling is None:
            return
        if not event.followed or not wiring.handle_event(
            event, now=now, extra_writes=handling.done
        ):
            handling.ignored()


@workers.schedule(Rate(5, unit=Rate.MINUTES), name="check")
@scheduled
def check(now: int) -> dict[str, Any]:
    """Begins a run each day, and goes on with one that is under way."""
    return audit.work(now)


@workers.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
@scheduled
def sweep(now: int) -> dict[str, int]:
    return expire.sweep(now).counts()


@workers.schedule(Rate(5, unit=Rate.MINUTES), name="reconcile")
@scheduled
def reconcile(now: int) -> dict[str, int]:
    return {**reconciliation.run(now).counts(), **wiring.poll_subscriptions(now)}
