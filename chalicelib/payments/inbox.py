"""The log of webhooks: what came, how far it is, and playing it again.

The order's state alone keeps a webhook from having its effect twice, whatever this log says. The
log spares the work: SUCCESS is written with the last step, and a repeat that comes afterwards is
dropped before its provider is asked again.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chalicelib.config import settings
from chalicelib.kernel import clock, dynamo, queues, telemetry
from chalicelib.kernel import cursor as cursors
from chalicelib.kernel.errors import LostRace, NotFound, ShopError
from chalicelib.kernel.ids import derived
from chalicelib.kernel.transaction import Transaction
from chalicelib.payments.ports import Event
from chalicelib.payments.rules import WebhookStatus
from chalicelib.payments.tables import WebhookItem

# Rows looked through for one page, however few of them the filters let through.
MOST_READ = 500
# Rows of one call that plays many again; called again it goes on with the rest.
MOST_REPLAYED = 200

# Final: written with the last step of what the webhook does.
DONE = WebhookStatus.SUCCESS

Note = Callable[[Transaction], None]


class WebhookNotFound(NotFound):
    code = "WEBHOOK_NOT_FOUND"


@dataclass(frozen=True)
class Wanted:
    """Which webhooks of a UTC day (`20261120`)."""

    day: str
    status: WebhookStatus | None = None
    provider: str | None = None
    order_id: str | None = None

    @property
    def scope(self) -> str:
        """Names the list, so that a cursor of it opens no other one."""
        return repr(("webhooks", self.day, self.status, self.provider, self.order_id))

    def matches(self, item: WebhookItem) -> bool:
        return (
            self.status in (None, item.status)
            and self.provider in (None, item.provider)
            and self.order_id in (None, item.reference)
        )


class Handling:
    """One try to work a webhook off; `done` goes into the transaction of its effect."""

    def __init__(self, message: Mapping[str, Any], event: Event) -> None:
        self._message, self._event = message, event
        self._begun_ms = clock.millis()
        self.webhook_id = derived("whk", message["provider"], event.event_id)

    def begin(self) -> bool:
        """Write down what came, and that it is worked on; False when it has had its effect.

        What was IGNORED begins anew: a provider sends it again when somebody asks it to, perhaps
        since the shop has learned what to do with it.
        """
        message, event, item = self._message, self._event, WebhookItem
        again = bool(message.get("again"))
        received = int(message["receivedAt"])
        actions = [
            item.provider.set(message["provider"]),
            item.event_id.set(event.event_id),
            item.type.set(event.type),
            item.status.set(WebhookStatus.PROCESSING),
            item.received_at.set(item.received_at | received),
            item.day.set(item.day | clock.day(received)),
            item.place.set(item.place | f"{received:010d}#{self.webhook_id}"),
            item.body.set(message["body"]),
            item.correlation_id.set(message.get("correlationId") or "-"),
            # The SDK's repeat after a lost reply counts twice: it is for people.
            item.attempts.add(1),
        ]
        named = ((item.reference, event.reference), (item.payment_id, event.payment_id))
        actions += [attribute.set(value) for attribute, value in named if value]
        fresh = None if again else item.status.does_not_exist() | (item.status != DONE)
        try:
            dynamo.update(
                WebhookItem(self.webhook_id), actions, condition=fresh, otherwise=LostRace()
            )
        except LostRace:
            return False
        return True

    def done(self, status: WebhookStatus, *, order_id: str | None = None) -> Note:
        """Ends it, in the transaction of what it did."""

        def write(tx: Transaction) -> None:
            actions = [
                WebhookItem.status.set(status),
                WebhookItem.done_at.set(clock.now()),
                WebhookItem.took_ms.set(clock.millis() - self._begun_ms),
                WebhookItem.error.remove(),
            ]
            if order_id:
                actions.append(WebhookItem.reference.set(order_id))
            tx.update(WebhookItem(self.webhook_id), actions, condition=None, otherwise=LostRace())

        return write

    def failed(self, error: BaseException) -> None:
        """Note why this try failed; the queue brings it again. Losing the note costs nothing."""
        code = error.code if isinstance(error, ShopError) else type(error).__name__
        try:
            dynamo.update(
                WebhookItem(self.webhook_id),
                [
                    WebhookItem.status.set(WebhookStatus.FAILED),
                    WebhookItem.error.set(code),
                    WebhookItem.took_ms.set(clock.millis() - self._begun_ms),
                ],
                condition=WebhookItem.status != DONE,
                otherwise=LostRace(),
            )
        except Exception as unwritten:
            telemetry.logger().warning("failure not noted", exc_info=unwritten)


@contextmanager
def taken_up(message: Mapping[str, Any], event: Event) -> Iterator[Handling | None]:
    """Log that a webhook is worked on, and how it failed if it does; None for a repeat of one that
    has had its effect."""
    handling = Handling(message, event)
    if not handling.begin():
        telemetry.logger().info("webhook repeated", extra={"webhook_id": handling.webhook_id})
        yield None
        return
    try:
        yield handling
    except Exception as error:
        handling.failed(error)
        raise


def read(webhook_id: str) -> WebhookItem:
    """One webhook, whole. Raises WebhookNotFound."""
    item = dynamo.get(WebhookItem, webhook_id)
    if item is None:
        raise WebhookNotFound()
    return item


def page(wanted: Wanted, *, size: int, cursor: str | None) -> tuple[list[WebhookItem], str | None]:
    """A day's webhooks, the newest first and without bodies, and where the list goes on. A page may
    be short, even empty, and still go on. Raises CursorInvalid."""
    before = cursors.unseal(wanted.scope, cursor)[0] if cursor else None
    condition = WebhookItem.place < before if before else None
    found: list[WebhookItem] = []
    last = None
    rows = WebhookItem.by_day.query(
        wanted.day, condition, scan_index_forward=False, limit=MOST_READ
    )
    for looked, item in enumerate(rows, start=1):
        last = item
        if wanted.matches(item):
            found.append(item)
        if len(found) == size or looked == MOST_READ:
            return found, cursors.seal(wanted.scope, [last.place])
    return found, None


def replay(webhook_id: str) -> WebhookItem:
    """Put a webhook on the queue once more. Raises WebhookNotFound."""
    item = read(webhook_id)
    queues.send(
        settings().payment_events_queue_url,
        {
            "provider": item.provider,
            "receivedAt": int(item.received_at),
            "correlationId": item.correlation_id,
            "body": item.body,
            "again": True,
        },
    )
    try:
        dynamo.update(
            WebhookItem(webhook_id),
            [WebhookItem.status.set(WebhookStatus.RECEIVED)],
            # Worked off already, by a function that was faster than this note.
            condition=WebhookItem.attempts == item.attempts,
            otherwise=LostRace(),
        )
    except LostRace:
        return read(webhook_id)
    return item


def replay_all(wanted: Wanted) -> tuple[int, bool]:
    """Put those of a day on the queue once more, MOST_REPLAYED at most; how many, and whether there
    may be more. What is played again is not FAILED any more, so calling again goes on."""
    found, more = page(wanted, size=MOST_REPLAYED, cursor=None)
    for item in found:
        replay(item.webhook_id)
    return len(found), more is not None
