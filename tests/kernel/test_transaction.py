"""Conflict, throttling and a failed condition are three things, a lost reply is none of them."""

import itertools

import pytest
from pynamodb.exceptions import CancellationReason

from chalicelib.inventory.rules import OutOfStock
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import (
    MAX_ACTIONS,
    TooManyItems,
    Transaction,
    retry_on_conflict,
)
from chalicelib.kernel.errors import StaleState, Unavailable
from tests import factory
from tests.faults.replies import answering, cancelled, refused

CONFLICT, THROTTLE, FAILED, NONE = (
    "TransactionConflict",
    "ThrottlingError",
    "ConditionalCheckFailed",
    "None",
)


def take(variant_id: str, quantity: int, tx: Transaction) -> None:
    tx.update(
        StockItem(variant_id, "main"),
        [StockItem.available.set(StockItem.available - quantity)],
        condition=StockItem.available >= quantity,
        on_condition_failed=lambda image: OutOfStock.of(
            variant_id, requested=quantity, available=image.get("available", 0)
        ),
    )


@pytest.fixture
def two(shelf):
    shelf.sell("mug", stock=5)
    shelf.sell("cup", stock=1)


def take_both() -> None:
    with Transaction() as tx:
        take("mug", 2, tx)
        take("cup", 2, tx)


def test_a_failed_condition_says_what_the_writer_said_it_means(two):
    with pytest.raises(OutOfStock) as caught:
        take_both()
    assert [entry.field for entry in caught.value.fields] == ["lines.cup"]
    assert caught.value.fields[0].facts == {"available": 1, "requested": 2}
    assert factory.stock("mug")["available"] == 5


def test_every_line_that_fails_is_told(two):
    with pytest.raises(OutOfStock) as caught, Transaction() as tx:
        take("mug", 9, tx)
        take("cup", 9, tx)
    assert [entry.field for entry in caught.value.fields] == ["lines.mug", "lines.cup"]


def test_a_lost_race_is_told_before_any_shortage(two):
    with pytest.raises(StaleState), Transaction() as tx:
        take("cup", 9, tx)
        tx.put(
            StockItem("mug", "main"),
            condition=StockItem.variant_id.does_not_exist(),
            on_condition_failed=StaleState(),
        )


@pytest.mark.parametrize("code", [CONFLICT, THROTTLE])
def test_a_conflict_is_tried_again_and_lands(two, code):
    with answering("TransactWriteItems", cancelled(code, NONE)) as calls, Transaction() as tx:
        take("mug", 2, tx)
        take("cup", 1, tx)
    assert len(calls) == 2
    assert factory.stock("mug")["available"] == 3


BUSY = [
    pair
    for pair in itertools.product([CONFLICT, THROTTLE, NONE], repeat=2)
    if any(code != NONE for code in pair)
]


@pytest.mark.parametrize("codes", BUSY)
def test_what_does_not_pass_is_never_told_as_sold_out(two, codes):
    answers = [cancelled(*codes)] * 3
    with pytest.raises(Unavailable), answering("TransactWriteItems", *answers) as calls:
        take_both()
    assert len(calls) == 3


@pytest.mark.parametrize("beside", [CONFLICT, THROTTLE])
def test_a_failed_condition_beside_a_conflict_is_believed_only_without_it(two, beside):
    # The first answer mixes both; asked again the truth is that there is enough.
    with answering("TransactWriteItems", cancelled(FAILED, beside)), Transaction() as tx:
        take("mug", 2, tx)
        take("cup", 1, tx)
    assert factory.stock("mug")["available"] == 3


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_a_throttled_table_is_told_as_busy(two, code):
    with pytest.raises(Unavailable), answering("TransactWriteItems", refused(code)):
        take_both()


def test_every_try_carries_the_same_token(two, monkeypatch):
    # DynamoDB answers a repeated token from memory, so a lost reply does not write twice.
    tokens = []
    monkeypatch.setattr(
        dynamo.connection(),
        "dispatch",
        lambda name, request: tokens.append(request["ClientRequestToken"]) or _conflict(),
    )
    with pytest.raises(Unavailable):
        take_both()
    assert len(tokens) == 3 and len(set(tokens)) == 1


def _conflict() -> None:
    error = cancelled(CONFLICT, NONE)
    error.cancellation_reasons = [CancellationReason(CONFLICT), None]
    raise error


def test_more_actions_than_a_transaction_holds_are_refused_whole(shelf):
    with pytest.raises(TooManyItems), Transaction() as tx:
        for number in range(MAX_ACTIONS + 1):
            tx.put(StockItem(f"v{number}", "main"))
    with pytest.raises(AssertionError, match="no stock"):
        factory.stock("v0")


def test_an_error_inside_the_block_sends_nothing(two):
    with pytest.raises(ValueError), Transaction() as tx:
        take("mug", 2, tx)
        raise ValueError
    assert factory.stock("mug")["available"] == 5


def test_a_condition_without_a_meaning_is_refused(two):
    tx = Transaction()
    with pytest.raises(TypeError):
        tx.put(StockItem("mug", "main"), condition=StockItem.available > 1)


def test_races_are_tried_again_and_then_told_as_busy():
    tries = []

    def lose() -> None:
        tries.append(1)
        raise StaleState

    with pytest.raises(Unavailable):
        retry_on_conflict(lose, tries=3)
    assert len(tries) == 3
