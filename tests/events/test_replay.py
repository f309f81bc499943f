"""Events published once more: the same ones, for one listener, from the orders' history."""

import pytest

from chalicelib.config import settings
from chalicelib.events.replay import Range
from chalicelib.kernel.messaging import listeners
from chalicelib.kernel.messaging.events import Event
from tests.events.streams import Streams, messages
from tests.listener import Listener
from tools import replay

NAME = "reporting.facts"


@pytest.fixture
def sold(shop):
    """Two orders, of which one is paid; and all that the topic published of them."""
    shop.sell("mug", stock=9)
    streams, listener = Streams(), Listener()
    shop.settle(shop.buy({"mug": 2}))
    shop.buy({"mug": 1})
    streams.relay()
    return [event for event in listener.events() if event["type"].startswith("order.")]


def replayed(wanted: Range = Range(), order_id: str | None = None) -> list[dict]:  # noqa: B008
    url = settings().listeners_queue_url
    count = replay.run(NAME, wanted, order_id, url)
    found = messages(url)
    assert len(found) == count
    return found


def by_id(found: list[dict]) -> list[dict]:
    return sorted(found, key=lambda event: event["id"])


def test_what_is_told_again_is_what_was_told_and_says_for_whom(sold):
    again = replayed()
    assert {event.pop("to") for event in again} == {NAME}
    assert by_id(again) == by_id(sold)


def test_nothing_of_a_replay_is_on_the_topic(sold, shop):
    listener = Listener()
    replayed()
    assert listener.events() == []


def test_only_the_types_and_times_that_are_asked_for_are_told(sold):
    paid = [event for event in sold if event["type"] == "order.paid"]
    found = replayed(Range(frozenset({"order.paid"})))
    assert [event["id"] for event in found] == [event["id"] for event in paid]
    at = listeners.parsed(paid[0]).at
    assert replayed(Range(frozenset({"order.paid"}), since=at + 1)) == []
    assert replayed(Range(until=1)) == []


def test_one_order_alone_can_be_told_again(sold):
    (order_id,) = {event["data"]["orderId"] for event in sold if event["type"] == "order.paid"}
    found = replayed(order_id=order_id)
    assert [event["type"] for event in found] == ["order.created", "order.paid"]


def test_a_listener_that_is_not_there_is_named_with_those_that_are(sold):
    with pytest.raises(LookupError, match=NAME):
        replay.run("reporting.nothing", Range(), None, "")


def test_nobody_else_hears_what_is_told_again(sold):
    heard: list[Event] = []
    other = listeners.Listener("a.mails", frozenset({"order.paid"}), heard.append)
    known = {**listeners.found(), other.name: other}
    for message in replayed():
        listeners.dispatch(message, send=lambda _: None, listeners=known)
    assert heard == []
    del message["to"]
    listeners.dispatch({**message, "type": "order.paid"}, send=lambda _: None, listeners=known)
    assert len(heard) == 1, "control: without its name everybody hears it"
