"""The worker of the listeners' queue: each message by itself, each listener by itself."""

import pytest

from chalicelib.config import settings
from chalicelib.events import workers
from chalicelib.kernel import clock
from chalicelib.kernel.messaging import queues
from chalicelib.kernel.messaging.events import Event
from chalicelib.reporting import service
from tests.events.streams import from_queue, messages
from tests.faults.world import scan

DATA = {"cartId": "crt_1", "currency": "USD"}


def begun(number: int) -> dict:
    return Event(f"evt_{number}", "cart.created", clock.now(), DATA).body()


def hand_over(*bodies: dict) -> list[str]:
    """The messages that failed."""
    answer = workers.listen(from_queue(*bodies, queue="listeners"), None)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


@pytest.fixture(autouse=True)
def impatient(tables, monkeypatch):
    """Messages that failed are not hidden: there is no receipt of theirs."""
    monkeypatch.setattr(queues, "hide", lambda *_: None)


def test_a_message_reaches_the_listener_of_its_type():
    assert hand_over(begun(1), begun(2)) == []
    assert sorted(row["event_id"] for row in scan("facts")) == ["evt_1", "evt_2"]


def test_a_poisonous_message_fails_alone():
    assert hand_over(begun(1), {"id": "evt_x"}, begun(2)) == ["m1"]
    assert len(scan("facts")) == 2


def test_a_message_that_comes_twice_has_one_effect():
    assert hand_over(begun(1), begun(1)) == []
    assert len(scan("facts")) == 1


def test_a_listener_that_fails_alone_has_its_message_again(monkeypatch):
    def down(_: Event) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(service, "record", down)
        assert hand_over(begun(1)) == ["m0"]
    assert hand_over(begun(1)) == []
    assert len(scan("facts")) == 1
    assert messages(settings().listeners_queue_url) == []


def test_what_is_replayed_changes_nothing():
    first = begun(1)
    hand_over(first)
    before = scan("facts")
    hand_over({**first, "to": "reporting.facts"})
    assert scan("facts") == before
