"""A record of the stock's stream that can't be written holds up nobody, and is not lost."""

import json

import boto3
import pytest

from chalicelib.config import settings
from chalicelib.inventory.ledger import entries
from chalicelib.inventory.tables import LedgerItem
from chalicelib.inventory.workers import ledger as worker
from chalicelib.kernel import telemetry
from tests.faults.world import scan


@pytest.fixture(autouse=True)
def staged(shelf):
    """The tables and queues of a stage, and a mug to move."""
    shelf.sell("mug", stock=5)


def record(number: int, **changes) -> dict:
    movement = {"type": {"S": "INBOUND"}, "quantity": {"N": "1"}, "at": {"N": str(number)}}
    image = {
        "variant_id": {"S": "mug"},
        "place": {"S": "main"},
        "available": {"N": "5"},
        "last_movement": {"M": movement},
        "holds": {"M": {"hld_1": {"S": "x" * 100}}},
        **changes,
    }
    change = {"SequenceNumber": str(number), "NewImage": image}
    return {"eventID": f"e{number}", "eventSource": "aws:dynamodb", "dynamodb": change}


POISON = record(2, last_movement={"M": {"type": {"S": "INBOUND"}}})


def parked() -> list[dict]:
    found = boto3.client("sqs").receive_message(
        QueueUrl=settings().ledger_again_queue_url, MaxNumberOfMessages=10
    )
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def from_queue(*bodies: dict) -> dict:
    arn = "arn:aws:sqs:us-east-1:000000000000:ledger-again"
    return {
        "Records": [
            {
                "eventSource": "aws:sqs",
                "eventSourceARN": arn,
                "messageId": f"m{number}",
                "receiptHandle": "h",
                "body": json.dumps(body),
            }
            for number, body in enumerate(bodies)
        ]
    }


def written() -> list[str]:
    return [row["sequence"].lstrip("0") for row in scan("ledger")]


def test_the_records_around_a_poisonous_one_are_written_and_it_is_parked_whole(capsys):
    answer = worker({"Records": [record(1), POISON, record(3)]}, None)
    assert sorted(written()) == ["1", "3"]
    assert answer == {"records": 3, "parked": 1}
    (kept,) = parked()
    assert kept["dynamodb"]["SequenceNumber"] == "2"
    assert kept["dynamodb"]["NewImage"]["variant_id"] == {"S": "mug"}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [line["RowsFailed"] for line in lines if "RowsFailed" in line] == [1]


def test_what_is_parked_is_small_however_many_holds_a_shard_notes():
    worker({"Records": [POISON]}, None)
    assert "holds" not in parked()[0]["dynamodb"]["NewImage"]


@pytest.mark.parametrize("odd", [{}, {"dynamodb": None}, {"dynamodb": {"NewImage": "x"}}])
def test_a_record_of_any_shape_is_parked(odd):
    worker({"Records": [odd, record(1)]}, None)
    assert written() == ["1"]
    assert parked() == [odd]


def test_while_the_table_is_out_of_reach_everything_is_parked(monkeypatch):
    def down(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(LedgerItem, "save", down)
    worker({"Records": [record(1), record(2)]}, None)
    assert len(parked()) == 2


def test_what_was_parked_is_written_when_its_fault_is_mended():
    answer = worker(from_queue(record(1), record(2)), None)
    assert answer == {"batchItemFailures": []}
    assert sorted(written()) == ["1", "2"]


def test_what_is_still_poisonous_stays_on_its_queue_alone(monkeypatch):
    from chalicelib.kernel.messaging import queues

    monkeypatch.setattr(queues, "hide", lambda *_: None)
    answer = worker(from_queue(record(1), POISON), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert written() == ["1"]


def test_what_can_not_be_parked_comes_again_with_its_whole_batch(monkeypatch):
    def down(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(entries.queues, "send", down)
    with pytest.raises(telemetry.Unhandled):
        worker({"Records": [POISON, record(3)]}, None)
    assert written() == ["3"]


def test_control_written_as_a_whole_the_batch_stops_at_the_poison():
    with pytest.raises(KeyError):
        entries.record([record(1), POISON, record(3)])
    assert written() == []
