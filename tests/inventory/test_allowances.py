"""How the holds of one identity are counted: each entered before it is made, by its own write."""

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds import allowances
from chalicelib.inventory.rules import Hold, HoldStatus, OutOfStock, TooManyHolds
from chalicelib.inventory.tables import AllowanceItem
from chalicelib.kernel import clock
from chalicelib.kernel.errors import StaleState, Unavailable
from tests.faults import hot
from tests.faults.shim import Crash, Point, Shim
from tests.faults.throttle import Throttle

ME = "email:somebody"


@pytest.fixture
def mugs(shelf):
    shelf.sell("mug", stock=20)


def entered() -> set[str]:
    item = AllowanceItem.get(ME)
    return {entry.partition("#")[0] for entry in item.open_holds or ()}


def hold(number: int, quantity: int = 1):
    return hot.hold(f"hld_{number}", {"mug": quantity}, holders=[ME])


def test_whoever_is_told_sold_out_has_nothing_entered(mugs):
    with pytest.raises(OutOfStock):
        hold(1, quantity=21)
    assert entered() == set()


def test_a_lost_race_enters_the_hold_once(mugs, monkeypatch):
    real, lost = inventory.writes.write, []

    def once(*arguments):
        if not lost:
            lost.append(True)
            raise StaleState()
        real(*arguments)

    monkeypatch.setattr(inventory.writes, "write", once)
    hold(1)
    assert len(AllowanceItem.get(ME).open_holds) == 1


def test_an_entry_stays_when_nobody_knows_whether_its_hold_was_written(mugs, monkeypatch):
    def unknown(*_):
        raise Unavailable()

    monkeypatch.setattr(inventory.writes, "write", unknown)
    with pytest.raises(Unavailable):
        hold(1)
    assert entered() == {"hld_1"}


def die_between_entry_and_hold() -> None:
    with pytest.raises(Crash), Shim(crash=Point(0, after=True)):
        hold(0)
    assert entered() == {"hld_0"}
    assert inventory.read_hold("hld_0") is None


def test_a_call_that_died_before_its_hold_is_forgiven_after_a_minute(mugs):
    die_between_entry_and_hold()
    for number in range(1, allowances.LIMITS["email"]):
        hold(number)
    with pytest.raises(TooManyHolds):
        hold(9)
    clock.shift(allowances.IN_FLIGHT_SECONDS)
    hold(9)
    assert "hld_0" not in entered()


def test_an_entry_whose_hold_is_about_to_be_written_is_not_tidied_away(mugs):
    die_between_entry_and_hold()
    allowances.tidy(ME, clock.now())
    assert entered() == {"hld_0"}


def test_control_without_time_in_flight_a_hold_slips_through_uncounted(mugs, monkeypatch):
    monkeypatch.setattr(allowances, "IN_FLIGHT_SECONDS", 0)
    die_between_entry_and_hold()
    allowances.tidy(ME, clock.now())
    assert entered() == set()


def test_a_hold_made_again_while_its_end_is_tidied_stays_entered(mugs):
    first = hold(1)
    hot.end(inventory.release, "hld_1")
    claim = allowances.Claim(
        Hold(first.hold_id, first.status, {}, hot.FAR, version=3, holders=[ME]),
        inventory.read_hold("hld_1"),
        clock.now(),
    )
    claim.enter()
    allowances.tidy(ME, clock.now())
    assert entered() == {"hld_1"}


def click(number: int) -> None:
    """A call that has entered its hold and not yet made it."""
    now = clock.now()
    made = Hold(f"hld_{number}", HoldStatus.HELD, {}, hot.FAR, version=1, holders=[ME])
    allowances.Claim(made, None, now).enter()


def test_many_calls_for_one_hold_count_as_one(mugs):
    for _ in range(2 * allowances.LIMITS["email"]):
        click(0)
    for number in range(1, allowances.LIMITS["email"]):
        click(number)
    with pytest.raises(TooManyHolds):
        click(9)
    click(0)


def test_control_counted_by_calls_one_hold_uses_the_allowance_up(mugs, monkeypatch):
    monkeypatch.setattr(allowances, "hold_in", lambda entry: entry)
    with pytest.raises(TooManyHolds):
        for _ in range(2 * allowances.LIMITS["email"]):
            click(0)


def test_a_crowd_behind_one_address_does_not_meet_in_the_transaction(mugs):
    with Throttle(rate=1000) as throttle:
        hold(1)
    spent = {key[0].rpartition("-")[2]: units for key, units in throttle.units.items()}
    # A transaction's write costs two.
    assert spent == {"allowances": 1, "holds": 2, "stock": 2}
