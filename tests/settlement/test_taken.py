"""What is taken with an order is one entry in a list: a coupon, say, of which the shop has none."""

from types import SimpleNamespace

import pytest

from chalicelib.catalog.tables import SettingItem
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import Conflict
from chalicelib.payments.ports import Outcome, State
from chalicelib.settlement import outcomes, taken
from tests import factory
from tests.faults.world import check_world
from tests.permissions import recorder
from tests.settlement.attempted import order_of, statuses

COUPON = "coupon-ten"
TAKEN, FREE = {"uses_left": 0}, {"uses_left": 1}
OVER = Outcome(State.ENDED)


class CouponUsedUp(Conflict):
    code = "COUPON_USED_UP"


def _set(tx, before: dict, after: dict, failed: Exception) -> None:
    tx.update(
        SettingItem(COUPON),
        [SettingItem.value.set(after)],
        condition=SettingItem.value == before,
        on_condition_failed=failed,
    )


def give_back(tx, order, *, now: int) -> None:
    _set(tx, TAKEN, FREE, RuntimeError("given back twice"))


def take_again(tx, order, *, now: int) -> None:
    _set(tx, FREE, TAKEN, CouponUsedUp())


# The entry: all that settlement is to know of coupons.
COUPONS = SimpleNamespace(GONE=(CouponUsedUp,), give_back=give_back, take_again=take_again)


@pytest.fixture
def bought(placed, monkeypatch):
    """An order that was placed with a coupon's only use."""
    monkeypatch.setattr(taken, "TAKEN", (*taken.TAKEN, COUPONS))
    SettingItem(COUPON, value=TAKEN).save()
    # No function of the shop may write coupons: there are none.
    with recorder.elsewhere():
        yield placed


def coupon() -> dict:
    return dynamo.get(SettingItem, COUPON).value


def apply_outcome(placed, outcome: Outcome) -> None:
    outcomes.apply(placed.order.order_id, outcome, now=clock.now())


def paid(shop, placed) -> Outcome:
    """What the provider says once the buyer has paid at the page."""
    shop.pay(placed)
    session = shop.session_of(placed)
    amount = placed.order.due
    return Outcome(State.PAID, session["id"], amount, session["payment_intent"])


def test_it_goes_back_with_the_order_that_is_cancelled_and_once(bought):
    for _ in range(2):
        apply_outcome(bought, OVER)
        assert (order_of(bought).status, coupon()) == ("CANCELLED", FREE)
    assert factory.stock("mug")["available"] == 5


def test_it_stays_with_the_order_that_is_paid(shop, bought):
    apply_outcome(bought, paid(shop, bought))
    assert (order_of(bought).status, coupon()) == ("PAID", TAKEN)


def test_it_is_taken_again_with_the_order_that_is_revived(shop, bought):
    outcome = paid(shop, bought)
    apply_outcome(bought, OVER)
    apply_outcome(bought, outcome)
    assert (order_of(bought).status, coupon()) == ("PAID", TAKEN)
    check_world(shop.sandbox.state())


def test_where_it_is_gone_nothing_is_taken_and_the_money_goes_back(shop, bought):
    outcome = paid(shop, bought)
    apply_outcome(bought, OVER)
    SettingItem(COUPON, value=TAKEN).save()  # another buyer's by now
    apply_outcome(bought, outcome)
    assert (order_of(bought).status, statuses(bought)) == ("CANCELLED", ["REFUNDED"])
    assert factory.stock("mug")["available"] == 5
    check_world(shop.sandbox.state())


def test_control_without_its_error_in_the_entry_the_payment_can_not_be_worked_off(
    shop, bought, monkeypatch
):
    monkeypatch.setattr(COUPONS, "GONE", ())
    outcome = paid(shop, bought)
    apply_outcome(bought, OVER)
    SettingItem(COUPON, value=TAKEN).save()
    with pytest.raises(CouponUsedUp):
        apply_outcome(bought, outcome)
