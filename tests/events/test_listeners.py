"""Who hears an event: each listener by itself, none because of another, the same event once."""

from collections.abc import Callable

import pytest

from chalicelib.config import settings
from chalicelib.kernel.messaging import listeners
from chalicelib.kernel.messaging.events import Event
from chalicelib.kernel.messaging.listeners import Listener, UnknownListener
from tests.events.streams import messages
from tools import events as catalogue

PAID = Event("evt_1", "order.paid", 1_790_000_000, {"orderId": "ord_1"}, seq=1)


class Heard:
    """A listener that keeps what it hears by the event's id, as listeners must."""

    def __init__(self, name: str, *types: str, fails: int = 0, **more) -> None:
        self.effects: dict[str, int] = {}
        self.calls = 0
        self._fails = fails
        self.listener = Listener(name, frozenset(types or {"order.paid"}), self, **more)

    def __call__(self, event: Event) -> None:
        self.calls += 1
        if self.calls <= self._fails:
            raise RuntimeError("not yet")
        self.effects[event.id] = event.seq


def hand_over(message: dict, *hear: Heard, send: Callable | None = None, **more) -> list[dict]:
    """One message, dispatched; answers what was put back on the queue."""
    back: list[dict] = []
    known = {one.listener.name: one.listener for one in hear}
    listeners.dispatch(message, send=send or back.append, listeners=known, **more)
    return back


def test_all_who_listen_to_a_type_hear_it_and_nobody_else(tables):
    one, two, other = Heard("a.one"), Heard("b.two"), Heard("c.other", "stock.low")
    assert hand_over(PAID.body(), one, two, other) == []
    assert [list(each.effects) for each in (one, two, other)] == [["evt_1"], ["evt_1"], []]


def test_one_that_fails_hears_it_again_and_the_others_do_not(tables):
    well, broken = Heard("a.well"), Heard("b.broken", fails=1)
    (again,) = hand_over(PAID.body(), broken, well)
    assert again["to"] == "b.broken"
    assert hand_over(again, broken, well) == []
    assert (well.calls, broken.calls) == (1, 2)
    assert well.effects == broken.effects == {"evt_1": 1}


def test_control_a_message_that_comes_again_whole_calls_everybody_again(tables):
    well, broken = Heard("a.well"), Heard("b.broken", fails=1)
    (again,) = hand_over(PAID.body(), broken, well)
    del again["to"]
    hand_over(again, broken, well)
    assert well.calls == 2


def test_one_that_goes_on_failing_raises_alone_and_ends_among_the_dead_letters(tables):
    well, broken = Heard("a.well"), Heard("b.broken", fails=99)
    (again,) = hand_over(PAID.body(), well, broken)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            hand_over(again, well, broken)
    assert well.calls == 1


def test_when_it_can_not_be_put_back_the_whole_message_comes_again_and_does_no_harm(tables):
    def down(message: dict) -> None:
        raise ConnectionError

    well, broken = Heard("a.well"), Heard("b.broken", fails=1)
    with pytest.raises(ConnectionError):
        hand_over(PAID.body(), well, broken, send=down)
    hand_over(PAID.body(), well, broken)
    assert well.effects == broken.effects == {"evt_1": 1}


def test_a_listener_with_a_queue_of_its_own_keeps_nobody_waiting(tables):
    shared, own = Heard("a.shared"), Heard("b.own", queue="partner")
    hand_over(PAID.body(), shared, own)
    assert (shared.calls, own.calls) == (1, 0)
    hand_over(PAID.body(), shared, own, queue="partner")
    assert (shared.calls, own.calls) == (1, 1)


def test_quiet_events_are_heard_by_those_who_ask_for_them(tables):
    quiet = Event(**{**vars(PAID), "quiet": True})
    mails, reports = Heard("a.mails"), Heard("b.reports", quiet=True)
    hand_over(quiet.body(), mails, reports)
    assert (mails.calls, reports.calls) == (0, 1)


def test_a_version_that_a_listener_does_not_know_is_not_handed_to_it(tables):
    second = Event(**{**vars(PAID), "v": 2})
    old, new = Heard("a.old"), Heard("b.new", v=2)
    hand_over(second.body(), old, new)
    assert (old.calls, new.calls) == (0, 1)


def test_what_nobody_listens_to_any_more_is_done(tables):
    assert hand_over(PAID.body(), Heard("a.other", "stock.low")) == []


def test_a_message_for_a_listener_that_is_not_there_is_kept_not_dropped(tables):
    with pytest.raises(UnknownListener):
        hand_over({**PAID.body(), "to": "a.gone"}, Heard("b.other"))


@pytest.mark.parametrize("poison", [{}, {"id": "x"}, {**PAID.body(), "at": "never"}])
def test_what_is_no_event_raises_and_calls_nobody(tables, poison):
    one = Heard("a.one")
    with pytest.raises((KeyError, ValueError)):
        hand_over(poison, one)
    assert one.calls == 0


def test_a_message_says_all_of_its_event():
    event = Event("evt_1", "x.y", 5, {"a": 1}, 2, 3, "call-1", True)
    assert listeners.parsed(event.body()) == event


# ---- the listeners that there are -----------------------------------------------------------


def test_every_type_that_is_listened_to_is_one_that_is_told():
    known = catalogue.catalogue()
    heard = {(each, one.v) for one in listeners.found().values() for each in one.types}
    assert heard
    assert heard <= set(known)


def test_what_carries_personal_data_is_not_heard_on_the_shared_queue():
    known = catalogue.catalogue()
    shared = listeners.policy(listeners.SHARED, listeners.found().values())
    assert not any(known[each, 1].personal for each in shared["type"])
    assert any(model.personal for model in known.values())


def test_a_queues_filter_asks_for_just_what_its_listeners_take():
    known = [Heard("a.one", "order.paid", "stock.low"), Heard("b.own", "x.y", queue="partner")]
    of = [one.listener for one in known]
    assert listeners.policy("partner", of) == {"type": ["x.y"], "v": ["1"], "quiet": ["false"]}
    assert listeners.policy(listeners.SHARED, of)["type"] == ["order.paid", "stock.low"]


def test_what_is_put_back_is_on_the_shared_queue(tables):
    url = settings().listeners_queue_url
    well, broken = Heard("a.well"), Heard("b.broken", fails=1)
    hand_over(PAID.body(), well, broken, send=listeners.send_to(url))
    assert messages(url) == [{**PAID.body(), "to": "b.broken"}]
