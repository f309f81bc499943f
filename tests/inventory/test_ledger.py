"""The ledger says of every movement what it was, how many, and how it stood before and after."""

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.ledger import entries as ledger_entries
from chalicelib.inventory.rules import Hold, HoldStatus
from chalicelib.inventory.tables import LedgerItem, StockItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from tests.faults.world import scan

NOW = 1_000


@pytest.fixture
def stream(shelf, monkeypatch):
    """The stream of the stock table: what is done between two looks at an item, as a record."""
    shelf.sell("mug", stock=5)
    return Stream()


class Stream:
    def __init__(self) -> None:
        self.image, self.number = self._look(), 100
        self.records = [self._record(None, self.image)]

    def after(self, work) -> None:
        """Do something that writes the item once, and put its record on the stream."""
        work()
        before, self.image = self.image, self._look()
        self.records.append(self._record(before, self.image))

    def _look(self) -> dict:
        request = {"TableName": "cartwright-test-stock", "ConsistentRead": True}
        key = {"variant_id": {"S": "mug"}, "place": {"S": "main"}}
        return dynamo.connection().dispatch("GetItem", request | {"Key": key})["Item"]

    def _record(self, before: dict | None, after: dict) -> dict:
        self.number += 1
        change = {"SequenceNumber": str(self.number), "NewImage": after}
        return {"dynamodb": change | ({"OldImage": before} if before else {})}


def hold(quantity: int, previous=None):
    made = Hold("hld_1", HoldStatus.HELD, {}, NOW, version=0, reference="ord_1")

    def write(taken):
        with Transaction() as tx:
            return inventory.write_hold(tx, taken, previous, now=NOW)

    wanted = {"mug": quantity}
    return inventory.allocate(made, wanted, previous, write, end=inventory.end_reservation, now=NOW)


def end(how) -> None:
    with Transaction() as tx:
        how(tx, inventory.read_hold("hld_1"), now=NOW)


def sell_after_all(tx, released, now) -> None:
    inventory.sell(tx, released, released.units, now=now)


def summary_of(record: dict) -> tuple:
    """Type, quantity, and available/reserved/sold/stocked before and after."""
    entry = ledger_entries.movement_of(record)
    assert entry is not None
    before, after = (
        tuple(counters[name] for name in ledger_entries.COUNTERS)
        for counters in (entry.before, entry.after)
    )
    return entry.type, int(entry.quantity), before, after


def test_every_movement_is_told_with_its_counters_before_and_after(stream):
    stream.after(lambda: hold(2))
    stream.after(lambda: hold(3, inventory.read_hold("hld_1")))
    stream.after(lambda: hold(1, inventory.read_hold("hld_1")))
    stream.after(lambda: end(inventory.release))
    stream.after(lambda: end(sell_after_all))
    assert [summary_of(record) for record in stream.records] == [
        ("INBOUND", 5, (0, 0, 0, 0), (5, 0, 0, 5)),
        ("RESERVE", 2, (5, 0, 0, 5), (3, 2, 0, 5)),
        ("RESERVE", 1, (3, 2, 0, 5), (2, 3, 0, 5)),
        ("RELEASE", 2, (2, 3, 0, 5), (4, 1, 0, 5)),
        ("RELEASE", 1, (4, 1, 0, 5), (5, 0, 0, 5)),
        ("OUTBOUND", 1, (5, 0, 0, 5), (4, 0, 1, 5)),
    ]


def test_a_sale_names_its_order_and_its_time(stream):
    hold(2)
    stream.image = stream._look()
    stream.after(lambda: end(inventory.commit))
    entry = ledger_entries.movement_of(stream.records[-1])
    assert (entry.type, entry.reference, int(entry.at)) == ("OUTBOUND", "ord_1", NOW)
    assert entry.place == "main"


def test_the_same_movement_twice_is_two_entries(stream):
    for _ in range(2):
        stream.after(lambda: hold(2, inventory.read_hold("hld_1")))
        stream.after(lambda: end(inventory.release))
    assert [summary_of(record)[:2] for record in stream.records[1:]] == [
        ("RESERVE", 2),
        ("RELEASE", 2),
        ("RESERVE", 2),
        ("RELEASE", 2),
    ]


def test_a_write_that_moved_nothing_is_not_told(stream):
    def rename_shelf() -> None:
        item = StockItem.get("mug", "main")
        item.low_stock_at = 4
        item.save()

    stream.after(rename_shelf)
    assert ledger_entries.movement_of(stream.records[-1]) is None


def test_a_deleted_item_is_not_told(stream):
    gone = {"dynamodb": {"SequenceNumber": "9", "OldImage": stream.image}}
    assert ledger_entries.movement_of(gone) is None
    assert ledger_entries.record([gone]) == 0


def test_a_record_that_the_stream_repeats_lands_on_itself(stream):
    stream.after(lambda: hold(2))
    for _ in range(3):
        assert ledger_entries.record(stream.records) == 2
    assert len(scan("ledger")) == 2


def test_entries_sort_as_they_happened_when_sequence_numbers_grow_longer(stream):
    stream.number = 998
    for quantity in (1, 2, 3):
        stream.after(lambda: hold(quantity, inventory.read_hold("hld_1")))  # noqa: B023
    ledger_entries.record(stream.records)
    entries = [entry.after["reserved"] for entry in LedgerItem.query("mug")]
    assert entries == [0, 1, 2, 3]


def test_the_worker_writes_what_the_stream_hands_over(stream):
    from chalicelib.inventory.workers import ledger as worker

    stream.after(lambda: hold(2))
    worker({"Records": stream.records}, None)
    assert {entry["type"] for entry in scan("ledger")} == {"INBOUND", "RESERVE"}


def test_the_ledger_adds_up_to_the_counters(stream):
    for quantity in (2, 4, 1):
        stream.after(lambda: hold(quantity, inventory.read_hold("hld_1")))  # noqa: B023
    stream.after(lambda: end(inventory.commit))
    ledger_entries.record(stream.records)
    last = list(LedgerItem.query("mug"))[-1]
    (stock,) = scan("stock")
    assert last.after == {name: stock[name] for name in ledger_entries.COUNTERS}
