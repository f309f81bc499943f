"""F1, F2, F9, F20 and F42 for real: dead connections, dead processes, many at once, till it is dry.

On the emulator: moto forgets updates when two threads write at once.
"""

import os
import signal
import subprocess
import sys

import boto3
import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds import writes
from chalicelib.inventory.rules import OutOfStock
from chalicelib.inventory.sharding import shards
from chalicelib.inventory.tables import HoldItem, StockItem
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import Unavailable
from chalicelib.orders import service as orders
from tests import live, stage
from tests.faults import hot
from tests.faults.proxy import Proxy
from tests.faults.world import check_world

SWEEPERS, BUYERS = 4, 8


@pytest.fixture
def proxy(cloud, busy_shop):
    """The shop's database behind a proxy that can cut replies off."""
    busy_shop.sell("mug", stock=40)
    hot.heat("mug", 4)
    with Proxy(cloud.aws.endpoint) as made, made.in_front_of_dynamodb():
        yield made


def test_F1_a_connection_that_dies_before_the_reply_takes_a_shards_units_once(proxy):
    proxy.cut("UpdateItem")
    hot.hold("hld_1", {"mug": 2})
    assert proxy.lost == ["UpdateItem"] and proxy.done.count("UpdateItem") == 2
    assert hot.totals("mug")["reserved"] == 2
    check_world()


def test_F1_control_on_a_dead_connection_a_take_that_does_not_know_itself_takes_twice(
    proxy, monkeypatch
):
    monkeypatch.setattr(shards, "_room_for", lambda hold_id, count: StockItem.available >= count)
    proxy.cut("UpdateItem")
    hot.hold("hld_1", {"mug": 2})
    assert hot.totals("mug")["reserved"] == 4


def test_F2_a_connection_that_dies_after_the_transaction_holds_once(proxy):
    proxy.cut("TransactWriteItems")
    hot.hold("hld_1", {"mug": 2})
    assert proxy.lost == ["TransactWriteItems"]
    assert hot.totals("mug")["reserved"] == 2
    check_world()


# A worker in a process of its own: takes the message, and stops for ever at the write it is told.
WORKER = """
import json, sys, threading
from botocore.client import BaseClient
import boto3
from chalicelib.config import settings
from chalicelib.webhooks import workers

real, (when, operation) = BaseClient._make_api_call, sys.argv[1:]

def stop(client, name, request):
    if name != operation:
        return real(client, name, request)
    if when == "after":
        real(client, name, request)
    print("here", flush=True)
    threading.Event().wait()

queue = boto3.client("sqs")
got = queue.receive_message(
    QueueUrl=settings().payment_events_queue_url, WaitTimeSeconds=5, VisibilityTimeout=1,
    MessageSystemAttributeNames=["All"])["Messages"]
BaseClient._make_api_call = stop
workers.settle({"Records": [{
    "messageId": one["MessageId"], "receiptHandle": one["ReceiptHandle"], "body": one["Body"],
    "attributes": one["Attributes"], "eventSourceARN": "arn:aws:sqs:us-east-1:0:payment-events"}
    for one in got]}, None)
"""


def die_at(when: str, operation: str) -> None:
    """Let a worker come as far as the write, and kill it there."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, when, operation],
        cwd=stage.ROOT,
        env={**os.environ, "PYTHONPATH": str(stage.ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "here\n"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    assert worker.returncode == -signal.SIGKILL


@pytest.mark.parametrize("when", ["before", "after"])
def test_F9_a_worker_killed_at_its_write_leaves_the_message_to_the_next(busy_shop, when):
    busy_shop.sell("mug", stock=9)
    busy_shop.sell("cup", stock=9)
    hot.heat("mug", 2)
    placed = busy_shop.buy({"mug": 2, "cup": 2})
    (paid,) = (e for e in busy_shop.pay(placed) if e["type"] == "checkout.session.completed")
    busy_shop.deliver(paid)

    die_at(when, "TransactWriteItems")

    def redelivered() -> bool:
        # The queue gives the message out again as soon as it is visible.
        return busy_shop.work() == [] and _is_empty()

    live.until(redelivered, "the dead worker's message comes again")
    order = orders.read(placed.order.order_id)
    assert [line["to"] for line in order.history] == ["PENDING", "PAID"]
    assert hot.totals("mug")["sold"] == hot.totals("cup")["sold"] == 2
    check_world(busy_shop.sandbox.state())


def test_F9_control_a_message_deleted_before_the_work_is_lost_with_its_worker(busy_shop):
    busy_shop.sell("mug", stock=9)
    placed = busy_shop.buy({"mug": 2})
    (paid,) = (e for e in busy_shop.pay(placed) if e["type"] == "checkout.session.completed")
    busy_shop.deliver(paid)
    _queue().purge_queue(QueueUrl=os.environ["PAYMENT_EVENTS_QUEUE_URL"])
    assert busy_shop.work() == []
    with pytest.raises(AssertionError, match="captured"):
        check_world(busy_shop.sandbox.state())


def _queue():
    return boto3.client("sqs")


def _is_empty() -> bool:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = _queue().get_queue_attributes(
        QueueUrl=os.environ["PAYMENT_EVENTS_QUEUE_URL"], AttributeNames=names
    )["Attributes"]
    return all(found[name] == "0" for name in names)


def sweep_at_once(shop) -> int:
    """Thirty ended holds on a hot and a plain variant, and four sweepers; how many were ended."""
    for variant_id, count in (("mug", 4), ("cup", 0)):
        shop.sell(variant_id, stock=60)
        hot.heat(variant_id, count)
    for number in range(30):
        hot.hold(f"hld_{number}", {"mug": 1, "cup": 1}, until=clock.now() - 1)
    swept = live.at_once([shop.sweep] * SWEEPERS)
    assert [one.failed for one in swept] == [0] * SWEEPERS
    return sum(one.ended for one in swept)


def test_F20_four_sweepers_at_once_give_each_hold_back_once(busy_shop):
    assert sweep_at_once(busy_shop) == 30
    for variant_id in ("mug", "cup"):
        full = {"available": 60, "reserved": 0, "sold": 0, "stocked": 60}
        assert hot.totals(variant_id) == full
    check_world()


def test_F20_control_without_the_holds_condition_four_sweepers_give_back_more(
    busy_shop, monkeypatch
):
    busy_shop.sell("cup", stock=60)
    for number in range(5):
        hot.hold(f"hld_{number}", {"cup": 1}, until=clock.now() - 1)
    for number in range(5, 30):
        hot.hold(f"hld_{number}", {"cup": 1})
    monkeypatch.setattr(writes, "_unmoved", lambda previous: HoldItem.hold_id.exists())
    found = list(inventory.expired_holds(clock.now()))
    live.at_once([lambda: [inventory.end_reservation(h, clock.now()) for h in found]] * SWEEPERS)
    assert hot.totals("cup")["reserved"] == 30 - 5 * SWEEPERS


def buy_until_dry(count: int, day: int = 1) -> dict[str, int]:
    """Buyers with one to four units each, until each of them was told that none is left; what they
    got, by hold."""

    def buyer(number: int) -> dict[str, int]:
        got: dict[str, int] = {}
        for turn in range(10_000):
            for quantity in (1 + (number + turn) % 4, 1):
                hold_id = f"hld_{day}_{number}_{turn}_{quantity}"
                try:
                    hot.hold(hold_id, {"mug": quantity})
                except OutOfStock:
                    continue
                except Exception as error:
                    # Too busy: asked again, as a browser does after Retry-After.
                    if isinstance(error, Unavailable) or dynamo.outage(error):
                        break
                    raise
                got[hold_id] = quantity
                break
            else:
                return got
        raise AssertionError("never dry")

    found = live.at_once([lambda n=n: buyer(n) for n in range(BUYERS)])
    assert sum(sum(one.values()) for one in found) <= count
    return {hold_id: quantity for one in found for hold_id, quantity in one.items()}


@pytest.mark.parametrize("shard_count", [1, 4, 8])
def test_F42_buyers_of_mixed_quantities_get_every_last_unit(busy_shop, shard_count):
    busy_shop.sell("mug", stock=60)
    hot.heat("mug", shard_count)
    got = buy_until_dry(60)
    assert sum(got.values()) == 60, "no unit stranded, nobody refused while there was one"
    assert hot.totals("mug") == {"available": 0, "reserved": 60, "sold": 0, "stocked": 60}
    check_world()
    before = hot.by_place("mug", "reserved")
    for hold_id in got:
        hot.end(inventory.release, hold_id)
    assert hot.by_place("mug") == before, "each unit went home to its shard"
    assert sum(buy_until_dry(60, day=2).values()) == 60
    assert hot.totals("mug")["reserved"] == 60
    check_world()


def test_F42_control_a_buyer_who_believes_three_shards_leaves_units_behind(busy_shop, monkeypatch):
    busy_shop.sell("mug", stock=60)
    hot.heat("mug", 16)
    monkeypatch.setattr(shards, "rooms", lambda items, priorities: [])
    got = buy_until_dry(60)
    assert sum(got.values()) < 60
    assert hot.totals("mug")["available"] > 0


def test_F42_a_variant_made_hot_and_plain_again_under_buying_loses_no_unit(busy_shop):
    busy_shop.sell("mug", stock=60)
    got: dict[str, int] = {}

    def buy() -> None:
        got.update(buy_until_dry(60))

    def switch() -> None:
        for count in (4, 0, 8, 2, 0):
            hot.heat("mug", count)

    live.at_once([buy, switch])
    busy_shop.sweep()
    rest = buy_until_dry(60, day=2)
    assert sum(got.values()) + sum(rest.values()) == 60
    assert hot.totals("mug") == {"available": 0, "reserved": 60, "sold": 0, "stocked": 60}
    check_world()
