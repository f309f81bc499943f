"""The sweeper: gives back what was held and never paid. Any number may run at once.

The provider is asked first: whoever paid in the last second has an order, not an apology.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Hold, HoldStatus
from chalicelib.kernel import deadline, outages, telemetry
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.messaging.rows import Done
from chalicelib.orders import snapshot
from chalicelib.orders.rules import OrderStatus
from chalicelib.orders.snapshot import Snapshot
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.registry import GONE
from chalicelib.payments.rules import Payment, PaymentStatus
from chalicelib.settlement import outcomes, poll

# Of the run's time, for ending holds: however many there are, hot variants have their turn.
SHARE_OF_HOLDS = 0.75
# A provider that refuses to say how a page ended, because its keys are gone or no longer good: so
# long after the last page's own end the units go back. Money that came all the same is found by its
# webhook or by the nightly comparison, and is used or sent back as all that is late. What is known
# to be on its way takes days, and is waited for.
UNANSWERED_SECONDS = 86_400


@dataclass
class Swept:
    """What one run did: ended holds, units or moves of hot variants that were put in order, and
    what came of each part's rows."""

    ended: int = 0
    # Holds of which an end in several steps is done now.
    finished: int = 0
    moved: int = 0
    parts: list[Done] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Rows that failed, and wait for the next run."""
        return sum(part.failed for part in self.parts)

    @property
    def complete(self) -> bool:
        """Whether nothing is left for the next run."""
        return all(part.complete for part in self.parts)

    def counts(self) -> dict[str, int]:
        """For the log and the job's answer."""
        return {
            "ended": self.ended,
            "moved": self.moved,
            "failed": self.failed,
            "left": sum(part.left for part in self.parts),
            "complete": int(self.complete),
        }


def sweep(now: int, page_size: int = 100) -> Swept:
    """End every hold whose time is over at `now`, and put hot variants in order; in time, and each
    row by itself. Providers that are down are asked whether they are well again."""
    swept = Swept()
    with outages.probing():
        swept.parts.append(payments.probe_outages())
        with deadline.within(deadline.left() * SHARE_OF_HOLDS):
            swept.parts.append(_end_holds(swept, now, page_size))
        _rebalance_hot_variants(swept, now)
    return swept


def _end_holds(swept: Swept, now: int, page_size: int) -> Done:
    def handle(hold_id: str) -> None:
        hold = inventory.read_hold(hold_id)
        if hold is None:
            return
        over = hold.status == HoldStatus.HELD and hold.expires_at <= now
        if over:
            _end_expired(swept, hold, now)
        # One that was too large to be ended by one transaction is ended to its last place.
        if hold.unfinished or (over and inventory.ends_in_steps(hold)):
            swept.finished += inventory.finish_end(hold_id, now=now)

    return rows.work_off("sweep", *inventory.expired_by_shard(now, page_size), handle=handle)


def _end_expired(swept: Swept, hold: Hold, now: int) -> None:
    try:
        end(hold, now)
        swept.ended += 1
    except StaleState:
        # Somebody else ended it, or it was paid: both are what was wanted.
        if inventory.expired_hold(hold.hold_id, now) is not None:
            raise


def _rebalance_hot_variants(swept: Swept, now: int) -> None:
    """Units that no hold has go back, and each variant's are evened out over its shards."""
    hot: list[str] = []
    swept.parts.append(rows.work_off("hot", inventory.hot_variants(), handle=hot.append))

    def put_right(noted: tuple[str, inventory.PutRight]) -> None:
        swept.moved += noted[1](now)

    def rebalance(variant_id: str) -> None:
        swept.moved += inventory.rebalance(variant_id, now=now)

    notes = map(inventory.noted_holds, hot)
    swept.parts.append(rows.work_off("orphans", *notes, handle=put_right, key=lambda each: each[0]))
    swept.parts.append(rows.work_off("rebalance", hot, handle=rebalance))


def end(hold: Hold, now: int) -> None:
    """End one hold, through its order where it has one. StaleState when it moved meanwhile."""
    found = snapshot.read(hold.reference, hold=False) if hold.reference else None
    if found is None or found.order.status == OrderStatus.CANCELLED:
        with Transaction() as tx:
            inventory.release(tx, hold, now=now)
    elif found.order.status == OrderStatus.PENDING:
        _end_order(replace(found, hold=hold), hold, now)
    else:
        with Transaction() as tx:
            inventory.commit(tx, hold, now=now)


def _end_order(found: Snapshot, hold: Hold, now: int) -> None:
    waiting = found.open_attempts()
    if any(payment.status == PaymentStatus.REVIEW for payment in waiting):
        return _wait(hold, now + outcomes.REVIEW_HOLD_SECONDS)
    states = _close_pages(found, waiting, now)
    if State.PROCESSING in states:
        # The money is on its way: the units wait for it.
        _wait(hold, now + outcomes.PROCESSING_HOLD_SECONDS)
    elif not waiting:
        # With the last page that was closed the order has ended already.
        outcomes.cancel_unpaid(found.order.order_id, now=now)
    return None


def _close_pages(found: Snapshot, waiting: Sequence[Payment], now: int) -> Sequence[State]:
    try:
        return poll.close_pages(found, now=now)
    except GONE:
        over = all(now >= payment.expires_at + UNANSWERED_SECONDS for payment in waiting)
        if not over or any(payment.status != PaymentStatus.PENDING for payment in waiting):
            raise
        order_id = found.order.order_id
        telemetry.logger().error("ended unasked", extra={"order_id": order_id})
        for payment in waiting:
            ended = Outcome(State.ENDED)
            outcomes.apply(order_id, ended, payment_id=payment.payment_id, now=now)
        return ()


def _wait(hold: Hold, until: int) -> None:
    with Transaction() as tx:
        inventory.extend(tx, hold, expires_at=until)
