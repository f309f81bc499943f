"""F37: a clock that is five minutes off ends no hold early or late, and loses no paid order."""

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.web import http
from chalicelib.orders import service as orders
from chalicelib.orders.rules import OrderStatus
from chalicelib.settlement import expire, outcomes, workers
from tests import factory
from tests.faults.placed import status
from tests.faults.world import check_world, scan
from tests.shop import scheduled

FIVE_MINUTES = 300


@pytest.mark.parametrize("skew", [-FIVE_MINUTES, FIVE_MINUTES], ids=["behind", "ahead"])
@pytest.mark.parametrize("paid", [False, True], ids=["unpaid", "paid"])
def test_F37_a_sweeper_whose_clock_is_wrong_asks_the_provider_first(shop, placed, skew, paid):
    events = shop.pay(placed) if paid else []
    over = placed.order.expires_at + 15 - clock.now()  # as the API's clock sees it
    shop.sweep(after=over + skew)
    for event in events:
        shop.deliver(event)
    shop.work()
    shop.sweep(after=over + FIVE_MINUTES + 1)
    assert status(placed) == (OrderStatus.PAID if paid else OrderStatus.CANCELLED)
    sold = 2 if paid else 0
    assert factory.stock("mug")["sold"] == sold
    check_world(shop.sandbox.state())


def test_F37_control_a_sweeper_that_goes_by_its_clock_alone_takes_a_paid_order(
    shop, placed, monkeypatch
):
    def careless(hold, now):
        order = orders.read(hold.reference)
        outcomes.refuse(order.order_id, now=now)

    monkeypatch.setattr(expire, "end", careless)
    shop.pay(placed)
    shop.sweep(after=placed.order.expires_at + 15 - clock.now() + FIVE_MINUTES)
    with pytest.raises(AssertionError):
        check_world(shop.sandbox.state())


def reserve_and_be_wrong(shop, monkeypatch, seconds: int) -> int:
    """A reservation of two mugs, made by a clock that is right; then this process's clock goes
    wrong. Answers when the reservation ends, by the clock that is right."""
    shop.sell("mug", stock=5)
    factory.reserve(factory.cart_with({"mug": 2}))
    (held,) = scan("holds")
    real = clock._own
    monkeypatch.setattr(clock, "_own", lambda: real() + seconds)
    return int(held["expires_at"])


def gateway_says(monkeypatch, now: int) -> None:
    """Every call begins now, by the gateway's clock."""
    real = http._request

    def request(raw):
        raw.context["requestTimeEpoch"] = now * 1000
        return real(raw)

    monkeypatch.setattr(http, "_request", request)


def tick(at: int) -> None:
    """The minute's sweep as EventBridge calls it."""
    workers.sweep(scheduled(at), None)


@pytest.mark.parametrize("wrong", [-FIVE_MINUTES, FIVE_MINUTES])
def test_F37_a_sweeper_whose_clock_is_wrong_ends_nothing_early_and_nothing_late(
    shop, monkeypatch, wrong
):
    end = reserve_and_be_wrong(shop, monkeypatch, wrong)
    now = end - 900
    monkeypatch.setattr(clock, "_own", lambda: now + 700 + wrong)
    tick(now + 700)
    assert factory.stock("mug")["reserved"] == 2, "200 seconds are left"
    monkeypatch.setattr(clock, "_own", lambda: end + 1 + wrong)
    tick(end + 1)
    assert factory.stock("mug")["reserved"] == 0
    check_world()


@pytest.mark.parametrize("wrong", [-FIVE_MINUTES, FIVE_MINUTES])
def test_F37_an_api_whose_clock_is_wrong_neither_takes_a_living_hold_nor_makes_a_short_one(
    shop, monkeypatch, wrong
):
    end = reserve_and_be_wrong(shop, monkeypatch, wrong)
    now = end - 200
    monkeypatch.setattr(clock, "_own", lambda: now + wrong)
    gateway_says(monkeypatch, now)
    cart = shop.call("POST", "/api/cart/create", {}).json_body["data"]["id"]
    shop.call("POST", f"/api/cart/{cart}/add", {"variantId": "mug", "quantity": 3})
    assert shop.call("POST", f"/api/cart/{cart}/reserve", {}).status_code == 200
    assert sorted(hold["expires_at"] for hold in scan("holds")) == [end, now + 900]
    shown = shop.call("GET", "/api/inventory/availability/mug").json_body["data"]
    assert shown["available"] == 0, "the first reservation still has its two"
    check_world()


def test_F37_control_going_by_its_own_clock_a_sweeper_ends_a_hold_that_lives(shop, monkeypatch):
    end = reserve_and_be_wrong(shop, monkeypatch, FIVE_MINUTES)
    monkeypatch.setattr(clock, "agree", lambda began, within: None)
    monkeypatch.setattr(clock, "_own", lambda: end - 200 + FIVE_MINUTES)
    tick(end - 200)
    assert factory.stock("mug")["reserved"] == 0
