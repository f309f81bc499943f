"""Events on the topic: as many in a call as SNS takes, and what it refuses is never lost."""

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.messaging import events
from chalicelib.kernel.messaging.events import Event, NotPublished


class Sns:
    """Keeps how many events came in each call, and refuses those whose id is `refused`."""

    def __init__(self, refused: str = "") -> None:
        self.calls: list[int] = []
        self.entries: list[dict] = []
        self._refused = refused

    def publish_batch(self, **sent):
        entries = sent["PublishBatchRequestEntries"]
        self.calls.append(len(entries))
        self.entries += entries
        assert len({entry["Id"] for entry in entries}) == len(entries)
        bad = [each for each in entries if f'"id": "{self._refused}"' in each["Message"]]
        return {"Failed": [{"Id": each["Id"], "Code": "InternalError"} for each in bad]}


def some(count: int, size: int = 0) -> list[Event]:
    return [Event(f"evt_{number}", "x.y", 5, {"a": "x" * size}) for number in range(count)]


def calls_of(monkeypatch, published: list[Event]) -> list[int]:
    sns = Sns()
    monkeypatch.setattr(events, "_client", lambda: sns)
    events.publish_all(published)
    return sns.calls


def test_events_go_ten_in_one_call(tables, monkeypatch):
    assert calls_of(monkeypatch, some(25)) == [10, 10, 5]


def test_long_events_go_fewer_in_one_call(tables, monkeypatch):
    assert calls_of(monkeypatch, some(5, size=100_000)) == [2, 2, 1]


def test_the_same_event_may_come_twice_in_one_call(tables, monkeypatch):
    assert calls_of(monkeypatch, some(1) * 3) == [3]


def test_what_the_topic_refuses_raises_with_those_alone(tables, monkeypatch):
    monkeypatch.setattr(events, "_client", lambda: Sns(refused="evt_3"))
    with pytest.raises(NotPublished) as raised:
        events.publish_all(some(12))
    assert [event.id for event in raised.value.events] == ["evt_3"]


def test_one_that_is_refused_is_an_outage_to_who_called(tables, monkeypatch):
    monkeypatch.setattr(events, "_client", lambda: Sns(refused="evt_0"))
    with pytest.raises(Unavailable):
        events.publish(some(1)[0])


def test_while_sns_is_out_of_reach_it_is_an_outage_to_who_called(tables, monkeypatch):
    def down(**_):
        raise EndpointConnectionError(endpoint_url="sns")

    monkeypatch.setattr(events._client(), "publish_batch", down)
    with pytest.raises(EndpointConnectionError) as raised:
        events.publish(some(1)[0])
    assert dynamo.outage(raised.value) is not None


def test_a_filter_can_tell_events_apart_by_type_version_and_quiet(tables, monkeypatch):
    sns = Sns()
    monkeypatch.setattr(events, "_client", lambda: sns)
    events.publish(Event("evt_1", "x.y", 5, {}, v=2, quiet=True))
    (entry,) = sns.entries
    attributes = {name: one["StringValue"] for name, one in entry["MessageAttributes"].items()}
    assert attributes == {"type": "x.y", "v": "2", "quiet": "true"}
