"""F1 to F7: replies that are lost, work that is done again, and refusals that are not shortages."""

import itertools
from contextlib import contextmanager

import pytest

from chalicelib.cart import service as carts
from chalicelib.cart.tables import CartItem
from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds import writes
from chalicelib.inventory.operations import movements
from chalicelib.inventory.operations.movements import StockMovement
from chalicelib.inventory.rules import OutOfStock, StockKey
from chalicelib.inventory.sharding import shards
from chalicelib.inventory.tables import HoldItem, StockItem
from chalicelib.kernel import clock, ids
from chalicelib.kernel.db import dynamo, transaction
from chalicelib.kernel.errors import Unavailable
from chalicelib.orders import service as orders
from chalicelib.payments.ports import Outcome, State
from chalicelib.settlement import outcomes
from tests import factory
from tests.faults import hot
from tests.faults.replies import answering, cancelled
from tests.faults.shim import Crash, Point, Shim
from tests.faults.throttle import Throttle
from tests.faults.world import check_world
from tests.kernel.lost import reply_lost

CONFLICT, THROTTLE, FAILED, NONE = (
    "TransactionConflict",
    "ThrottlingError",
    "ConditionalCheckFailed",
    "None",
)
TWO_HELD = {"available": 38, "reserved": 2, "sold": 0, "stocked": 40}
ELEVEN_MINUTES = 660


@pytest.fixture
def plain(shelf):
    shelf.sell("mug", stock=40)
    shelf.sell("cup", stock=40)


@pytest.fixture
def sharded(plain):
    hot.heat("mug", 4)


def test_F1_a_shards_lost_reply_takes_its_units_once(sharded):
    with reply_lost("UpdateItem") as sent:
        hot.hold("hld_1", {"mug": 2})
    assert len(sent) == 2, "the SDK itself repeats it"
    assert hot.totals("mug") == TWO_HELD
    check_world()


def test_F1_control_a_take_that_does_not_know_itself_takes_twice(sharded, monkeypatch):
    monkeypatch.setattr(shards, "_room_for", lambda hold_id, count: StockItem.available >= count)
    with reply_lost("UpdateItem"):
        hot.hold("hld_1", {"mug": 2})
    assert hot.totals("mug")["reserved"] == 4
    with pytest.raises(AssertionError, match="notes differ"):
        check_world()


def test_F1_a_carts_lost_reply_adds_once(plain):
    cart_id = factory.cart_with({})
    with reply_lost("UpdateItem"):
        carts.add(cart_id, "mug", 2, call_id=ids.token(), now=clock.now())
    assert carts.read(cart_id, now=clock.now()).quantities == {"mug": 2}


def test_F1_control_a_cart_that_does_not_know_the_call_adds_twice(plain, monkeypatch):
    cart_id = factory.cart_with({})
    monkeypatch.setattr(carts, "_fits", lambda line, available: CartItem.cart_id.exists())
    with reply_lost("UpdateItem"):
        carts.add(cart_id, "mug", 2, call_id=ids.token(), now=clock.now())
    assert carts.read(cart_id, now=clock.now()).quantities == {"mug": 4}


def test_F2_a_transactions_lost_reply_holds_once_though_its_token_is_forgotten(plain):
    # moto keeps no tokens: the repeat meets its own first run, as after ten minutes.
    with reply_lost("TransactWriteItems") as sent:
        hot.hold("hld_1", {"mug": 2})
    assert len(sent) > 1
    assert hot.totals("mug") == TWO_HELD
    check_world()


def test_F2_a_shards_units_stay_with_a_hold_whose_reply_was_lost(sharded):
    with reply_lost("TransactWriteItems"):
        hot.hold("hld_1", {"mug": 2})
    assert hot.totals("mug") == TWO_HELD
    check_world()


def test_F2_control_without_the_holds_condition_the_repeat_holds_again(plain, monkeypatch):
    monkeypatch.setattr(writes, "_unmoved", lambda previous: HoldItem.hold_id != "")
    with reply_lost("TransactWriteItems"):
        hot.hold("hld_1", {"mug": 2})
    assert hot.totals("mug")["reserved"] == 4
    with pytest.raises(AssertionError, match="reserved and holds differ"):
        check_world()


def reserve_after_a_crash(variant_id: str, later: int = 0) -> None:
    """A reservation whose process died after its last write, made again later."""
    cart_id, other = (factory.cart_with({variant_id: 2}) for _ in range(2))
    with Shim() as counted:
        factory.reserve(other)
    last = Point(len(counted.writes) - 1, after=True)
    with Shim(crash=last), pytest.raises(Crash):
        factory.reserve(cart_id)
    clock.shift(later)
    factory.reserve(cart_id)


@pytest.mark.parametrize("shard_count", [0, 4], ids=["plain", "hot"])
@pytest.mark.parametrize("later", [0, ELEVEN_MINUTES], ids=["F3-again", "F4-after-eleven-minutes"])
def test_a_reservation_run_again_holds_what_it_held(plain, shard_count, later):
    hot.heat("mug", shard_count)
    reserve_after_a_crash("mug", later)
    assert hot.totals("mug")["reserved"] == 4, "two carts of two"
    check_world()


def test_F3_control_an_id_of_its_own_for_each_run_holds_again(plain, monkeypatch):
    real = inventory.allocate
    monkeypatch.setattr(inventory, "read_hold", lambda hold_id: None)

    def careless(hold, quantities, previous, work, **named):
        return real(writes.replace(hold, hold_id=ids.token("hld")), quantities, None, work, **named)

    monkeypatch.setattr(inventory, "allocate", careless)
    reserve_after_a_crash("mug")
    assert hot.totals("mug")["reserved"] > 4


@pytest.mark.parametrize("later", [0, ELEVEN_MINUTES], ids=["F3", "F4"])
def test_a_restock_run_again_with_its_key_brings_units_once(plain, later):
    for seconds in (0, later):
        order = StockMovement("op_1", "me", "delivery", clock.now() + seconds)
        with reply_lost("TransactWriteItems"):
            inventory.restock(StockKey("mug"), 10, order)
    assert hot.totals("mug")["stocked"] == 50


def test_F4_control_without_the_keys_row_each_run_brings_units(plain, monkeypatch):
    @contextmanager
    def unkeyed(order, what):
        with transaction.Transaction() as tx:
            yield tx

    monkeypatch.setattr(movements, "_keyed", unkeyed)
    for _ in range(2):
        inventory.restock(StockKey("mug"), 10, StockMovement("op_1", "me", "delivery", clock.now()))
    assert hot.totals("mug")["stocked"] == 60


REASONS = [
    codes
    for codes in itertools.product([CONFLICT, THROTTLE, FAILED, NONE], repeat=3)
    if set(codes) != {NONE}
]


def test_F5_whatever_reasons_a_transaction_is_cancelled_for_the_hold_is_made_once(
    plain, monkeypatch
):
    monkeypatch.setattr(transaction.time, "sleep", lambda seconds: None)
    for variant_id in ("mug", "cup"):
        delivery = StockMovement(f"op_{variant_id}", "me", "delivery", clock.now())
        inventory.restock(StockKey(variant_id), len(REASONS), delivery)
    for codes in REASONS:
        with answering("TransactWriteItems", cancelled(*codes)):
            hot.hold("hld_" + "-".join(codes), {"mug": 1, "cup": 1})
    for variant_id in ("mug", "cup"):
        assert hot.totals(variant_id)["reserved"] == len(REASONS)
    check_world()


def test_F5_control_without_another_try_a_conflict_is_the_buyers_trouble(plain, monkeypatch):
    monkeypatch.setattr(transaction, "TRIES", 1)
    answer = cancelled(CONFLICT, NONE)
    with answering("TransactWriteItems", answer), pytest.raises(Unavailable):
        hot.hold("hld_1", {"mug": 2})


def revive(shop, *, conflicts: int) -> str:
    """A payment for an order that was given up, while the stock is in somebody else's way; the
    order's status after it."""
    shop.sell("mug", stock=5)
    placed = shop.buy({"mug": 2})
    outcomes.apply(placed.order.order_id, Outcome(State.ENDED), now=clock.now())
    for event in shop.pay(placed):
        shop.deliver(event)
    answers = [cancelled(NONE, NONE, NONE, CONFLICT, NONE)] * conflicts
    with answering("TransactWriteItems", *answers):
        shop.work()
    order = orders.read(placed.order.order_id)
    assert order is not None
    return order.status


def test_F6_a_conflict_at_the_stock_is_not_told_as_sold_out(shop):
    assert revive(shop, conflicts=2) == "PAID"
    assert shop.sandbox.state()["stripe"]["refunds"] == []
    check_world(shop.sandbox.state())


def test_F6_control_a_conflict_read_as_sold_out_gives_the_money_back(shop, monkeypatch):
    misread = OutOfStock.of("mug", requested=2, available=0)
    monkeypatch.setattr(transaction.Transaction, "_meaning_of", lambda *_, **__: misread)
    revive(shop, conflicts=1)
    assert len(shop.sandbox.state()["stripe"]["refunds"]) == 1


def hold_many(monkeypatch, throttle: Throttle) -> list[bool]:
    """Ten holds of one item in no time; which were made. The others were told to come again."""
    monkeypatch.setattr(transaction.time, "sleep", lambda seconds: None)

    def made(number: int) -> bool:
        try:
            hot.hold(f"hld_{number}", {"mug": 1})
        except Exception as error:
            # What the edge answers with 503 and Retry-After.
            if isinstance(error, Unavailable) or dynamo.outage(error):
                return False
            raise
        return True

    with throttle:
        return [made(number) for number in range(10)]


@pytest.mark.parametrize(("shard_count", "fit"), [(0, 4), (1, 8)], ids=["plain", "hot"])
def test_F7_a_throttled_item_is_told_as_busy_and_nothing_is_half_done(
    plain, monkeypatch, shard_count, fit
):
    hot.heat("mug", shard_count)
    throttle = Throttle(rate=8, clock=lambda: 0, tables=("stock",))
    made = hold_many(monkeypatch, throttle)
    assert made == [True] * fit + [False] * (10 - fit)
    assert throttle.throttled <= 3 * made.count(False), "no storm of repeats"
    assert hot.totals("mug")["reserved"] == made.count(True)
    check_world()


def test_F7_control_patience_without_end_is_a_storm(plain, monkeypatch):
    monkeypatch.setattr(transaction, "TRIES", 50)
    throttle = Throttle(rate=8, clock=lambda: 0, tables=("stock",))
    made = hold_many(monkeypatch, throttle)
    assert throttle.throttled > 3 * made.count(False)
