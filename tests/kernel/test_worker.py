"""Workers: one bad message never takes the others with it, and comes again later each time."""

import json

import pytest

from chalicelib.kernel import clock, telemetry
from chalicelib.kernel.messaging import queues
from chalicelib.kernel.messaging.worker import each_message, scheduled

ARN = "arn:aws:sqs:us-east-1:000000000000:payment-events"


@pytest.fixture(autouse=True)
def staged(tables):
    """A stage, whose settings the workers log with."""


@pytest.fixture
def hidden(monkeypatch):
    """What was hidden on the queue, and for how long."""
    found: list[tuple[str, int]] = []
    monkeypatch.setattr(
        queues, "hide", lambda arn, handle, seconds: found.append((handle, seconds))
    )
    return found


def batch(*bodies: object, tries: int = 1) -> dict:
    records = [
        {
            "messageId": f"m{number}",
            "receiptHandle": f"h{number}",
            "body": body if isinstance(body, str) else json.dumps(body),
            "attributes": {"ApproximateReceiveCount": str(tries)},
            "eventSourceARN": ARN,
        }
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def failed(answer: dict) -> list[str]:
    return [entry["itemIdentifier"] for entry in answer["batchItemFailures"]]


def picky(message: dict) -> None:
    if message.get("bad"):
        raise ValueError("bad message")


def test_every_message_is_handled_and_only_the_failed_come_back(hidden):
    handled = []

    def handle(message: dict) -> None:
        handled.append(message["n"])
        picky(message)

    messages = [{"n": number, "bad": number in (2, 5)} for number in range(7)]
    assert failed(each_message(handle)(batch(*messages))) == ["m2", "m5"]
    assert handled == list(range(7))
    assert [handle for handle, _ in hidden] == ["h2", "h5"]


def test_a_batch_that_went_well_reports_nothing(hidden):
    assert each_message(picky)(batch({}, {})) == {"batchItemFailures": []}
    assert hidden == []


@pytest.mark.parametrize("body", ["poison", "", "[1]", "null", "1", '"x"'])
def test_what_is_no_message_fails_alone(hidden, body):
    assert failed(each_message(picky)(batch({}, body, {}))) == ["m1"]


@pytest.mark.parametrize(
    ("tries", "seconds"), [(1, 2), (2, 4), (3, 8), (8, 256), (9, 512), (10, 900), (1000, 900)]
)
def test_a_failed_message_waits_twice_as_long_each_time(hidden, tries, seconds):
    each_message(picky)(batch({"bad": True}, tries=tries))
    assert hidden == [("h0", seconds)]


def test_a_message_that_can_not_be_hidden_still_comes_back(monkeypatch):
    def down(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(queues, "hide", down)
    assert failed(each_message(picky)(batch({"bad": True}))) == ["m0"]


def test_a_process_that_is_killed_is_not_taken_for_a_bad_message(hidden):
    def killed(message: dict) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        each_message(killed)(batch({}))


def test_how_long_a_message_is_hidden_is_the_queues_own_doing(shop):
    import boto3

    from chalicelib.config import settings

    queue, url = boto3.client("sqs"), settings().payment_events_queue_url
    queues.send(url, {"n": 1})
    (message,) = queue.receive_message(QueueUrl=url)["Messages"]
    assert "Messages" not in queue.receive_message(QueueUrl=url)
    queues.hide(ARN, message["ReceiptHandle"], 0)
    (again,) = queue.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(again["Body"]) == {"n": 1}


def test_a_scheduled_job_is_told_the_time():
    times = []

    def job(now: int) -> None:
        times.append(now)

    scheduled(job)({})
    assert abs(times[0] - clock.now()) <= 1


def test_a_scheduled_job_that_fails_is_seen_to_fail():
    def job(now: int) -> None:
        raise ConnectionError

    with pytest.raises(telemetry.Unhandled, match="ConnectionError"):
        scheduled(job)({})
