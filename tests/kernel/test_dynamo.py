"""Single writes: a failed condition says what it means, anything else is never taken for it."""

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.inventory.tables import StockItem
from chalicelib.kernel.db import dynamo, values
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState, Unavailable
from tests import factory, live
from tests.faults.replies import LOST, answering, refused
from tests.kernel.lost import reply_lost

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@pytest.fixture
def mug(shelf):
    shelf.sell("mug", stock=5)


def take(quantity: int, on_condition_failed=None) -> StockItem:
    return dynamo.update(
        StockItem("mug", "main"),
        [StockItem.available.set(StockItem.available - quantity)],
        condition=StockItem.available >= quantity,
        on_condition_failed=on_condition_failed or StaleState(),
    )


def test_an_update_answers_the_item_as_it_is_afterwards(mug):
    item = take(2)
    assert (item.available, item.stocked) == (3, 5)
    assert factory.stock("mug")["available"] == 3


def test_a_failed_condition_is_told_with_the_item_as_it_was(mug):
    seen = []

    def meaning(image):
        seen.append(image)
        return ValueError("too few")

    with pytest.raises(ValueError, match="too few"):
        take(6, meaning)
    assert seen[0]["available"] == 5 and isinstance(seen[0]["available"], int)


def test_a_condition_on_what_is_not_there_is_told_with_nothing(shelf):
    seen = []
    with pytest.raises(StaleState):
        take(1, lambda image: seen.append(image) or StaleState())
    assert seen == [{}]


def test_a_put_says_the_same(mug):
    item = StockItem("mug", "main", available=1, stocked=1)
    seen = []
    with pytest.raises(StaleState):
        dynamo.put(
            item,
            condition=StockItem.variant_id.does_not_exist(),
            on_condition_failed=lambda image: seen.append(image) or StaleState(),
        )
    assert seen[0]["available"] == 5
    assert factory.stock("mug")["available"] == 5


@pytest.mark.parametrize("write", ["UpdateItem", "PutItem"])
@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_throttling_is_never_told_as_a_failed_condition(mug, write, code):
    def run():
        if write == "UpdateItem":
            return take(1)
        new = StockItem("new", "main", stocked=0)
        return dynamo.put(
            new, condition=StockItem.variant_id.does_not_exist(), on_condition_failed=StaleState()
        )

    with answering(write, refused(code)), pytest.raises(Exception) as caught:
        run()
    assert not isinstance(caught.value, StaleState)
    assert isinstance(dynamo.outage(caught.value), Unavailable)


def test_a_write_waits_for_a_transaction_that_has_the_item(mug):
    with answering("UpdateItem", *[refused("TransactionConflictException")] * 2) as calls:
        take(2)
    assert len(calls) == 3
    assert factory.stock("mug")["available"] == 3


def test_a_write_that_always_meets_a_transaction_gives_up_as_an_outage(mug):
    busy = [refused("TransactionConflictException")] * 9
    with answering("UpdateItem", *busy) as calls, pytest.raises(ClientError) as caught:
        take(2)
    assert len(calls) == dynamo.TRIES
    assert isinstance(dynamo.outage(caught.value), Unavailable)
    assert factory.stock("mug")["available"] == 5


def test_a_reply_that_never_came_is_an_outage_though_the_write_was_made(mug):
    with answering("UpdateItem", LOST), pytest.raises(ReadTimeoutError) as caught:
        take(2)
    assert isinstance(dynamo.outage(caught.value), Unavailable)
    assert factory.stock("mug")["available"] == 3


def test_a_repeat_whose_condition_does_not_know_itself_does_it_twice(mug):
    # Why `update` asks for a condition that recognises its own earlier run.
    with reply_lost("UpdateItem") as sent:
        take(2)
    assert len(sent) == 2
    assert factory.stock("mug")["available"] == 1


def test_a_lost_reply_of_a_put_is_told_as_a_lost_race_which_reads_again(shelf):
    item = StockItem("new", "main", available=1, stocked=1)
    with reply_lost("PutItem"), pytest.raises(StaleState):
        dynamo.put(
            item, condition=StockItem.variant_id.does_not_exist(), on_condition_failed=StaleState()
        )
    assert factory.stock("new")["available"] == 1


def test_reads_are_consistent_and_tell_what_is_not_there(mug, monkeypatch):
    requests = []
    honest = dynamo.connection().dispatch

    def dispatch(name, request):
        requests.append((name, request))
        return honest(name, request)

    monkeypatch.setattr(dynamo.connection(), "dispatch", dispatch)
    assert dynamo.get(StockItem, "mug", "main").available == 5
    assert dynamo.get(StockItem, "ghost", "main") is None
    found = list(dynamo.get_many(StockItem, [("mug", "main"), ("mug", "main"), ("x", "main")]))
    assert [item.variant_id for item in found] == ["mug"]
    for name, request in requests:
        if name == "GetItem":
            assert request["ConsistentRead"] is True
        else:
            (table,) = request["RequestItems"].values()
            assert table["ConsistentRead"] is True


def test_more_than_a_hundred_are_read_in_several_calls(shelf):
    for number in range(130):
        StockItem(f"v{number}", "main", available=number).save()
    keys = [(f"v{number}", "main") for number in range(130)]
    with answering("BatchGetItem") as calls:
        assert len(list(dynamo.get_many(StockItem, keys))) == 130
    assert len(calls) == 2


@given(st.dictionaries(st.text(max_size=5), PLAIN, max_size=4))
def test_a_map_comes_back_as_it_went_in(value):
    attribute = values.PlainMap()
    assert attribute.deserialize(attribute.serialize(value)) == value


@given(st.lists(PLAIN, max_size=4))
def test_a_list_comes_back_as_it_went_in(value):
    attribute = values.PlainList()
    assert attribute.deserialize(attribute.serialize(value)) == value


@given(st.integers(-(10**15), 10**15))
def test_numbers_come_back_as_integers(number):
    found = values.image({"a": {"L": [{"N": str(number)}]}})["a"][0]
    assert found == number and isinstance(found, int)


def test_threads_that_come_first_at_once_all_get_a_table(mug):
    # Many rounds: what goes wrong needs two threads within a few instructions.
    for _ in range(40):
        dynamo.disconnect()
        tables = live.at_once([StockItem._get_connection] * 8)
        assert all(table.connection is dynamo.connection() for table in tables)


def test_one_client_serves_all_tables_and_is_made_anew_when_forgotten(mug):
    first = dynamo.connection()
    assert dynamo.connection() is first
    dynamo.disconnect()
    assert dynamo.connection() is not first
    assert factory.stock("mug")["available"] == 5, "tables follow the new client"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refused("ThrottlingException"), True),
        (refused("TransactionConflictException"), True),
        (refused("ResourceNotFoundException"), False),
        (refused("AccessDeniedException"), False),
        (refused("ConditionalCheckFailedException"), False),
        (ReadTimeoutError(endpoint_url="x"), True),
        (ValueError("a bug"), False),
    ],
    ids=repr,
)
def test_only_what_passes_by_itself_is_an_outage(error, expected):
    assert (dynamo.outage(error) is not None) == expected


def test_a_delete_is_conditional_too_and_a_second_one_is_no_error(mug):
    with pytest.raises(StaleState):
        dynamo.delete(
            StockItem("mug", "main"),
            condition=StockItem.available == 4,
            on_condition_failed=StaleState(),
        )
    dynamo.delete(StockItem("mug", "main"))
    dynamo.delete(StockItem("mug", "main"))
    assert dynamo.get(StockItem, "mug", "main") is None


def test_a_delete_stands_or_falls_with_its_transaction(mug):
    with pytest.raises(StaleState), Transaction() as tx:
        tx.delete(StockItem("mug", "main"))
        tx.delete(
            StockItem("cup", "main"),
            condition=StockItem.available.exists(),
            on_condition_failed=StaleState(),
        )
    assert factory.stock("mug")["available"] == 5
