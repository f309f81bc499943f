"""What is decided on an earlier reading: nothing is undone by it, and nothing is left undone."""

from dataclasses import replace

from chalicelib.orders import service as orders
from chalicelib.orders import snapshot
from chalicelib.orders.rules import OrderStatus
from chalicelib.orders.snapshot import Snapshot
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.rules import PaymentStatus
from chalicelib.settlement import outcomes
from tests import factory
from tests.faults.world import check_world

OVER = Outcome(State.ENDED)


def as_read(placed, **changes) -> Snapshot:
    """The order and its payment as somebody read them, when they stood otherwise."""
    found = snapshot.read(placed.order.order_id)
    return replace(found, payments=[replace(one, **changes) for one in found.payments])


def test_what_an_old_reading_would_leave_undone_is_read_anew_and_done(shop, placed):
    known = as_read(placed, status=PaymentStatus.EXPIRED)
    outcomes.apply(placed.order.order_id, OVER, now=1, known=known)
    assert orders.read(placed.order.order_id).status == OrderStatus.CANCELLED
    assert factory.stock("mug")["available"] == 5
    check_world()


def test_what_an_old_reading_would_undo_is_not_written(shop, placed):
    known = as_read(placed)
    shop.settle(placed)
    outcomes.apply(placed.order.order_id, OVER, now=1, known=known)
    assert orders.read(placed.order.order_id).status == OrderStatus.PAID
    assert factory.stock("mug")["sold"] == 2
    check_world(shop.sandbox.state())
