"""What a hold on a busy shard costs in write units, by AWS's own rules of an item's size.

docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html: names and
text count their bytes, a number about half its digits and one, a map or list three and one for each
element; a write unit is each begun 1,024 bytes of the larger of the item before and after. An index
is written when what it projects of an item changes, and costs what it projects.
"""

import math
from typing import Any

from chalicelib.config import settings
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from tests import stage
from tests.faults import hot

OPEN = 300
INDEXES = ("by_place", "by_hot")


def size_of(value: dict[str, Any]) -> int:
    """The bytes of one value as DynamoDB counts them."""
    ((kind, inner),) = value.items()
    if kind == "N":
        return math.ceil(len(inner.lstrip("-")) / 2) + 1
    if kind == "M":
        return 3 + sum(1 + len(name) + size_of(each) for name, each in inner.items())
    if kind == "L":
        return 3 + sum(1 + size_of(each) for each in inner)
    return len(inner.encode()) if kind == "S" else 1


def units(item: dict[str, Any]) -> int:
    """The write units of an item."""
    return math.ceil(sum(len(name) + size_of(value) for name, value in item.items()) / 1024)


def projected(index: str) -> str:
    stock = settings().table("stock")
    (table,) = [one for one in stage.table_definitions() if one["TableName"] == stock]
    (found,) = [one for one in table["GlobalSecondaryIndexes"] if one["IndexName"] == index]
    return str(found["Projection"]["ProjectionType"])


def index_units(index: str, projection: str, before: dict[str, Any], after: dict[str, Any]) -> int:
    """What one write costs in an index that projects so much."""
    keys = {"by_place": {"place", "variant_id"}, "by_hot": {"hot", "variant_id"}}[index]
    if not keys <= set(after):
        return 0
    shown = keys | {"place"} if projection == "KEYS_ONLY" else set(after)
    old, new = ({k: v for k, v in item.items() if k in shown} for item in (before, after))
    return 0 if old == new else units(new)


def busy_hold(shelf) -> tuple[dict[str, Any], dict[str, Any]]:
    """A shard with 300 open holds, before and after one more."""
    shelf.sell("mug", stock=2000)
    hot.heat("mug", 1)
    notes = {
        f"hld_{number:026d}": {"q": 1, "exp": clock.now() + 60, "by": "abcdefgh"}
        for number in range(OPEN)
    }
    StockItem.get("mug", "main#00").update(
        [
            StockItem.holds.set(notes),
            StockItem.available.set(2000 - OPEN),
            StockItem.reserved.set(OPEN),
        ]
    )
    before = raw()
    hot.hold("hld_pn43l5gfldoucradzp2gk4u7uu", {"mug": 1})
    return before, raw()


def raw() -> dict[str, Any]:
    key = {"variant_id": {"S": "mug"}, "place": {"S": "main#00"}}
    client = dynamo.connection().client
    found: dict[str, Any] = client.get_item(TableName=settings().table("stock"), Key=key)["Item"]
    return found


def test_a_hold_on_a_shard_with_three_hundred_open_ones_writes_no_index(shelf):
    before, after = busy_hold(shelf)
    assert len(after["holds"]["M"]) == OPEN + 1
    table = units(after)
    indexes = sum(index_units(name, projected(name), before, after) for name in INDEXES)
    assert (table, indexes) == (18, 0)


def test_control_with_all_projected_it_costs_twice_as_much(shelf):
    before, after = busy_hold(shelf)
    assert sum(index_units(name, "ALL", before, after) for name in INDEXES) == units(after)
