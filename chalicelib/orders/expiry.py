"""The sweeper: gives back what was held and never paid. Any number may run at once.

The provider is asked first: whoever paid in the last second has an order, not an apology.
"""

from dataclasses import dataclass

from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Hold
from chalicelib.kernel import telemetry
from chalicelib.kernel.errors import LostRace, Unavailable
from chalicelib.kernel.transaction import Transaction
from chalicelib.orders import asking, service, settlement
from chalicelib.orders.rules import Order, OrderStatus
from chalicelib.payments.ports import State
from chalicelib.payments.rules import PaymentStatus


@dataclass
class Swept:
    """What one run did: ended holds, and those left for the next run after a failure."""

    ended: int = 0
    failed: int = 0
    # Holds of which an end in several steps is done now.
    finished: int = 0
    # Units or moves of hot variants that were put in order.
    moved: int = 0


def sweep(now: int, page_size: int = 100) -> Swept:
    """End every hold whose time is over at `now`. One failure leaves that hold for the next run."""
    swept = Swept()
    for hold in inventory.expired_holds(now, page_size):
        try:
            end(hold, now)
            swept.ended += 1
        except LostRace:
            # Somebody else ended it, or it was paid: both are what was wanted.
            continue
        except Exception as error:
            telemetry.logger().warning("hold left for the next run", exc_info=error)
            swept.failed += 1
    swept.finished = inventory.finish_ends(now)
    try:
        swept.moved = inventory.tend_hot_variants(now)
    except Unavailable as error:
        # Busy selling: what is uneven or stray is tended to a minute later.
        telemetry.logger().warning("hot variants left for the next run", exc_info=error)
    return swept


def end(hold: Hold, now: int) -> None:
    """End one hold, through its order where it has one. LostRace when it moved meanwhile."""
    order = service.read(hold.reference) if hold.reference else None
    if order is None or order.status == OrderStatus.CANCELLED:
        with Transaction() as tx:
            inventory.release(tx, hold, now=now)
    elif order.status == OrderStatus.PENDING:
        _end_order(order, hold, now)
    else:
        with Transaction() as tx:
            inventory.commit(tx, hold, now=now)


def _end_order(order: Order, hold: Hold, now: int) -> None:
    waiting = settlement.open_attempts(order)
    if any(payment.status == PaymentStatus.REVIEW for payment in waiting):
        return _wait(hold, now + settlement.REVIEW_HOLD_SECONDS)
    states = asking.close_pages(order, waiting, now=now)
    if State.PROCESSING in states:
        # The money is on its way: the units wait for it.
        _wait(hold, now + settlement.PROCESSING_HOLD_SECONDS)
    elif State.OPEN not in states:
        settlement.give_up(order.order_id, now=now)
    return None


def _wait(hold: Hold, until: int) -> None:
    with Transaction() as tx:
        inventory.extend(tx, hold, expires_at=until)
