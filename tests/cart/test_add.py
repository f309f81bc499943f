"""Putting a line into a cart is one write, and is done once however often the SDK repeats it."""

import pytest

from chalicelib.cart import service as carts
from chalicelib.cart.rules import CartClosed, CartFull, CartNotFound, QuantityLimit
from chalicelib.cart.tables import CartItem, editable
from chalicelib.catalog.rules import PriceUnavailable, VariantNotFound, VariantWithdrawn
from chalicelib.inventory.rules import OutOfStock
from chalicelib.kernel import clock
from chalicelib.kernel.db.dynamo import size_of
from chalicelib.kernel.ids import token
from chalicelib.kernel.limits import MAX_CART_LINES
from tests import factory
from tests.faults.shim import Shim
from tests.faults.world import scan
from tests.kernel.lost import reply_lost


@pytest.fixture
def cart_id(shelf):
    """An empty cart in a shop that sells mugs and cups."""
    shelf.sell("mug", stock=10, max_per_order=6)
    shelf.sell("cup", stock=3)
    return factory.cart_with({})


def add(cart_id: str, variant_id: str, quantity: int, **changes):
    fields = {"call_id": token(), "now": clock.now()} | changes
    return carts.add(cart_id, variant_id, quantity, **fields)


def put(cart_id: str, variant_id: str, quantity: int):
    return carts.set_quantity(cart_id, variant_id, quantity, call_id=token(), now=clock.now())


def quantities(cart_id: str) -> dict[str, int]:
    return carts.read(cart_id, now=clock.now()).quantities


@pytest.mark.parametrize("before", [{}, {"mug": 1}, {"cup": 1}], ids=str)
def test_adding_is_one_write(shelf, before):
    shelf.sell("mug", stock=10)
    shelf.sell("cup", stock=3)
    cart_id = factory.cart_with(before)
    with Shim() as shim:
        view = add(cart_id, "mug", 2)
    assert shim.writes == ["UpdateItem"]
    assert view.cart.quantities == before | {"mug": before.get("mug", 0) + 2}
    assert view.cart.quantities == quantities(cart_id), "the write answered the cart as it is"


def test_making_changing_and_emptying_a_cart_are_a_write_each(cart_id):
    with Shim() as shim:
        carts.create(None, now=clock.now())
        add(cart_id, "mug", 1)
        put(cart_id, "mug", 3)
        carts.remove(cart_id, "mug", now=clock.now())
    assert shim.writes == ["PutItem", "UpdateItem", "UpdateItem", "UpdateItem"]


def test_a_refused_adding_writes_nothing(cart_id):
    before = scan("carts")
    with pytest.raises(OutOfStock):
        add(cart_id, "cup", 4)
    assert scan("carts") == before


def test_a_lost_reply_does_not_add_twice(cart_id):
    add(cart_id, "mug", 1)
    with reply_lost("UpdateItem") as sent:
        view = add(cart_id, "mug", 2)
    assert len(sent) == 2, "the SDK repeated the write"
    assert view.cart.quantities == quantities(cart_id) == {"mug": 3}


def test_control_without_its_mark_a_lost_reply_adds_twice(cart_id, monkeypatch):
    def careless(line, available):
        return editable(line.now) & (size_of(CartItem.quantities) < MAX_CART_LINES)

    monkeypatch.setattr(carts, "_fits", careless)
    add(cart_id, "mug", 1)
    with reply_lost("UpdateItem"):
        add(cart_id, "mug", 2)
    assert quantities(cart_id) == {"mug": 5}


@pytest.mark.parametrize("more", [True, False], ids=["add", "set"])
def test_a_lost_reply_over_units_already_reserved_is_no_error(shelf, more):
    # All units are this cart's own, so the first try is refused and the second one goes by them.
    shelf.sell("mug", stock=4)
    cart_id = factory.cart_with({"mug": 3})
    factory.reserve(cart_id)
    with reply_lost("UpdateItem", after=1) as sent:
        view = add(cart_id, "mug", 1) if more else put(cart_id, "mug", 4)
    assert len(sent) == 3
    assert view.cart.quantities == {"mug": 4}


def test_a_line_added_meanwhile_does_not_count_reserved_units_twice(shelf, monkeypatch):
    shelf.sell("mug", stock=4)
    cart_id = factory.cart_with({"mug": 3})
    factory.reserve(cart_id)
    honest, tries = carts._write_line, []

    def write(*args, **kwargs):
        tries.append(args)
        if len(tries) == 2:  # the same buyer's other window takes the last unit first
            add(cart_id, "mug", 1)
        return honest(*args, **kwargs)

    monkeypatch.setattr(carts, "_write_line", write)
    with pytest.raises(OutOfStock) as caught:
        add(cart_id, "mug", 1)
    assert caught.value.fields[0].facts == {"available": 4, "requested": 5}
    assert quantities(cart_id) == {"mug": 4}


def test_a_lost_reply_of_a_new_cart_makes_one_cart(shelf):
    with reply_lost("PutItem") as sent:
        view = carts.create(None, now=clock.now())
    assert len(sent) == 2
    assert [cart["cart_id"] for cart in scan("carts")] == [view.cart.cart_id]


def test_a_lost_reply_of_a_removal_removes(cart_id):
    add(cart_id, "mug", 1)
    with reply_lost("UpdateItem"):
        assert carts.remove(cart_id, "mug", now=clock.now()).cart.lines == []


def test_the_same_variant_twice_is_added_up(cart_id):
    add(cart_id, "mug", 2)
    add(cart_id, "mug", 3)
    assert quantities(cart_id) == {"mug": 5}


def test_the_limit_per_order_holds_for_the_sum(cart_id):
    add(cart_id, "mug", 4)
    with pytest.raises(QuantityLimit) as caught:
        add(cart_id, "mug", 3)
    assert caught.value.params == {"limit": 6}
    assert quantities(cart_id) == {"mug": 4}
    add(cart_id, "mug", 2)


def test_stock_holds_for_the_sum(cart_id):
    add(cart_id, "cup", 2)
    with pytest.raises(OutOfStock) as caught:
        add(cart_id, "cup", 2)
    (field,) = caught.value.fields
    assert (field.field, field.facts) == ("lines.cup", {"available": 3, "requested": 4})
    add(cart_id, "cup", 1)


def test_a_sold_out_variant_is_told_as_sold_out(shelf):
    shelf.sell("rare", stock=0)
    with pytest.raises(OutOfStock) as caught:
        add(factory.cart_with({}), "rare", 1)
    assert caught.value.fields[0].text == "field.sold_out"


def test_a_cart_holds_fifty_lines_and_no_more(shelf):
    for number in range(MAX_CART_LINES + 1):
        shelf.sell(f"v{number}", stock=5)
    cart_id = factory.cart_with({f"v{number}": 1 for number in range(MAX_CART_LINES)})
    for call in (add, put):
        with pytest.raises(CartFull):
            call(cart_id, "v50", 1)
    add(cart_id, "v0", 1)  # a line that is there already may still grow
    carts.remove(cart_id, "v1", now=clock.now())
    add(cart_id, "v50", 1)
    assert len(quantities(cart_id)) == MAX_CART_LINES


def test_setting_to_nothing_removes_and_removing_what_is_not_there_is_no_error(cart_id):
    add(cart_id, "mug", 2)
    assert put(cart_id, "mug", 0).cart.lines == []
    assert carts.remove(cart_id, "mug", now=clock.now()).cart.lines == []


def test_a_removed_line_leaves_nothing_of_itself(cart_id):
    add(cart_id, "mug", 2)
    carts.remove(cart_id, "mug", now=clock.now())
    (cart,) = scan("carts")
    assert cart["quantities"] == cart["added"] == cart["seen"] == cart["marks"] == {}


@pytest.mark.parametrize("prices", [{}, {"JPY": 100}], ids=["in none", "in another"])
def test_what_has_no_price_in_the_carts_currency_is_not_sold(shelf, prices):
    shelf.sell("gift", stock=5, prices=prices)
    cart_id = factory.cart_with({})
    for call in (add, put):
        with pytest.raises(PriceUnavailable):
            call(cart_id, "gift", 1)


def test_unknown_and_withdrawn_variants_are_not_put_in(cart_id, shelf):
    shelf.sell("old", stock=5, status="INACTIVE")
    with pytest.raises(VariantNotFound):
        add(cart_id, "no-such", 1)
    with pytest.raises(VariantWithdrawn):
        add(cart_id, "old", 1)


def test_a_cart_whose_time_is_over_is_gone_though_its_item_is_there(cart_id):
    add(cart_id, "mug", 1)
    week = 7 * 86_400
    later = clock.now() + week + 1
    with pytest.raises(CartNotFound):
        carts.read(cart_id, now=later)
    for call in (factory.reserve, lambda key, now: carts.remove(key, "mug", now=now)):
        with pytest.raises(CartNotFound):
            call(cart_id, now=later)
    with pytest.raises(CartNotFound):
        add(cart_id, "mug", 1, now=later)
    assert len(scan("carts")) == 1


def test_every_touch_gives_a_cart_its_week_again(cart_id):
    first = carts.read(cart_id, now=clock.now()).expires_at
    view = add(cart_id, "mug", 1, now=clock.now() + 3600)
    assert view.cart.expires_at >= first + 3600


def test_a_closed_cart_can_not_be_changed(shop):
    shop.sell("mug", stock=5)
    placed = shop.buy({"mug": 1})
    cart_id = placed.order.cart_id
    for call in (
        lambda: add(cart_id, "mug", 1),
        lambda: put(cart_id, "mug", 2),
        lambda: carts.remove(cart_id, "mug", now=clock.now()),
        lambda: factory.reserve(cart_id),
    ):
        with pytest.raises(CartClosed):
            call()
    assert quantities(cart_id) == {"mug": 1}
