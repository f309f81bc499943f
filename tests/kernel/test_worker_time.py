"""A worker ends before its function does, and nobody's message pays for a neighbour's provider."""

import json
from types import SimpleNamespace

import boto3
import pytest

from chalicelib.config import settings
from chalicelib.kernel import clock, deadline, outages
from chalicelib.kernel.errors import NotAsked, ProviderDown
from chalicelib.kernel.messaging import queues, worker
from chalicelib.kernel.messaging.worker import each_message
from tests.kernel.test_worker import batch, failed

FUNCTION_SECONDS = 30


@pytest.fixture(autouse=True)
def staged(tables):
    """A stage, with its queue."""


@pytest.fixture
def ticks(monkeypatch):
    made = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(clock, "monotonic", lambda: made.at)
    return made


@pytest.fixture
def anew(monkeypatch):
    """What was put on the queue anew, and after how many seconds it comes."""
    found: list[tuple[dict, int]] = []
    monkeypatch.setattr(
        queues, "send_anew", lambda arn, body, seconds: found.append((json.loads(body), seconds))
    )
    monkeypatch.setattr(queues, "hide", lambda *_: None)
    return found


def in_a_function(records, ticks) -> tuple[dict, SimpleNamespace]:
    """The batch as a function of 30 seconds gets it."""
    end = ticks.at + FUNCTION_SECONDS
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: int((end - ticks.at) * 1000))
    return records, context


class Shop:
    """Messages for providers of which some hang; what was handled, and which calls were made."""

    def __init__(self, ticks, *hanging: str) -> None:
        self.ticks, self.hanging = ticks, hanging
        self.done: list[int] = []
        self.calls: list[str] = []

    def handle(self, message: dict) -> None:
        name = message["provider"]
        with outages.watched(name):
            self.calls.append(name)
            if name in self.hanging:
                self.ticks.at += sum(deadline.timeouts(3, 8))
                raise ProviderDown
        self.done.append(message["n"])


def of(*providers: str):
    return batch(*[{"provider": name, "n": n} for n, name in enumerate(providers)])


def test_a_provider_that_hangs_delays_no_message_of_another(ticks, anew):
    shop = Shop(ticks, "slow")
    names = ["slow", "quick", "slow", "slow", "quick", "slow", "quick", "slow", "slow", "quick"]
    answer = each_message(shop.handle)(*in_a_function(of(*names), ticks))
    assert shop.done == [1, 4, 6, 9]
    assert failed(answer) == ["m0"]
    # The others were not even asked about: they come again as if nothing had been.
    assert [message["n"] for message, _ in anew] == [2, 3, 5, 7, 8]
    assert {seconds for _, seconds in anew} == {worker.OUTAGE_SECONDS}
    assert shop.calls.count("slow") == 1


def test_two_that_hang_leave_time_for_the_third(ticks, anew):
    shop = Shop(ticks, "slow", "slower")
    each_message(shop.handle)(*in_a_function(of("slow", "slower", "quick", "quick"), ticks))
    assert shop.done == [2, 3]


def test_a_worker_stops_in_time_and_hands_back_what_it_did_not_do(ticks, anew):
    done = []

    def handle(message: dict) -> None:
        ticks.at += 9
        done.append(message["n"])

    began = ticks.at
    answer = each_message(handle)(*in_a_function(of(*["quick"] * 10), ticks))
    assert ticks.at - began < FUNCTION_SECONDS
    assert done == [0, 1, 2]
    assert failed(answer) == []
    assert [(message["n"], seconds) for message, seconds in anew] == [(n, 0) for n in range(3, 10)]


def test_control_without_an_end_the_batch_outlives_its_function(ticks, anew):
    def handle(message: dict) -> None:
        ticks.at += 9

    began = ticks.at
    each_message(handle)(of(*["quick"] * 10))
    assert ticks.at - began > FUNCTION_SECONDS


def test_control_a_provider_that_is_asked_each_time_eats_up_the_batch(ticks, anew, monkeypatch):
    monkeypatch.setattr(outages, "check", lambda provider: None)
    shop = Shop(ticks, "slow")
    each_message(shop.handle)(*in_a_function(of("slow", "slow", "slow", "slow", "quick"), ticks))
    assert shop.done == []


def test_a_message_that_uses_up_its_own_time_has_failed(ticks, anew):
    def handle(message: dict) -> None:
        ticks.at += worker.MESSAGE_SECONDS
        deadline.timeouts(3, 8)

    assert failed(each_message(handle)(*in_a_function(of("slow"), ticks))) == ["m0"]
    assert anew == []


def test_what_can_not_be_put_back_comes_again_as_failed(monkeypatch):
    def down(*_: object) -> None:
        raise ConnectionError

    def handle(message: dict) -> None:
        raise NotAsked

    monkeypatch.setattr(queues, "send_anew", down)
    assert failed(each_message(handle)(of("slow", "slow"))) == ["m0", "m1"]


def test_a_message_that_is_put_back_is_a_new_one_with_the_same_words():
    queue, url = boto3.client("sqs"), settings().payment_events_queue_url
    arn = "arn:aws:sqs:us-east-1:000000000000:payment-events"
    queues.send_anew(arn, '{"n": 1}', 0)
    names = ["ApproximateReceiveCount"]
    (message,) = queue.receive_message(QueueUrl=url, MessageSystemAttributeNames=names)["Messages"]
    assert (message["Body"], message["Attributes"]) == ('{"n": 1}', {names[0]: "1"})


def test_a_message_that_is_cut_off_by_the_batchs_end_has_not_failed(ticks, anew):
    def handle(message: dict) -> None:
        # A provider that answers in 2.6 seconds, well before its patience is over.
        _, patience = deadline.timeouts(3, 8)
        ticks.at += min(2.6, patience)
        if patience < 2.6:
            raise ProviderDown

    answer = each_message(handle)(*in_a_function(of(*["slow"] * 11), ticks))
    assert failed(answer) == []
    assert anew
    assert {message["n"] for message, _ in anew} <= {8, 9, 10}


def test_control_a_message_with_all_its_time_has_failed(ticks, anew):
    answer = each_message(Shop(ticks, "slow").handle)(*in_a_function(of("slow"), ticks))
    assert (failed(answer), anew) == (["m0"], [])
