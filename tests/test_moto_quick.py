"""What makes moto quicker takes nothing back that should stay, and keeps nothing that should go."""

import copy
import subprocess
import sys
from contextlib import nullcontext

import pytest
from botocore.client import BaseClient
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from chalicelib.inventory.tables import StockItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.orders.tables import CheckItem
from tests import moto_quick, moto_seam
from tests.stage import moto_here

GONE = CheckItem.name.does_not_exist() & CheckItem.name.exists()


@pytest.fixture
def known(tables):
    """Two items in each of two tables, with and without a range key."""
    for name in ("mug", "pen"):
        StockItem(name, "main", available=1, stocked=1, low_stock_at=0).save()
        CheckItem(name, run_id="r", operator="o", started_at=1, version=1, part="stock").save()


def contents() -> tuple[list[str], list[str], int]:
    return moto_here.contents("stock"), moto_here.contents("checks"), len(moto_here.stream("stock"))


def write(condition) -> None:
    with Transaction() as tx:
        tx.put(StockItem("cup", "main", available=9), condition=None, on_condition_failed=None)
        tx.update(
            StockItem("mug", "main"),
            [StockItem.available.set(7)],
            condition=None,
            on_condition_failed=None,
        )
        tx.delete(StockItem("pen", "main"))
        tx.update(
            CheckItem("mug"), [CheckItem.version.set(7)], condition=None, on_condition_failed=None
        )
        tx.delete(CheckItem("pen"), condition=condition, on_condition_failed=StaleState())


def test_a_refused_transaction_leaves_every_kind_of_item_as_it_was(known):
    before = contents()
    with pytest.raises(StaleState):
        write(GONE)
    assert contents() == before


def test_a_transaction_that_is_carried_out_is_seen_whole(known):
    write(CheckItem.name.exists())
    (stock, checks, streamed) = contents()
    assert (len(stock), len(checks), streamed) == (2, 1, 5)
    assert dynamo.get(StockItem, "mug", "main").available == 7
    assert dynamo.get(CheckItem, "mug").version == 7


def test_control_a_copy_without_the_items_that_are_named_would_not_come_back(known, monkeypatch):
    kept = moto_quick._kept
    monkeypatch.setattr(moto_quick, "_kept", lambda table, keys: kept(table, []))
    before = contents()
    with pytest.raises(StaleState):
        write(GONE)
    assert contents() != before


def test_an_expression_that_comes_again_is_reckoned_anew(known):
    for number in (3, 4):
        made = dynamo.update(
            StockItem("mug", "main"),
            [StockItem.available.set(StockItem.available + number)],
            condition=None,
            on_condition_failed=StaleState(),
        )
    assert made.available == 1 + 3 + 4


# What `tests/moto_items.py` replaces, against moto's own.
VALUES = [
    {"S": "näme"},
    {"N": "12.50"},
    {"BOOL": True},
    {"NULL": True},
    {"B": "AAEC"},
    {"SS": ["a", "bcd"]},
    {"NS": ["1", "22.5"]},
    {"BS": ["AAEC"]},
    {"L": [{"S": "a"}, {"L": [{"N": "1"}]}, {"M": {"in": {"SS": ["x"]}}}]},
    {"M": {"l": {"L": [{"B": "AAEC"}]}, "m": {"M": {"n": {"N": "7"}, "none": {"NULL": True}}}}},
    {"L": []},
    {"M": {}},
]


def moto_says(text: str) -> str:
    """What a process answers, in which nothing of moto's is replaced."""
    code = "from moto.dynamodb.models.dynamo_type import DynamoType, Item\nimport copy\n" + text
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return made.stdout.strip()


def test_values_have_the_size_and_the_form_that_moto_gives_them():
    seen = "[(v.size(), v.to_regular_json(), copy.deepcopy(v).to_regular_json()) for v in made]"
    made = [DynamoType(value) for value in VALUES]
    here = eval(seen, {"made": made, "copy": copy})
    assert repr(here) == moto_says(f"made = [DynamoType(v) for v in {VALUES}]\nprint({seen})")


def test_a_copy_shares_nothing_that_changes():
    one = DynamoType({"M": {"l": {"L": [{"N": "1"}]}, "s": {"SS": ["a"]}}})
    copied = copy.deepcopy(one)
    copied.value["l"].value.append(DynamoType({"N": "2"}))
    copied.value["s"].value.append("b")
    assert one.to_regular_json() == {"M": {"l": {"L": [{"N": "1"}]}, "s": {"SS": ["a"]}}}


@pytest.mark.parametrize(("letters", "fits"), [(404_998, True), (404_999, False)])
def test_an_item_that_is_too_large_is_refused_at_motos_limit(letters, fits):
    attrs = {"k": {"S": "v" * letters}, "x": {"S": ""}}
    with nullcontext() if fits else pytest.raises(ItemSizeTooLarge):
        Item(DynamoType({"S": "k"}), None, attrs)
    said = moto_says(f"""
try: Item(DynamoType({{"S": "k"}}), None, {{"k": {{"S": "v" * {letters}}}, "x": {{"S": ""}}}})
except Exception as error: print(type(error).__name__)""")
    assert said == ("" if fits else "ItemSizeTooLarge")


def test_the_same_condition_with_another_value_is_another_condition(known):
    def sold(number: int) -> None:
        dynamo.update(
            StockItem("mug", "main"),
            [StockItem.sold.set(1)],
            condition=StockItem.available == number,
            on_condition_failed=StaleState(),
        )

    sold(1)
    with pytest.raises(StaleState):
        sold(2)
    sold(1)


def test_parameters_come_the_short_way_as_they_come_the_long_one(tables):
    names = ["/cartwright/test/shop/url", "/cartwright/test/admin/key", "/cartwright/test/none"]

    def read(call) -> tuple[list[tuple[str, str, int]], list[str]]:
        sent = {"Names": names, "WithDecryption": True}
        answer = call(moto_here.client("ssm"), "GetParameters", sent)
        found = [(one["Name"], one["Value"], one["Version"]) for one in answer["Parameters"]]
        return sorted(found), answer["InvalidParameters"]

    assert read(BaseClient._make_api_call) == read(moto_seam._long_way)
    assert len(read(moto_seam._long_way)[0]) == 2
