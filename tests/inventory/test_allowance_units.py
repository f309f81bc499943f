"""Allowances count units and a share of a variant's stock, not only holds; and nobody can spend
somebody else's."""

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds import allowances
from chalicelib.inventory.rules import TooManyUnitsHeld
from chalicelib.inventory.tables import AllowanceItem
from chalicelib.kernel import clock, ids
from chalicelib.kernel.web import address
from tests import factory
from tests.faults import hot
from tests.faults.world import check_world
from tests.kernel.envelope import refused

SOON = 900
ME, OTHER = "email:somebody", "email:somebody-else"


def hold(number: int, quantities: dict[str, int], who: str = ME):
    return hot.hold(f"hld_{number}", quantities, until=clock.now() + SOON, holders=[who])


def hoard(quantity: int, who: str = ME, count: int = 8) -> int:
    """Hold so many mugs again and again; how many are held in the end."""
    for number in range(count):
        try:
            hold(number, {"mug": quantity}, who)
        except TooManyUnitsHeld:
            continue
    return hot.totals("mug")["reserved"]


@pytest.mark.parametrize("who", [ME, "ip:somewhere", "user:usr_1"])
def test_one_identity_holds_a_share_of_a_variants_stock_and_no_more(shelf, who):
    shelf.sell("mug", stock=96)
    assert hoard(12, who) == 96 // allowances.SHARE == 24
    hold(9, {"mug": 12}, OTHER)
    check_world()


def test_control_without_shares_eight_holds_take_everything(shelf, monkeypatch):
    shelf.sell("mug", stock=96)
    monkeypatch.setattr(allowances, "SHARE", 1)
    assert hoard(12, "ip:somewhere") == 96


def test_a_single_hold_is_as_large_as_one_order_may_be(shelf):
    shelf.sell("mug", stock=12)
    hold(1, {"mug": 12})
    assert hot.totals("mug")["available"] == 0


def test_of_the_last_few_a_household_buys_more_than_a_share(shelf):
    shelf.sell("mug", stock=6)
    hold(1, {"mug": 2})
    hold(2, {"mug": 2})
    with pytest.raises(TooManyUnitsHeld):
        hold(3, {"mug": 1})


def test_the_share_is_of_one_variant_and_of_all_its_shards(shelf):
    shelf.sell("mug", stock=96)
    shelf.sell("cup", stock=96)
    hot.heat("mug", 8)
    assert hoard(8) == 24
    hold(9, {"cup": 24})
    check_world()


def test_units_of_all_variants_together_are_bounded(shelf, monkeypatch):
    monkeypatch.setitem(allowances.UNITS, "email", 30)
    for name in ("mug", "cup", "pot"):
        shelf.sell(name, stock=200)
    hold(1, {"mug": 20})
    with pytest.raises(TooManyUnitsHeld) as caught:
        hold(2, {"cup": 6, "pot": 5})
    assert caught.value.fields == [], "all of them together, no line of its own"
    hold(2, {"cup": 5, "pot": 5})


def test_each_line_of_which_too_much_would_be_held_is_named(shelf):
    for name in ("mug", "cup", "pot"):
        shelf.sell(name, stock=40)
    hold(1, {"mug": 8, "cup": 8})
    with pytest.raises(TooManyUnitsHeld) as caught:
        hold(2, {"mug": 3, "cup": 2, "pot": 9})
    (field,) = caught.value.fields
    assert (field.field, field.facts) == ("lines.mug", {"held": 8, "most": 10})
    assert 0 < caught.value.retry_after <= SOON
    assert caught.value.params == {"minutes": 15}


def test_what_has_ended_counts_no_more_and_is_tidied_away(shelf):
    shelf.sell("mug", stock=40)
    hold(1, {"mug": 10})
    with pytest.raises(TooManyUnitsHeld):
        hold(2, {"mug": 1})
    hot.end(inventory.release, "hld_1")
    hold(2, {"mug": 10})
    (entry,) = AllowanceItem.get(ME).open_holds
    assert allowances.hold_in(entry) == "hld_2"


def test_a_hold_that_was_refused_is_entered_nowhere(shelf):
    shelf.sell("mug", stock=40)
    hold(1, {"mug": 10})
    for number in range(2, 9):
        with pytest.raises(TooManyUnitsHeld):
            hold(number, {"mug": 10})
    assert len(AllowanceItem.get(ME).open_holds) == 1
    assert inventory.read_hold("hld_2") is None


def test_a_hold_that_grows_is_counted_as_large_as_it_is(shelf):
    shelf.sell("mug", stock=40)
    hold(1, {"mug": 1})
    hold(2, {"mug": 1})
    with pytest.raises(TooManyUnitsHeld):
        hold(1, {"mug": 12})
    hold(1, {"mug": 9})
    with pytest.raises(TooManyUnitsHeld):
        hold(2, {"mug": 2})
    hold(1, {"mug": 2})
    hold(2, {"mug": 8})
    check_world()


def test_of_two_at_once_the_later_one_has_seen_both(shelf, monkeypatch):
    shelf.sell("mug", stock=40)
    hold(0, {"mug": 1})
    honest, inside = inventory.writes.write, []

    def write(*arguments):
        if not inside:
            inside.append(True)
            with pytest.raises(TooManyUnitsHeld):
                hold(2, {"mug": 9})
        honest(*arguments)

    # The first one has entered and not written when the second one enters.
    monkeypatch.setattr(inventory.writes, "write", write)
    hold(1, {"mug": 9})
    assert hot.totals("mug")["reserved"] == 10


def test_entries_of_before_units_were_counted_are_read_as_none(shelf):
    shelf.sell("mug", stock=40)
    now = clock.now()
    AllowanceItem(ME, open_holds={f"hld_old#1#{now}#abcdefgh"}, expires_at=now + SOON).save()
    hold(1, {"mug": 10})


# ---- over HTTP: whose allowance it is ---------------------------------------------------------

VICTIM = "victim@shop.test"


@pytest.fixture
def street(shop, monkeypatch):
    """Calls from several addresses of the net."""
    monkeypatch.setattr(address, "of_call", lambda said, headers: headers.get("x-test-ip", said))
    shop.sell("mug", stock=96, max_per_order=12)

    def buy(email: str, ip: str):
        body = {"email": email, "address": factory.ADDRESS, "shippingMethod": "standard"}
        cart_id = factory.cart_with({"mug": 1})
        return shop.call("POST", f"/api/cart/{cart_id}/checkout", body, **{"X-Test-Ip": ip})

    return buy


def test_a_stranger_can_not_spend_the_allowance_of_somebody_elses_email(street):
    codes = [street(VICTIM, "198.51.100.1").status_code for _ in range(7)]
    assert codes == [200] * allowances.LIMITS["email"] + [429] * 2
    assert street(VICTIM, "203.0.113.7").status_code == 200


def test_control_counted_by_the_email_alone_its_owner_is_locked_out(street, monkeypatch):
    monkeypatch.setattr(ids, "identity_at", lambda kind, value, place: ids.identity(kind, value))
    for _ in range(7):
        street(VICTIM, "198.51.100.1")
    assert street(VICTIM, "203.0.113.7").status_code == 429


def test_whatever_case_the_email_is_written_in_it_is_one_allowance(street):
    for _ in range(allowances.LIMITS["email"]):
        assert street(VICTIM, "198.51.100.1").status_code == 200
    assert street(VICTIM.upper(), "198.51.100.1").status_code == 429


def test_eight_reservations_of_one_address_leave_three_quarters_to_others(shop, street):
    answers = []
    for _ in range(8):
        cart_id = factory.cart_with({"mug": 12})
        path = f"/api/cart/{cart_id}/reserve"
        answers.append(shop.call("POST", path, {}, **{"X-Test-Ip": "198.51.100.1"}))
    assert [answer.status_code for answer in answers] == [200] * 2 + [429] * 6
    assert factory.stock("mug")["available"] == 72
    body = refused(answers[-1], 429, "TOO_MANY_UNITS_HELD")
    assert "Pay for one or cancel it, take fewer, or come back in 15 min" in body["message"]
    assert body["errors"] == [
        {
            "field": "lines.mug",
            "message": "24 are held unpaid already; 24 at most can be at once.",
            "held": 24,
            "most": 24,
        }
    ]
    cart_id = factory.cart_with({"mug": 12})
    path = f"/api/cart/{cart_id}/reserve"
    assert shop.call("POST", path, {}, **{"X-Test-Ip": "203.0.113.7"}).status_code == 200
