"""What works while nobody looks: the queue of payment events and its dead letters."""

import json

import pytest

from tests import live
from tests.journeys.market import QUEUE


@pytest.fixture
def impatient(market):
    """The queue of payment events, which gives a message up after two tries instead of twelve."""
    queue = market.cloud.aws.client("sqs")
    url, dead = market.queue(), market.queue(f"{QUEUE}-dead")
    asked = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
    policy = json.loads(asked["Attributes"]["RedrivePolicy"])
    assert policy["deadLetterTargetArn"].endswith(f":{QUEUE}-dead")
    assert int(policy["maxReceiveCount"]) == 12
    quick = json.dumps({**policy, "maxReceiveCount": 2})
    queue.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": quick})
    yield queue, url, dead
    queue.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})
    queue.purge_queue(QueueUrl=dead)


def test_a_poisoned_message_ends_among_the_dead_and_blocks_nobody(market, impatient):
    queue, url, dead = impatient
    mug = market.sell(3)
    orders = [market.buy({mug: 1}) for _ in range(3)]
    for poison in ("poison", json.dumps({"provider": "stripe", "receivedAt": 1, "body": "{"})):
        queue.send_message(QueueUrl=url, MessageBody=poison)

    for order in orders:
        market.act(order, "pay")

    for order in orders:
        market.turns(order, "PAID")
    live.until(lambda: market.waiting(dead) == 2, "both poisoned messages are among the dead")
    market.check()
    assert market.stock(mug)["sold"] == 3


def test_every_webhook_is_written_down_with_what_became_of_it(market):
    bought = market.buy({market.sell(1): 1})
    market.act(bought, "pay")
    market.turns(bought, "PAID")
    market.comes_to_rest()
    sent = {
        event["id"]
        for event in market.sandbox.state()["stripe"]["events"]
        if event["data"]["object"]["id"] == bought.session
    }
    logged = {row["event_id"]: row["status"] for row in market.scan("webhooks")}
    assert sent
    assert {logged[identifier] for identifier in sent} == {"SUCCESS"}
