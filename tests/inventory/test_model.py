"""Stock against a plain model: whatever is held, changed, given back and sold, in any order."""

import itertools
from contextlib import nullcontext

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chalicelib.cart import reservations
from chalicelib.cart import service as carts
from chalicelib.cart.rules import CartEmpty, QuantityLimit
from chalicelib.cart.tables import CartItem, editable
from chalicelib.inventory.rules import (
    OutOfStock,
    StockKey,
    difference,
    total_by_variant,
)
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.ids import token
from tests import factory
from tests.faults.world import check_world

NAMES = ("mug", "cup", "pot")
VARIANTS = st.sampled_from(NAMES)
UNITS = st.dictionaries(
    st.builds(StockKey, VARIANTS), st.integers(min_value=1, max_value=50), max_size=3
)


@given(UNITS, UNITS)
def test_what_is_held_and_the_difference_make_what_is_wanted(wanted, held):
    changes = difference(wanted, held)
    assert 0 not in changes.values()
    made = {key: held.get(key, 0) + changes.get(key, 0) for key in {**wanted, **held}}
    assert {key: count for key, count in made.items() if count} == wanted


@given(UNITS)
def test_nothing_differs_from_itself(units):
    assert difference(units, units) == {}


@given(st.lists(st.tuples(VARIANTS, st.integers(min_value=1, max_value=9999))))
def test_adding_up_by_variant_loses_no_unit(lines):
    totals = total_by_variant(lines)
    assert sum(totals.values()) == sum(count for _, count in lines)
    assert set(totals) == {name for name, _ in lines}


@given(st.lists(st.tuples(VARIANTS, st.integers(min_value=1, max_value=9999))), st.randoms())
def test_adding_up_does_not_depend_on_the_order(lines, chance):
    shuffled = list(lines)
    chance.shuffle(shuffled)
    assert total_by_variant(shuffled) == total_by_variant(lines)


class TwoCarts(RuleBasedStateMachine):
    """Two buyers over three variants; `quantities` and `held` are what a person would expect."""

    STOCK, MOST = 6, 5
    rounds = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        number = next(self.rounds)
        self.names = {name: f"{name}-{number}" for name in NAMES}
        for variant_id in self.names.values():
            factory.Shelf().sell(variant_id, stock=self.STOCK, max_per_order=self.MOST)
        self.carts = [factory.cart_with({}) for _ in range(2)]
        self.quantities: list[dict[str, int]] = [{}, {}]
        self.held: list[dict[str, int]] = [{}, {}]

    def available(self, who: int, name: str) -> int:
        """What is left for a buyer: everything but what the other one holds."""
        return self.STOCK - self.held[1 - who].get(name, 0)

    def put(self, call, who: int, name: str, quantity: int, *, wanted: int) -> None:
        """Call for a quantity that makes the line `wanted`, and expect what a person would."""
        allowed = wanted <= min(self.MOST, self.available(who, name))
        with nullcontext() if allowed else pytest.raises((OutOfStock, QuantityLimit)):
            cart_id, variant_id = self.carts[who], self.names[name]
            call(cart_id, variant_id, quantity, call_id=token(), now=clock.now())
        if allowed:
            self.quantities[who][name] = wanted

    @rule(who=st.integers(0, 1), name=VARIANTS, quantity=st.integers(1, 4))
    def add(self, who: int, name: str, quantity: int) -> None:
        wanted = self.quantities[who].get(name, 0) + quantity
        self.put(carts.add, who, name, quantity, wanted=wanted)

    @rule(who=st.integers(0, 1), name=VARIANTS, quantity=st.integers(1, 6))
    def update(self, who: int, name: str, quantity: int) -> None:
        self.put(carts.set_quantity, who, name, quantity, wanted=quantity)

    @rule(who=st.integers(0, 1), name=VARIANTS)
    def remove(self, who: int, name: str) -> None:
        carts.remove(self.carts[who], self.names[name], now=clock.now())
        self.quantities[who].pop(name, None)

    @rule(who=st.integers(0, 1))
    def reserve(self, who: int) -> None:
        wanted = self.quantities[who]
        short = {name for name in wanted if wanted[name] > self.available(who, name)}
        refusal = OutOfStock if wanted else CartEmpty
        allowed = wanted and not short
        with nullcontext() if allowed else pytest.raises(refusal) as caught:
            factory.reserve(self.carts[who])
        if allowed:
            self.held[who] = dict(wanted)
        else:
            named = {field.field for field in caught.value.fields}
            assert named == {f"lines.{self.names[name]}" for name in short}

    @precondition(lambda self: any(self.held))
    @rule(who=st.integers(0, 1))
    def give_back(self, who: int) -> None:
        reservations.release(self.carts[who], now=clock.now())
        self.held[who] = {}

    @invariant()
    def tables_and_model_agree(self) -> None:
        kept = {item.cart_id: item.quantities for item in dynamo.get_many(CartItem, self.carts)}
        for who, cart_id in enumerate(self.carts):
            expected = {self.names[name]: n for name, n in self.quantities[who].items()}
            assert kept[cart_id] == expected
        keys = [(variant_id, "main") for variant_id in self.names.values()]
        stock = {item.variant_id: item for item in dynamo.get_many(StockItem, keys)}
        for name, variant_id in self.names.items():
            reserved = sum(held.get(name, 0) for held in self.held)
            item = stock[variant_id]
            counters = (item.available, item.reserved, item.sold, item.stocked)
            assert counters == (self.STOCK - reserved, reserved, 0, self.STOCK)


def compare(**changes) -> None:
    """Let the two carts live, over and over, beside the model."""
    bounds = {
        "max_examples": 12,
        "stateful_step_count": 20,
        "deadline": None,
        "derandomize": True,
        "suppress_health_check": list(HealthCheck),
    }
    run_state_machine_as_test(TwoCarts, settings=settings(**(bounds | changes)))


def test_two_carts_never_disagree_with_the_model(shelf):
    compare()
    check_world()


def test_control_a_cart_without_its_limits_is_found_out(shelf, monkeypatch):
    monkeypatch.setattr(carts, "_fits", lambda line, available: editable(line.now))
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        compare(phases=[Phase.generate], print_blob=False, report_multiple_bugs=False)
