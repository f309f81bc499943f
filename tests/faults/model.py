"""The shop's stock as a person would keep it on paper, and a machine that compares the two.

The machine says of every step whether it must succeed, and of every hold where it must stand. What
only the shop may choose (when an ended hold is swept, which shard serves) is read, not foretold.
"""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from moto.backends import get_backend

from chalicelib.config import settings
from chalicelib.inventory import service as inventory
from chalicelib.inventory.operations.movements import StockMovement
from chalicelib.inventory.operations.warehouses import Warehouse
from chalicelib.inventory.rules import (
    HoldStatus,
    NotEnoughStock,
    OutOfStock,
    StockKey,
    total_by_variant,
)
from chalicelib.inventory.sharding import shards
from chalicelib.kernel import cache, clock, ids
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.db.values import image
from chalicelib.kernel.errors import StaleState
from chalicelib.settlement import expire
from tests.faults import hot
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import (
    Item,
    check_counters,
    check_holds,
    check_shards,
    returned,
    strays_of,
)

NAMES = ("mug", "cup")
PLACES = ("main", "west")
LIFE = 900

VARIANTS = st.sampled_from(NAMES)
SLOTS = st.integers(0, 3)
UNITS = st.integers(1, 5)
# None: nobody dies. A point beyond the step's last write is no crash either.
CRASHES = st.none() | st.builds(Point, st.integers(0, 2), st.booleans())


@dataclass
class Slot:
    """A buyer's hold on paper."""

    hold_id: str
    units: dict[str, int] = field(default_factory=dict)
    ends: int = 0


def empty_tables() -> None:
    """Begin each example with nothing: making the tables anew takes longer than the example."""
    for table in _tables().values():
        table.items.clear()


def rows(table: str) -> list[Item]:
    """What `scan` reads, straight out of moto: it is read after every step."""
    found = _tables()[settings().table(table)].all_items()
    return [image(item.to_json()["Attributes"]) for item in found]


def forget_streams() -> None:
    """moto copies a table with its whole stream for every line of a transaction."""
    for table in _tables().values():
        if table.stream_shard:
            table.stream_shard.items.clear()


def _tables() -> Any:
    return next(iter(get_backend("dynamodb").values()))[settings().region].tables


class Stock(RuleBasedStateMachine):
    """Four buyers, two variants, two warehouses, an operator, a sweeper and a clock."""

    rounds = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        number = next(self.rounds)
        empty_tables()
        clock.shift(0)
        self.ahead = 0
        self.names = {name: f"{name}-{number}" for name in NAMES}
        inventory.set_warehouses([Warehouse(place, place, n) for n, place in enumerate(PLACES)])
        for variant_id in self.names.values():
            inventory.stock_new(variant_id, 8, low_stock_at=0, now=clock.now())
        self.slots = [Slot(f"hld_{number}_{slot}_0") for slot in range(4)]
        self.stocked = dict.fromkeys(NAMES, 8)
        self.sold = dict.fromkeys(NAMES, 0)
        self.done: list = []

    # What the steps are made of.

    def run(self, crash: Point | None, work) -> Exception | None:
        """Do a step; a process that dies does it again. Answers what it was refused with."""
        cache.forget_all()
        try:
            if crash is not None:
                with Shim(crash=crash):
                    work()
                return None
        except Crash:
            pass
        except (OutOfStock, NotEnoughStock) as refused:
            return refused
        try:
            work()
        except (OutOfStock, NotEnoughStock) as refused:
            return refused
        return None

    def order(self) -> StockMovement:
        return StockMovement(ids.token("op"), "model", "step", clock.now())

    def renew(self, slot: int) -> None:
        """A buyer whose hold is settled comes back with another one."""
        start, _, count = self.slots[slot].hold_id.rpartition("_")
        self.slots[slot] = Slot(f"{start}_{int(count) + 1}")

    def held(self, name: str, *, but: int = -1, living: bool = True) -> int:
        """Units on paper that others hold and whose time is not over."""
        now = clock.now()
        return sum(
            slot.units.get(name, 0)
            for number, slot in enumerate(self.slots)
            if number != but and (slot.ends > now or not living)
        )

    def strays(self, name: str) -> int:
        """Units that a dead process left in a shard's note; the sweeper's business."""
        found = strays_of(self.stock, list(self.holds.values()))
        return sum(count for key, count in found.items() if key[0] == self.names[name])

    def free(self, name: str, *, but: int = -1) -> int:
        """What a buyer can have: all but what is sold and what others hold."""
        taken = self.sold[name] + self.held(name, but=but)
        return self.stocked[name] - taken - self.strays(name)

    # What buyers do.

    @rule(slot=SLOTS, wish=st.dictionaries(VARIANTS, UNITS, min_size=1), crash=CRASHES)
    def hold(self, slot: int, wish: dict[str, int], crash: Point | None) -> None:
        self.look()
        mine, ends = self.slots[slot], clock.now() + LIFE
        wanted = {self.names[name]: count for name, count in wish.items()}
        room = {name: self.free(name, but=slot) for name in wish}
        refused = self.run(crash, lambda: hot.hold(mine.hold_id, wanted, until=ends))
        if refused is None:
            assert all(wish[name] <= room[name] for name in wish), f"oversold: {wish} of {room}"
            mine.units, mine.ends = dict(wish), ends
        elif crash is None:
            assert any(wish[name] > room[name] for name in wish), f"false sold-out: {wish} {room}"

    @rule(slot=SLOTS, crash=CRASHES)
    def extend(self, slot: int, crash: Point | None) -> None:
        mine, ends = self.slots[slot], clock.now() + LIFE
        if not mine.units or mine.ends <= clock.now():
            return

        def longer() -> None:
            found = inventory.read_hold(mine.hold_id)
            with Transaction() as tx:
                inventory.extend(tx, found, expires_at=ends)

        self.run(crash, longer)
        mine.ends = ends

    @rule(slot=SLOTS, crash=CRASHES, how=st.sampled_from(["release", "commit"]))
    def settle(self, slot: int, crash: Point | None, how: str) -> None:
        mine = self.slots[slot]
        if not mine.units or mine.ends <= clock.now():
            return
        done = getattr(inventory, how)

        def settle() -> None:
            found = inventory.read_hold(mine.hold_id)
            if found.status == HoldStatus.HELD:
                with Transaction() as tx:
                    done(tx, found, now=clock.now())

        self.run(crash, settle)
        if how == "commit":
            for name, count in mine.units.items():
                self.sold[name] += count
        self.done.append((mine.hold_id, done))
        self.renew(slot)

    @rule()
    def deliver_again(self) -> None:
        """What settled a hold comes once more, with the hold as it was: refused, nothing moves."""
        for hold_id, done in self.done[-2:]:
            found = inventory.read_hold(hold_id)
            stale = replace(found, status=HoldStatus.HELD, version=found.version - 1)
            try:
                with Transaction() as tx:
                    done(tx, stale, now=clock.now())
            except StaleState:
                continue
            raise AssertionError(f"{hold_id} was settled twice")

    # What operators do.

    @rule(name=VARIANTS, change=st.integers(-4, 4), place=st.sampled_from(PLACES), crash=CRASHES)
    def adjust(self, name: str, change: int, place: str, crash: Point | None) -> None:
        order, key = self.order(), StockKey(self.names[name], place)
        move = inventory.restock if change > 2 else inventory.adjust
        if change and self.run(crash, lambda: move(key, change, order)) is None:
            self.stocked[name] += change

    @rule(name=VARIANTS, count=UNITS, source=st.sampled_from(PLACES), crash=CRASHES)
    def transfer(self, name: str, count: int, source: str, crash: Point | None) -> None:
        order, target = self.order(), PLACES[1 - PLACES.index(source)]
        one, other = (StockKey(self.names[name], place) for place in (source, target))
        self.run(crash, lambda: inventory.transfer(one, other, count, order))

    @rule(name=VARIANTS, crash=CRASHES)
    def take_back(self, name: str, crash: Point | None) -> None:
        order, key = self.order(), StockKey(self.names[name])
        if self.run(crash, lambda: inventory.take_back(key, 1, order)) is None:
            self.sold[name] -= 1

    @rule(name=VARIANTS, count=st.sampled_from([0, 4, 8]), crash=CRASHES)
    def heat(self, name: str, count: int, crash: Point | None) -> None:
        self.run(crash, lambda: hot.heat(self.names[name], count))

    # What time does.

    @rule(crash=CRASHES)
    def sweep(self, crash: Point | None) -> None:
        self.run(crash, lambda: expire.sweep(clock.now()))
        self.look()
        assert all(slot.ends > clock.now() for slot in self.slots if slot.units), "left over"

    @rule(seconds=st.sampled_from([30, shards.NOTE_SECONDS + 1, LIFE + 1]))
    def later(self, seconds: int) -> None:
        self.ahead += seconds
        clock.shift(self.ahead)

    # What must hold.

    def look(self) -> None:
        """See which ended holds the shop has given back; one that lives must be as on paper."""
        forget_streams()
        self.stock = rows("stock")
        self.holds = {hold["hold_id"]: hold for hold in rows("holds")}
        for number, slot in enumerate(self.slots):
            found = self.holds.get(slot.hold_id, {"status": None, "units": []})
            if slot.units and slot.ends > clock.now():
                assert found["status"] == HoldStatus.HELD, f"{slot} was given back early"
            if slot.units and found["status"] == HoldStatus.HELD:
                totals = total_by_variant(
                    (one["variant_id"], one["quantity"]) for one in found["units"]
                )
                assert totals == {self.names[name]: count for name, count in slot.units.items()}
            elif slot.units:
                assert found["status"] == HoldStatus.RELEASED, f"{slot} is {found}"
                self.renew(number)

    @invariant()
    def paper_and_shop_agree(self) -> None:
        self.look()
        back = returned(rows("operations"))
        check_counters(self.stock)
        check_shards(self.stock)
        check_holds(self.stock, list(self.holds.values()), back, strays=True)
        for name, variant_id in self.names.items():
            reserved = self.held(name, living=False) + self.strays(name)
            sold, stocked = self.sold[name], self.stocked[name]
            items = [item for item in self.stock if item["variant_id"] == variant_id]
            assert {one: sum(item[one] for item in items) for one in hot.COUNTERS} == {
                "available": stocked - sold - reserved,
                "reserved": reserved,
                "sold": sold,
                "stocked": stocked,
            }
