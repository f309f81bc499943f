"""Whose an order is: one's own list, claiming what a proven e-mail bought, asking for a link."""

import pytest

from chalicelib.checkout import service as checkout
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.web.cursor import CursorInvalid
from chalicelib.orders import owners, service
from chalicelib.orders.owners import OrderFilter
from chalicelib.orders.rules import Order, OrderNotFound, OrderStatus, email_key
from chalicelib.orders.tables import OrderItem
from chalicelib.settlement import outcomes
from tests import factory
from tests.kernel.lost import reply_lost

ADA, BOB = "usr_ada", "usr_bob"
MAIL = "ada@shop.test"


@pytest.fixture(autouse=True)
def mugs(shop):
    shop.sell("mug", stock=100)


def place(user_id: str | None = None, *, email: str = MAIL, after: int = 0) -> Order:
    """An order of one mug, placed `after` seconds from now."""
    now = clock.now() + after
    wish = factory.wish(email=email)
    cart_id = factory.cart_with({"mug": 1}, now=now)
    return checkout.checkout(cart_id, wish, now=now, user_id=user_id).order


def listed(user_id: str, **wanted: object) -> list[str]:
    orders, cursor = owners.page(user_id, OrderFilter(**wanted), size=100, cursor=None)
    assert cursor is None
    return [order.order_id for order in orders]


def owner_of(order: Order) -> str | None:
    found = service.read(order.order_id)
    assert found is not None
    return found.user_id


def test_an_order_of_who_is_signed_in_is_in_their_list_and_a_guests_in_nobodys(shop):
    mine, guests = place(ADA), place()
    assert listed(ADA) == [mine.order_id]
    assert owner_of(guests) is None and listed(BOB) == []


def test_orders_are_listed_page_by_page_the_newest_first(shop):
    placed = [place(ADA, after=number) for number in range(5)]
    found, cursor = [], None
    while True:
        orders, cursor = owners.page(ADA, OrderFilter(), size=2, cursor=cursor)
        found += [order.order_id for order in orders]
        if cursor is None:
            break
    assert found == [order.order_id for order in placed[::-1]]


def test_a_list_is_narrowed_by_status_and_time(shop):
    first, second = place(ADA), place(ADA, after=1000)
    outcomes.refuse(first.order_id, now=clock.now())
    assert listed(ADA, status=OrderStatus.CANCELLED) == [first.order_id]
    assert listed(ADA, status=OrderStatus.PENDING) == [second.order_id]
    assert listed(ADA, since=second.placed_at) == [second.order_id]
    assert listed(ADA, until=first.placed_at) == [first.order_id]


def test_a_cursor_of_another_users_list_or_of_other_filters_is_refused(shop):
    for number in range(3):
        place(ADA, after=number)
    _, cursor = owners.page(ADA, OrderFilter(), size=1, cursor=None)
    assert cursor
    for user_id, wanted in ((BOB, OrderFilter()), (ADA, OrderFilter(status=OrderStatus.PAID))):
        with pytest.raises(CursorInvalid):
            owners.page(user_id, wanted, size=1, cursor=cursor)


def test_an_order_opens_for_its_token_and_for_its_owner_alone(shop):
    order = place(ADA)
    assert service.read_for(order.order_id, order.access_token)[0].order_id == order.order_id
    assert service.read_for(order.order_id, None, ADA)[0].order_id == order.order_id
    for wrong, user_id in ((None, None), ("x", None), (None, BOB), ("", None)):
        with pytest.raises(OrderNotFound):
            service.read_for(order.order_id, wrong, user_id)


def test_a_guests_order_opens_for_nobody_without_its_token(shop):
    with pytest.raises(OrderNotFound):
        service.read_for(place().order_id, None, None)


def test_claiming_gives_the_orders_of_that_e_mail_and_again_gives_none(shop):
    mine, other = place(email="Ada@Shop.test"), place(email="bob@shop.test")
    assert owners.claim(ADA, email_key(MAIL)) == [mine.order_id]
    assert owners.claim(ADA, email_key(MAIL)) == []
    assert owner_of(mine) == ADA and owner_of(other) is None


def test_an_order_with_an_owner_is_not_given_away(shop):
    order = place(BOB)
    assert owners.claim(ADA, email_key(MAIL)) == []
    assert owner_of(order) == BOB


def test_claiming_again_goes_on_where_the_first_one_stopped(shop, monkeypatch):
    older, newer = place(), place(after=1)
    monkeypatch.setattr(owners, "MAX_READ", 1)
    given = [owners.claim(ADA, email_key(MAIL)) for _ in range(3)]
    assert given == [[newer.order_id], [older.order_id], []]


def test_a_lost_reply_gives_the_order_once(shop):
    order = place()
    with reply_lost("UpdateItem"):
        owners.claim(ADA, email_key(MAIL))
    assert owner_of(order) == ADA


def stale_index(monkeypatch, order: Order) -> None:
    """The index shows the order as it was; meanwhile it became Bob's."""
    seen = [dynamo.get(OrderItem, order.order_id)]
    dynamo.update(
        OrderItem(order.order_id),
        [OrderItem.user_id.set(BOB)],
        condition=OrderItem.user_id.does_not_exist(),
        on_condition_failed=StaleState(),
    )
    monkeypatch.setattr(owners, "_with_email", lambda key, only: iter(seen))


def test_the_order_decides_not_the_index(shop, monkeypatch):
    order = place()
    stale_index(monkeypatch, order)
    assert owners.claim(ADA, email_key(MAIL)) == []
    assert owner_of(order) == BOB


def test_control_without_the_condition_the_order_is_given_away(shop, monkeypatch):
    order = place()
    stale_index(monkeypatch, order)
    monkeypatch.setattr(owners, "_free", lambda key: OrderItem.order_id.exists())
    owners.claim(ADA, email_key(MAIL))
    assert owner_of(order) == ADA


def test_the_index_of_a_buyers_orders_holds_what_their_list_shows_and_nobodys_address():
    place(ADA)
    (found,) = OrderItem.by_user.query(ADA)
    assert found.as_summary().units == 1
    assert not {"email", "address", "access_token", "history"} & set(found.attribute_values)
