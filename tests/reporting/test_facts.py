"""Facts that reports add up: one an event, whatever comes twice, late or in another order."""

import random
from dataclasses import asdict

import pytest

from chalicelib.config import settings
from chalicelib.events.replay import Range
from chalicelib.kernel import clock
from chalicelib.kernel.messaging import listeners
from chalicelib.kernel.messaging.events import Event
from chalicelib.reporting import rules, service
from chalicelib.settlement import cancel
from tests.events.streams import Streams, messages
from tests.faults.world import scan
from tests.listener import Listener
from tests.settlement.disputed import give_back
from tools import replay


@pytest.fixture
def day_of_events(shop):
    """A day of a shop (sales, a cancellation, refunds) as its events."""
    shop.sell("mug", stock=20)
    streams, listener = Streams(), Listener()
    paid = [shop.buy({"mug": count}) for count in (1, 2, 3)]
    for placed in paid:
        shop.settle(placed)
    given_up = shop.buy({"mug": 1})
    cancel.cancel_unpaid(given_up.order.order_id, now=clock.now())
    give_back(paid[0])
    give_back(paid[1], 700)
    streams.relay()
    return listener.events()


def hear(messages_) -> None:
    for message in messages_:
        listeners.dispatch(message, send=lambda _: None)


def facts() -> list:
    now = clock.now()
    return service.between(now - 3600, now + 3600)


def sums() -> dict[str, int]:
    found = [asdict(fact) for fact in facts() if fact.type != "order.created"]
    names = ("gross", "shipping", "charged", "refund")
    paid = [one for one in found if one["type"] != "order.cancelled"]
    return {name: sum(one[name] or 0 for one in paid) for name in names}


def test_the_days_sums_are_those_of_its_orders(day_of_events):
    hear(day_of_events)
    assert sums() == {
        "gross": 6 * 1999,
        "shipping": 3 * 500,
        "charged": 6 * 1999 + 3 * 500,
        "refund": 1999 + 500 + 700,
    }
    kinds = [fact.type for fact in facts()]
    assert (kinds.count("order.created"), kinds.count("order.paid")) == (4, 3)
    assert kinds.count("cart.created") == 4


def test_what_comes_twice_and_in_any_order_changes_nothing(day_of_events):
    hear(day_of_events)
    once = facts()
    twice = [*day_of_events, *day_of_events]
    random.Random(1).shuffle(twice)
    hear(twice)
    assert facts() == once
    assert len(scan("facts")) == len(once)


def test_control_keyed_by_anything_but_the_event_it_would_count_twice(day_of_events):
    hear(day_of_events)
    once = sums()["charged"]
    # As if each telling had an id of its own.
    hear([{**message, "id": message["id"][:-1] + "x"} for message in day_of_events])
    assert sums()["charged"] == 2 * once


def test_facts_are_what_a_rebuild_from_history_makes(day_of_events):
    hear(day_of_events)
    kept = [fact for fact in facts() if fact.type.startswith("order.")]
    for item in scan("facts"):
        _delete(item)
    assert facts() == []
    url = settings().listeners_queue_url
    replay.run("reporting.facts", Range(), None, url)
    hear(messages(url))
    assert facts() == kept


def _delete(item) -> None:
    from chalicelib.reporting.tables import FactItem

    FactItem(item["day"], item["place"]).delete()


def test_a_late_event_is_on_its_own_day(tables):
    at = clock.epoch("2026-03-01T23:59:59Z")
    service.record(Event("evt_1", "cart.created", at, {"cartId": "crt_1", "currency": "USD"}))
    assert [row["day"].partition("#")[0] for row in scan("facts")] == ["20260301"]


def test_a_day_of_any_zone_is_read_to_the_second(tables):
    midnight = clock.epoch("2026-03-02T00:00:00+08:00")
    for number, at in enumerate((midnight - 1, midnight, midnight + 86_399, midnight + 86_400)):
        data = {"cartId": f"crt_{number}", "currency": "USD"}
        service.record(Event(f"evt_{number}", "cart.created", at, data))
    found = service.between(midnight, midnight + 86_400)
    assert [fact.cart_id for fact in found] == ["crt_1", "crt_2"]


def refund_failed(**data) -> rules.Fact:
    whole = {"currency": "USD", "orderId": "ord_1", "amount": 700, **data}
    return rules.fact_of(Event("evt_1", "order.refund_failed", 5, whole))


def test_a_refund_that_did_not_arrive_counts_against_itself_if_it_had_counted():
    assert refund_failed(undoes=True, refundId="rfd_1").refund == -700
    assert refund_failed(undoes=False, refundId="rfd_1").refund is None
    assert refund_failed(undoes=True).refund is None


def test_no_fact_says_who_bought(day_of_events):
    hear(day_of_events)
    assert "@" not in repr(scan("facts"))
