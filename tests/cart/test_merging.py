"""A guest's cart and a user's become one at sign-in, once, and nobody loses a unit over it."""

import pytest

from chalicelib.cart import merging
from chalicelib.cart import service as carts
from chalicelib.cart.rules import CartClosed, CartNotFound, CartStatus
from chalicelib.cart.tables import CartItem
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.ids import token
from chalicelib.kernel.limits import MAX_CART_LINES
from tests import factory
from tests.faults.world import check_world, scan
from tests.kernel.lost import reply_lost

ADA, BOB = "usr_ada", "usr_bob"
DAY = 86_400


@pytest.fixture(autouse=True)
def goods(shelf):
    shelf.sell("mug", stock=10)
    shelf.sell("cup", stock=3)


def users_cart(lines: dict[str, int], user_id: str = ADA) -> str:
    """A user's open cart with these lines; answers its id."""
    now = clock.now()
    cart_id = merging.open_cart(user_id, None, now=now).cart.cart_id
    for variant_id, quantity in lines.items():
        carts.add(cart_id, variant_id, quantity, call_id=token(), now=now, user_id=user_id)
    return cart_id


def merge(cart_id: str, user_id: str = ADA) -> merging.Merged:
    return merging.merge(cart_id, user_id, now=clock.now())


def quantities(user_id: str = ADA) -> dict[str, int]:
    found = merging.find(user_id, now=clock.now())
    assert found is not None
    return found.quantities


def status(cart_id: str) -> str:
    item = dynamo.get(CartItem, cart_id)
    assert item is not None
    return item.status


def test_a_user_has_one_open_cart_however_often_it_is_asked_for():
    first = users_cart({"mug": 1})
    assert merging.open_cart(ADA, None, now=clock.now()).cart.cart_id == first
    assert len(scan("carts")) == 1


def test_quantities_add_up_and_new_lines_come_over():
    own, guest = users_cart({"mug": 1}), factory.cart_with({"mug": 2, "cup": 1})

    merged = merge(guest)

    assert (merged.view.cart.cart_id, merged.moved, merged.dropped) == (own, 2, 0)
    assert quantities() == {"mug": 3, "cup": 1}
    assert status(guest) == CartStatus.MERGED


def test_merging_twice_merges_once():
    users_cart({"mug": 1})
    guest = factory.cart_with({"mug": 2})
    merge(guest)
    assert merge(guest).moved == 0
    assert quantities() == {"mug": 3}


def test_a_lost_reply_merges_once():
    users_cart({"mug": 1})
    guest = factory.cart_with({"mug": 2})
    with reply_lost("TransactWriteItems"):
        merge(guest)
    assert quantities() == {"mug": 3}


def meanwhile(monkeypatch, act) -> None:
    """Let something happen between a merge's reading and its writing, once."""
    honest, met = merging._merge_lines, []

    def merge_lines(*arguments):
        if not met:
            met.append(True)
            act()
        return honest(*arguments)

    monkeypatch.setattr(merging, "_merge_lines", merge_lines)


def test_two_merges_at_once_move_the_lines_once(monkeypatch):
    users_cart({"mug": 1})
    guest = factory.cart_with({"mug": 2})
    meanwhile(monkeypatch, lambda: merge(guest))
    merge(guest)
    assert quantities() == {"mug": 3}


def test_what_is_put_in_meanwhile_is_not_lost(monkeypatch):
    own, guest = users_cart({"mug": 1}), factory.cart_with({"mug": 2})
    meanwhile(monkeypatch, lambda: users_cart({"cup": 1}))
    merge(guest)
    assert quantities() == {"mug": 3, "cup": 1}
    assert merging.find(ADA, now=clock.now()).cart_id == own


def test_control_without_the_version_what_is_put_in_meanwhile_is_lost(monkeypatch):
    users_cart({"mug": 1})
    guest = factory.cart_with({"mug": 2})
    meanwhile(monkeypatch, lambda: users_cart({"cup": 1}))
    monkeypatch.setattr(merging, "_unmoved", lambda item: CartItem.cart_id.exists())
    merge(guest)
    assert quantities() == {"mug": 3}


def test_a_sum_is_cut_to_what_one_order_may_have_and_the_stock_has(shelf):
    shelf.sell("pen", stock=50, max_per_order=4)
    users_cart({"pen": 3, "cup": 2})
    merge(factory.cart_with({"pen": 3, "cup": 2}))
    assert quantities() == {"pen": 4, "cup": 3}


def test_no_line_gets_less_than_it_had_in_either_cart(shelf):
    users_cart({"mug": 6})
    guest = factory.cart_with({"mug": 4})
    factory.reserve(factory.cart_with({"mug": 9}))
    merge(guest)
    assert quantities() == {"mug": 6}


def test_a_merged_cart_has_fifty_lines_at_most_and_says_what_had_no_room(shelf):
    for number in range(MAX_CART_LINES + 1):
        shelf.sell(f"v{number}", stock=1)
    users_cart({f"v{number}": 1 for number in range(MAX_CART_LINES - 1)})
    guest = factory.cart_with({"v0": 1, f"v{MAX_CART_LINES - 1}": 1, f"v{MAX_CART_LINES}": 1})

    merged = merge(guest)

    assert (merged.moved, merged.dropped) == (1, 1)
    assert len(quantities()) == MAX_CART_LINES


def test_lines_without_a_price_in_the_users_currency_stay_behind(shelf):
    shelf.sell("import", stock=5, prices={"JPY": 900})
    users_cart({"mug": 1})
    now = clock.now()
    guest = carts.create("JPY", now=now).cart.cart_id
    for variant_id in ("mug", "import"):
        carts.add(guest, variant_id, 1, call_id=token(), now=now)

    merged = merge(guest)

    assert (merged.moved, merged.dropped) == (1, 1)
    assert [line.price.currency for line in merged.view.lines] == ["USD"]


def test_who_has_nothing_yet_takes_the_guests_cart_over_with_its_reservation():
    guest = factory.cart_with({"mug": 2})
    factory.reserve(guest)

    merged = merge(guest)

    assert merged.view.cart.cart_id == guest
    assert merged.view.cart.reserved_until(clock.now())
    assert factory.stock("mug")["reserved"] == 2
    check_world()


def test_who_has_an_empty_cart_takes_the_guests_cart_over_too():
    empty, guest = users_cart({}), factory.cart_with({"mug": 2})
    assert merge(guest).view.cart.cart_id == guest
    assert status(empty) == CartStatus.MERGED


def test_a_reservation_of_a_merged_cart_is_given_back():
    users_cart({"cup": 1})
    guest = factory.cart_with({"mug": 2})
    factory.reserve(guest)

    merge(guest)

    assert factory.stock("mug")["reserved"] == 0
    check_world()


def test_a_cart_that_was_handed_over_is_no_longer_its_ids_holders():
    guest = factory.cart_with({"mug": 2})
    merge(guest)
    for user_id in (None, BOB):
        with pytest.raises(CartNotFound):
            carts.read(guest, now=clock.now(), user_id=user_id)
        for change in (
            lambda **who: carts.add(guest, "cup", 1, call_id="c", now=clock.now(), **who),
            lambda **who: carts.remove(guest, "mug", now=clock.now(), **who),
        ):
            with pytest.raises(CartNotFound):
                change(user_id=user_id)
    assert quantities() == {"mug": 2}


def test_what_was_merged_takes_nothing_in_any_more():
    users_cart({"cup": 1})
    guest = factory.cart_with({"mug": 2})
    merge(guest)
    with pytest.raises(CartClosed):
        carts.add(guest, "mug", 1, call_id="c", now=clock.now())


def test_another_users_cart_can_not_be_merged():
    bobs = users_cart({"mug": 2}, BOB)
    assert merge(bobs).moved == 0
    assert quantities() == {} and quantities(BOB) == {"mug": 2}


def test_a_cart_that_is_over_or_made_up_merges_nothing():
    guest = factory.cart_with({"mug": 2})
    later = clock.now() + 8 * DAY
    assert merging.merge(guest, ADA, now=later).moved == 0
    assert merge("crt_nothing").moved == 0


def test_after_checkout_the_next_cart_is_a_new_one(shop):
    shop.sell("mug", stock=10)
    first = users_cart({"mug": 1})
    from chalicelib.checkout import service as checkout

    placed = checkout.checkout(first, factory.wish(), now=clock.now(), user_id=ADA)
    assert placed.order.user_id == ADA
    assert merging.open_cart(ADA, None, now=clock.now()).cart.cart_id != first


def test_a_signed_in_cart_lasts_thirty_days():
    now = clock.now()
    assert merging.open_cart(ADA, None, now=now).cart.expires_at == now + 30 * DAY
    assert carts.create(None, now=now).cart.expires_at == now + 7 * DAY


def test_who_keeps_losing_is_told_to_come_back_and_nothing_was_moved(monkeypatch):
    users_cart({"mug": 1})
    guest = factory.cart_with({"mug": 2})
    monkeypatch.setattr(merging, "_unmoved", lambda item: CartItem.version == 0)
    with pytest.raises(Unavailable):
        merge(guest)
    assert quantities() == {"mug": 1} and status(guest) == CartStatus.OPEN


def test_forgetting_gives_back_what_the_cart_holds():
    cart_id = users_cart({"mug": 2})
    from chalicelib.cart import reservations

    reservations.reserve(
        cart_id, holders=[], end=lambda hold, now: None, now=clock.now(), user_id=ADA
    )
    for _ in range(2):
        merging.forget(ADA, now=clock.now())
    assert scan("carts") == scan("open-carts") == []
    assert factory.stock("mug")["reserved"] == 0
