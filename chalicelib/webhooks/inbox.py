"""The log of webhooks: what came, how far it is, and playing it again.

The order's state alone keeps a webhook from having its effect twice, whatever this log says. The
log spares the work: SUCCESS is written with the last step, and a repeat that comes afterwards is
dropped before its provider is asked again.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.update import Action

from chalicelib.config import settings
from chalicelib.kernel import clock, telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import NotAsked, NotFound, ShopError, StaleState, Unavailable
from chalicelib.kernel.ids import derived
from chalicelib.kernel.messaging import queues, rows
from chalicelib.kernel.web import cursor as cursors
from chalicelib.payments.ports import Event
from chalicelib.payments.rules import WebhookStatus
from chalicelib.webhooks import accept
from chalicelib.webhooks.tables import WebhookItem

# Rows looked through for one page, however few of them the filters let through.
MOST_READ = 500
# Rows of one call that plays many again; called again it goes on with the rest.
MOST_REPLAYED = 200

DAY_SECONDS = 86_400

# Final: written with the last step of what the webhook does.
DONE = WebhookStatus.SUCCESS


class WebhookNotFound(NotFound):
    code = "WEBHOOK_NOT_FOUND"


@dataclass(frozen=True)
class WebhookFilter:
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


class WebhookAttempt:
    """One try to work a webhook off; `done` goes into the transaction of its effect.

    The row is written once, with what came of it: what is under way stands on the queue, and what
    never ends among the dead letters.
    """

    def __init__(self, message: Mapping[str, Any], event: Event) -> None:
        self._message, self._event = message, event
        self._begun_ms = clock.millis()
        self.webhook_id = derived("whk", message["provider"], event.event_id)
        self._before = dynamo.get(WebhookItem, self.webhook_id)

    @property
    def fresh(self) -> bool:
        """Whether it has not had its effect yet, or somebody wants it done once more.

        What was IGNORED begins anew: a provider sends it again when somebody asks it to, perhaps
        since the shop has learned what to do with it.
        """
        if self._before is None or self._message.get("again"):
            return True
        return bool(self._before.status != DONE)

    def done(self, tx: Transaction) -> None:
        """Ends it, in the transaction of what it did."""
        tx.update(
            WebhookItem(self.webhook_id),
            self._ended(WebhookStatus.SUCCESS),
            condition=None,
            on_condition_failed=StaleState(),
        )

    def ignored(self) -> None:
        """It concerns nothing of the shop's. Only a row that is there already is written."""
        accept.ignored(self._message["provider"], self._event)
        if self._before is not None:
            self._write(self._ended(WebhookStatus.IGNORED))

    def failed(self, error: BaseException) -> None:
        """Note why this try failed; the queue brings it again. Losing the note costs nothing."""
        code = error.code if isinstance(error, ShopError) else type(error).__name__
        try:
            self._write([*self._tried(WebhookStatus.FAILED), WebhookItem.error.set(code)])
        except Exception as unwritten:
            telemetry.logger().warning("failure not noted", exc_info=unwritten)

    def _write(self, actions: list[Action]) -> None:
        """Unless another try was faster and has had its effect."""
        free = WebhookItem.status.does_not_exist() | (WebhookItem.status != DONE)
        if self._before is not None and self._message.get("again"):
            # It had its effect before, and nobody has tried since.
            free = free | (WebhookItem.attempts == self._before.attempts)
        with suppress(StaleState):
            dynamo.update(
                WebhookItem(self.webhook_id),
                actions,
                condition=free,
                on_condition_failed=StaleState(),
            )

    def _ended(self, status: WebhookStatus) -> list[Action]:
        ended = WebhookItem.done_at.set(clock.now())
        return [*self._tried(status), ended, WebhookItem.error.remove()]

    def _tried(self, status: WebhookStatus) -> list[Action]:
        """What came, and one try more."""
        message, event, item = self._message, self._event, WebhookItem
        received = int(message["receivedAt"])
        actions: list[Action] = [
            item.provider.set(message["provider"]),
            item.event_id.set(event.event_id),
            item.type.set(event.type),
            item.status.set(status),
            item.received_at.set(item.received_at | received),
            item.expires_at.set(item.expires_at | ends_at(received)),
            item.day.set(item.day | clock.day(received)),
            item.place.set(item.place | f"{received:010d}#{self.webhook_id}"),
            item.packed.set(message["body"]),
            item.correlation_id.set(message.get("correlationId") or "-"),
            item.took_ms.set(clock.millis() - self._begun_ms),
            # The SDK's repeat after a lost reply counts twice: it is for people.
            item.attempts.add(1),
        ]
        named = ((item.reference, event.reference), (item.payment_id, event.payment_id))
        return actions + [attribute.set(value) for attribute, value in named if value]


def ends_at(received: int) -> int:
    """When a webhook that came then is forgotten."""
    return received + settings().webhook_days * DAY_SECONDS


@contextmanager
def processing(message: Mapping[str, Any], event: Event) -> Iterator[WebhookAttempt | None]:
    """Log that a webhook is worked on, and how it failed if it does; None for a repeat of one that
    has had its effect."""
    handling = WebhookAttempt(message, event)
    if not handling.fresh:
        telemetry.logger().info("webhook repeated", extra={"webhook_id": handling.webhook_id})
        yield None
        return
    try:
        yield handling
    except NotAsked:
        # Nothing was tried, and it waits on the queue: an outage writes no row each minute.
        raise
    except Exception as error:
        handling.failed(error)
        raise


def read(webhook_id: str) -> WebhookItem:
    """One webhook, whole. Raises WebhookNotFound."""
    item = dynamo.get(WebhookItem, webhook_id)
    if item is None or _over(item, clock.now()):
        raise WebhookNotFound()
    return item


def page(
    wanted: WebhookFilter, *, size: int, cursor: str | None
) -> tuple[list[WebhookItem], str | None]:
    """A day's webhooks, the newest first and without bodies, and where the list goes on. A page may
    be short, even empty, and still go on. Raises CursorInvalid."""
    before = cursors.unseal(wanted.scope, cursor)[0] if cursor else None
    condition = WebhookItem.place < before if before else None
    found: list[WebhookItem] = []
    last, now = None, clock.now()
    rows = WebhookItem.by_day.query(
        wanted.day, condition, scan_index_forward=False, limit=MOST_READ
    )
    for looked, item in enumerate(rows, start=1):
        last = item
        if wanted.matches(item) and not _over(item, now):
            found.append(item)
        if len(found) == size or looked == MOST_READ:
            return found, cursors.seal(wanted.scope, [last.place])
    return found, None


def _over(item: WebhookItem, now: int) -> bool:
    """Its time is over, though the table has not swept it up yet."""
    return ends_at(int(item.received_at)) <= now


def replay(webhook_id: str) -> WebhookItem:
    """Put a webhook on the queue once more. Raises WebhookNotFound."""
    item = read(webhook_id)
    queues.send(
        settings().payment_events_queue_url,
        {
            "provider": item.provider,
            "receivedAt": int(item.received_at),
            "correlationId": item.correlation_id,
            "body": item.sent,
            "again": True,
        },
    )
    try:
        dynamo.update(
            WebhookItem(webhook_id),
            [WebhookItem.status.set(WebhookStatus.RECEIVED)],
            # Worked off already, by a function that was faster than this note.
            condition=WebhookItem.attempts == item.attempts,
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return read(webhook_id)
    return item


def replay_all(wanted: WebhookFilter) -> tuple[int, bool]:
    """Put those of a day on the queue once more, MOST_REPLAYED at most; how many, and whether there
    may be more. What is played again is not FAILED any more, so calling again goes on. One that
    can't be read keeps no other back; Unavailable when none could be put on the queue."""
    found, more = page(wanted, size=MOST_REPLAYED, cursor=None)
    done = rows.work_off("replay", [item.webhook_id for item in found], handle=replay)
    if done.failed and not done.done:
        # None of them went through: that is no matter of one row.
        raise Unavailable()
    return done.done, more is not None or not done.complete
