"""The queue of webhooks: each is worked on once, by the context that it concerns."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.kernel import clock
from chalicelib.kernel.db.transaction import ExtraWrites
from chalicelib.kernel.messaging.worker import each_message
from chalicelib.orders import service as orders
from chalicelib.payments import ports
from chalicelib.security import signals
from chalicelib.settlement import poll
from chalicelib.subscriptions import following
from chalicelib.webhooks import accept, inbox

workers = Blueprint(__name__)


@workers.lambda_function(name="settle")
@each_message
def settle(message: dict[str, Any]) -> None:
    now = clock.now()
    event = accept.event_of(message)
    if event.declined:
        buyers = orders.buyers_of(event.payment_id)
        signals.notice_declined(buyers, event.event_id, now=now)
    with inbox.processing(message, event) as attempt:
        if attempt is None:
            return
        if not event.followed or not handle(event, now=now, extra_writes=attempt.done):
            attempt.ignored()


def handle(event: "ports.Event", *, now: int, extra_writes: ExtraWrites) -> bool:
    """Hand an event to the context that it concerns; False when it concerns nothing of the shop.
    Raises what tells the queue to deliver it again."""
    if event.subject == ports.Subject.SUBSCRIPTION:
        return following.handle_event(event, now=now, extra_writes=extra_writes)
    return poll.handle_event(event, now=now, extra_writes=extra_writes)
