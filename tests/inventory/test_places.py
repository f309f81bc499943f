"""A hold too large to end is never made: whatever is held can be settled, released, revived and
swept, wherever its units lie and whatever else is written with it."""

import itertools
import random
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.cart import reservations
from chalicelib.inventory import rules
from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds import writes
from chalicelib.inventory.rules import BasketScattered, HoldStatus, fewest, shard_place
from chalicelib.inventory.tables import StockItem, stock_of
from chalicelib.kernel import clock
from chalicelib.kernel.db.transaction import TooManyItems, Transaction
from chalicelib.kernel.limits import MAX_CART_LINES
from chalicelib.orders import service as orders
from chalicelib.orders.rules import OrderStatus
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.settlement import outcomes
from chalicelib.webhooks.tables import WebhookItem
from tests import factory
from tests.faults.world import check_world
from tests.inventory import large

HOUR = 3600
# A webhook's row, and ten claims of one blockchain transaction, with two to spare: what is written
# with a payment's end.
MOST_BESIDE = 13
numbers = itertools.count()


@dataclass(frozen=True)
class Basket:
    """Lines with how many are wanted of each, and where there are as many at least."""

    warehouses: int
    lines: dict[str, tuple[int, dict[str, int]]]


def basket(lines: int, warehouses: int, hot: int, shards: int, seed: int) -> Basket:
    chance = random.Random(seed)
    names = ["main", *(f"wh-{each}" for each in range(1, warehouses))]
    made = {}
    for number in range(lines):
        wanted = chance.randint(1, 20)
        lying = {name: chance.randint(0, wanted) for name in names}
        if number < hot:
            lying |= {shard_place("main", each): chance.randint(0, 2) for each in range(shards)}
        lying["main"] += max(0, wanted - sum(lying.values()))
        made[f"v{number:02d}"] = (wanted, lying)
    return Basket(warehouses, made)


baskets = st.builds(
    basket,
    lines=st.integers(1, MAX_CART_LINES),
    warehouses=st.integers(1, 3),
    hot=st.integers(0, 12),
    shards=st.sampled_from([2, 12]),
    seed=st.integers(0, 1_000_000),
)


def needed(lines) -> int:
    """The fewest places from which all of it can be had."""
    return sum(len(fewest(wanted, in_warehouses(lying))) for wanted, lying in lines.values())


def in_warehouses(lying) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, count in lying.items():
        name = rules.warehouse_of(place)
        found[name] = found.get(name, 0) + count
    return found


def beside(count: int):
    """So many other writes in the transaction of a payment's end."""

    def write(tx: Transaction) -> None:
        for number in range(count):
            item = WebhookItem(f"whk_{next(numbers)}_{number}")
            tx.update(item, [WebhookItem.type.set("t")], condition=None, on_condition_failed=None)

    return write


def apply(placed, state: State, count: int) -> OrderStatus:
    amount = placed.order.due if state == State.PAID else None
    outcome = Outcome(state, None, amount, "pi_1" if amount else None)
    outcomes.apply(placed.order.order_id, outcome, now=clock.now(), extra_writes=beside(count))
    order = orders.read(placed.order.order_id)
    assert order is not None
    return order.status


def scatter(variant_ids) -> None:
    """Move each warehouse's available units about: what was in one place lies in many."""
    for variant_id in variant_ids:
        items = [item for item in stock_of(variant_id) if "#" in item.place or item.place == "main"]
        total = sum(int(item.available) for item in items)
        share, rest = divmod(total, len(items))
        for at, item in enumerate(items):
            count = share + (at < rest)
            change = count - int(item.available)
            item.update(
                [
                    StockItem.available.set(count),
                    StockItem.stocked.set(StockItem.stocked + change),
                ]
            )


@pytest.fixture
def checked_out(shop, monkeypatch):
    """Check a basket out whose units lie somewhere; None when it needs too many places, and then
    nothing of it may be held. Payment pages are not opened: none is paid there."""

    def opened(order, payment, *, now):
        return order, "https://provider.test/pay"

    monkeypatch.setattr("chalicelib.checkout.service.attempts.open_page", opened)

    def check_out(case, *, reserve: bool, owner: bool):
        large.clear()
        lines = case.lines
        large.warehouses(case.warehouses)
        large.stock({name: lying for name, (_, lying) in lines.items()})
        wanted = {name: count for name, (count, _) in lines.items()}
        cart_id = large.cart(wanted)
        user_id = factory.user_with(500) if owner else None
        try:
            if reserve:
                factory.reserve(cart_id)
            placed = shop.checkout(cart_id, user_id=user_id, use_balance=owner)
        except BasketScattered:
            assert needed(lines) > rules.MOST_PLACES
            return None
        assert needed(lines) <= rules.MOST_PLACES
        assert inventory.read_hold(placed.order.hold_id).quantities == wanted
        return placed

    return check_out


many = settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@many
@given(case=baskets, reserve=st.booleans(), owner=st.booleans(), count=st.integers(0, MOST_BESIDE))
def test_what_is_held_can_be_settled(checked_out, case, reserve, owner, count):
    placed = checked_out(case, reserve=reserve, owner=owner)
    if placed is not None:
        assert apply(placed, State.PAID, count) == OrderStatus.PAID
        check_world()


@many
@given(case=baskets, reserve=st.booleans(), owner=st.booleans(), count=st.integers(0, MOST_BESIDE))
def test_what_is_held_can_be_released_and_revived(checked_out, case, reserve, owner, count):
    placed = checked_out(case, reserve=reserve, owner=owner)
    if placed is not None:
        assert apply(placed, State.ENDED, count) == OrderStatus.CANCELLED
        check_world()
        scatter(inventory.read_hold(placed.order.hold_id).quantities)
        assert apply(placed, State.PAID, count) == OrderStatus.PAID
        check_world()


@many
@given(first=baskets, second=baskets, swept=st.booleans())
def test_what_is_reserved_can_follow_its_cart_be_given_back_and_be_swept(
    shop, first, second, swept
):
    large.clear()
    large.warehouses(3)
    lying = {name: places for name, (_, places) in {**second.lines, **first.lines}.items()}
    large.stock(lying)
    cart_id = factory.cart_with({})
    for one in (first, second):
        units = {name: wanted for name, (wanted, _) in one.lines.items()}
        enough = {name: min(count, sum(lying[name].values())) for name, count in units.items()}
        large.fill(cart_id, enough)
        # From too many warehouses, maybe: then it keeps what it had.
        with suppress(BasketScattered):
            factory.reserve(cart_id)
            assert inventory.read_hold(large.hold_id_of(cart_id)).quantities == enough
        check_world()
    if swept:
        assert shop.sweep(after=2 * HOUR).failed == 0
    else:
        reservations.release(cart_id, now=clock.now())
    check_world()
    found = inventory.read_hold(large.hold_id_of(cart_id))
    assert found is None or found.status == HoldStatus.RELEASED


# What it was made for: twelve hot variants of 32 shards, twenty units of each.
TWELVE_HOT = Basket(
    1,
    {
        f"v{number:02d}": (20, {"main": 0, **{shard_place("main", each): 2 for each in range(32)}})
        for number in range(12)
    },
)
# Fifty lines, each from two warehouses.
TWO_EACH = Basket(2, {f"v{number:02d}": (2, {"main": 1, "wh-1": 1}) for number in range(50)})


def test_twelve_hot_variants_of_twenty_units_are_sold_in_few_places(checked_out):
    placed = checked_out(TWELVE_HOT, reserve=False, owner=False)
    assert len(inventory.read_hold(placed.order.hold_id).units) <= rules.MOST_PLACES
    assert apply(placed, State.PAID, MOST_BESIDE) == OrderStatus.PAID
    check_world()


def test_a_basket_from_too_many_warehouses_is_refused_and_says_what_to_do(shop):
    large.warehouses(2)
    large.stock({name: lying for name, (_, lying) in TWO_EACH.lines.items()})
    cart_id = large.cart({name: count for name, (count, _) in TWO_EACH.lines.items()})
    answer = shop.call("POST", f"/api/cart/{cart_id}/reserve")
    assert answer.status_code == 409
    assert answer.json_body["code"] == "BASKET_SCATTERED"
    assert "order them separately" in answer.json_body["message"]
    named = {error["field"] for error in answer.json_body["errors"]}
    assert named == {f"lines.{name}" for name in TWO_EACH.lines}
    check_world()
    large.fill(cart_id, dict.fromkeys(list(TWO_EACH.lines)[:40], 2))
    assert shop.call("POST", f"/api/cart/{cart_id}/reserve").status_code == 200
    check_world()


def test_control_without_the_bound_the_basket_fails_and_nobody_knows_why(checked_out, monkeypatch):
    monkeypatch.setattr(rules, "MOST_PLACES", 10_000)
    with pytest.raises(TooManyItems):
        checked_out(TWO_EACH, reserve=False, owner=False)


def test_control_without_the_bound_hot_units_are_paid_for_and_never_sold(checked_out, monkeypatch):
    monkeypatch.setattr(rules, "MOST_PLACES", 10_000)
    monkeypatch.setattr(writes, "MOST_MOVES", 10_000)
    placed = checked_out(TWELVE_HOT, reserve=False, owner=False)
    for state in (State.PAID, State.ENDED, State.PAID):
        with pytest.raises(TooManyItems):
            apply(placed, state, 1)


def test_money_for_units_that_lie_too_far_apart_by_now_goes_back(shop):
    large.warehouses(2)
    lines = dict.fromkeys(TWO_EACH.lines, 2)
    large.stock({name: {"main": 2} for name in lines})
    placed = shop.checkout(large.cart(lines))
    events = shop.pay(placed)
    outcomes.apply(placed.order.order_id, Outcome(State.ENDED), now=clock.now())
    large.lay({name: lying for name, (_, lying) in TWO_EACH.lines.items()})
    for event in events:
        shop.deliver(event)
    assert shop.work() == []
    order = orders.read(placed.order.order_id)
    assert order.status == OrderStatus.CANCELLED
    assert payments.read(order.payment_id).status == "REFUNDED"
    check_world(shop.sandbox.state())
