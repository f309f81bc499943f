"""What tests of several attempts to pay one order do, and how they look at it."""

import itertools

from chalicelib.kernel import clock
from chalicelib.orders import service as orders
from chalicelib.orders import snapshot
from chalicelib.payments import service as payments
from chalicelib.settlement import attempts


def order_of(placed):
    found = orders.read(placed.order.order_id)
    assert found is not None
    return found


def pay_by(placed, method: str, *, now: int | None = None) -> str:
    return attempts.pay(order_of(placed), method, now=now or clock.now())[1]


def sessions(shop) -> dict[str, dict]:
    """The provider's sessions by payment."""
    found = shop.sandbox.state()["stripe"]["sessions"]
    return {each["metadata"]["payment_id"]: each for each in found}


def pay_attempt(shop, number: int, placed, *, action: str = "pay") -> list[dict]:
    """Pay at the page of one attempt; the events that follow."""
    payment_id = order_of(placed).payment_ids[number - 1]
    session = sessions(shop)[payment_id]
    before = {event["id"] for event in shop.events()}
    shop.sandbox.control("stripe", session["id"], action, lose=True)
    return [event for event in shop.events() if event["id"] not in before]


def work_off(shop, events: list[dict]) -> None:
    for event in events:
        shop.deliver(event)
    assert shop.work() == []


def statuses(placed) -> list[str]:
    return [payments.read(each).status for each in order_of(placed).payment_ids]


def read_first(monkeypatch, stale: snapshot.Snapshot, *, times: int = 1) -> None:
    """Whoever reads the order next finds it as it was, so many `times`."""
    looks, real = itertools.chain([stale] * times, itertools.repeat(None)), snapshot.read
    monkeypatch.setattr(
        snapshot, "read", lambda order_id, **how: next(looks) or real(order_id, **how)
    )
