"""Order, payments and hold are read in one call but not at one moment: any of them may be as it was
before the last step, and nothing comes of that (docs/decisions/0068)."""

from itertools import product

import pytest

from chalicelib.orders import snapshot
from chalicelib.orders.snapshot import Snapshot
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.tables import PaymentItem
from chalicelib.settlement import outcomes
from tests import factory
from tests.faults.world import check_world
from tests.settlement.attempted import order_of, read_first, statuses

BEFORE, AFTER = 0, 1
# Of which of two readings order, payments and hold are.
MIXES = list(product([BEFORE, AFTER], repeat=3))
OVER = Outcome(State.ENDED)
SOLD = {"available": 3, "reserved": 0, "sold": 2, "stocked": 5}
FREE = {"available": 5, "reserved": 0, "sold": 0, "stocked": 5}
PAID = ("PAID", ["SUCCESS"], SOLD)
CANCELLED = ("CANCELLED", ["EXPIRED"], FREE)


def told(placed, outcome: Outcome) -> None:
    outcomes.apply(placed.order.order_id, outcome, now=1)


def came(shop, placed) -> Outcome:
    """What the provider says once the buyer has paid at the page."""
    shop.pay(placed)
    session = shop.session_of(placed)
    return Outcome(State.PAID, session["id"], placed.order.due, session["payment_intent"])


def told_on_a_mix(placed, first: Outcome, second: Outcome, mix, monkeypatch) -> None:
    """A step is taken, and the second word is decided on a reading that is mixed around it."""
    order_id = placed.order.order_id
    before = snapshot.read(order_id)
    told(placed, first)
    readings = (before, snapshot.read(order_id))
    order, attempts, hold = (readings[moment] for moment in mix)
    read_first(monkeypatch, Snapshot(order.order, attempts.payments, hold.hold))
    told(placed, second)


def stands(placed) -> tuple:
    return order_of(placed).status, statuses(placed), factory.stock("mug")


@pytest.mark.parametrize("mix", MIXES, ids=str)
def test_paid_and_said_again_it_is_sold_once(shop, placed, mix, monkeypatch):
    paid = came(shop, placed)
    told_on_a_mix(placed, paid, paid, mix, monkeypatch)
    assert stands(placed) == PAID
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("mix", MIXES, ids=str)
def test_paid_and_then_over_it_stays_paid(shop, placed, mix, monkeypatch):
    told_on_a_mix(placed, came(shop, placed), OVER, mix, monkeypatch)
    assert stands(placed) == PAID
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("mix", MIXES, ids=str)
def test_over_and_then_paid_it_is_revived_once(shop, placed, mix, monkeypatch):
    told_on_a_mix(placed, OVER, came(shop, placed), mix, monkeypatch)
    assert stands(placed) == PAID
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("mix", MIXES, ids=str)
def test_over_and_said_again_its_units_go_back_once(shop, placed, mix, monkeypatch):
    told_on_a_mix(placed, OVER, OVER, mix, monkeypatch)
    assert stands(placed) == CANCELLED
    check_world()


def test_control_without_the_payments_condition_a_paid_payment_ends(shop, placed, monkeypatch):
    monkeypatch.setattr(payments, "_unmoved", lambda payment: PaymentItem.payment_id.exists())
    told_on_a_mix(placed, came(shop, placed), OVER, (AFTER, BEFORE, AFTER), monkeypatch)
    assert stands(placed)[:2] == ("PAID", ["EXPIRED"])
    with pytest.raises(AssertionError):
        check_world(shop.sandbox.state())
