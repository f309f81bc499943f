"""Load is spread: callers who share a name share no partition, and a busy table gets a breath."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient
from pynamodb.models import Model

from chalicelib.catalog.tables import SettingItem
from chalicelib.kernel.db import dynamo, scanning
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.tables import CallItem
from chalicelib.kernel.web import idempotency
from tests.faults.replies import answering

BROWSER = {"User-Agent": "Firefox"}


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """The longest that each pause may have been; nobody waits."""
    made: list[float] = []
    monkeypatch.setattr(dynamo.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(dynamo.random, "uniform", lambda low, high: made.append(high) or high)
    return made


# ---- guests' calls ------------------------------------------------------------------------------


def guests_change_their_carts(shop: Any, number: int) -> Counter[str]:
    shop.sell("mug", stock=number)
    for guest in range(number):
        cart = shop.call("POST", "/api/cart/create", {}, **BROWSER).json_body["data"]["id"]
        key = {"Idempotency-Key": f"add-{guest}"}
        answer = shop.call(
            "POST", f"/api/cart/{cart}/add", {"variantId": "mug", "quantity": 1}, **BROWSER, **key
        )
        assert answer.status_code == 200
    return Counter(item.caller for item in scanning.everything(CallItem))


def test_no_two_guests_calls_lie_under_one_partition_key(shop):
    found = guests_change_their_carts(shop, 6)
    assert sorted(found.values()) == [1] * 6


def test_control_by_the_caller_s_name_all_guests_share_one(shop, monkeypatch):
    monkeypatch.setattr(idempotency, "USERS", "")
    found = guests_change_their_carts(shop, 6)
    assert list(found.values()) == [6]


def test_two_guests_with_one_key_are_told_apart_and_each_is_answered_again(shop):
    shop.sell("mug", stock=9)
    carts = [shop.call("POST", "/api/cart/create", {}).json_body["data"]["id"] for _ in "ab"]
    for again in (False, True):
        for cart in carts:
            answer = shop.call(
                "POST",
                f"/api/cart/{cart}/add",
                {"variantId": "mug", "quantity": 1},
                **{"Idempotency-Key": "same"},
            )
            assert ("Idempotency-Replayed" in answer.headers) is again
            assert answer.json_body["data"]["id"] == cart


# ---- what a busy table leaves out ---------------------------------------------------------------


@pytest.fixture
def rows(tables) -> list[str]:
    names = [f"one-{number}" for number in range(4)]
    for name in names:
        SettingItem(name, value={}).save()
    return names


def leaving_out(monkeypatch: pytest.MonkeyPatch, *served: int) -> list[int]:
    """Let each next BatchGetItem serve so many keys and leave out the rest; how many were asked."""
    real, waiting, asked = BaseClient._make_api_call, list(served), []

    def call(client: BaseClient, name: str, request: dict[str, Any]) -> Any:
        if name != "BatchGetItem":
            return real(client, name, request)
        ((table, wanted),) = request["RequestItems"].items()
        keys = wanted["Keys"]
        asked.append(len(keys))
        count = waiting.pop(0) if waiting else len(keys)
        left = {table: {**wanted, "Keys": keys[count:]}} if keys[count:] else {}
        if count == 0:
            return {"Responses": {table: []}, "UnprocessedKeys": left}
        part = {**request, "RequestItems": {table: {**wanted, "Keys": keys[:count]}}}
        return {**real(client, name, part), "UnprocessedKeys": left}

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return asked


def read(names: list[str]) -> Iterator[str]:
    return (item.name for item in dynamo.get_many(SettingItem, names))


def test_what_was_left_out_is_asked_for_after_pauses_that_grow(rows, pauses, monkeypatch):
    asked = leaving_out(monkeypatch, 0, 0, 0)
    assert sorted(read(rows)) == rows
    assert asked == [4, 4, 4, 4]
    assert len(pauses) == 3 and pauses == sorted(set(pauses))


def test_what_came_is_not_asked_for_again_nor_given_twice(rows, pauses, monkeypatch):
    asked = leaving_out(monkeypatch, 1, 0, 2)
    assert sorted(read(rows)) == rows
    assert asked == [4, 3, 3, 1]


def test_a_table_that_goes_on_answering_nothing_is_an_outage(rows, pauses, monkeypatch):
    asked = leaving_out(monkeypatch, *[0] * 50)
    with pytest.raises(Unavailable):
        list(read(rows))
    assert len(asked) == dynamo.READS


def test_nothing_left_out_takes_one_call_and_no_pause(rows, pauses):
    with answering("BatchGetItem") as calls:
        assert sorted(read(rows)) == rows
    assert (len(calls), pauses) == (1, [])


def test_control_as_it_comes_the_library_asks_again_at_once(rows, pauses, monkeypatch):
    monkeypatch.setattr(dynamo.Document, "_batch_get_page", Model.__dict__["_batch_get_page"])
    asked = leaving_out(monkeypatch, *[0] * 50)
    assert sorted(read(rows)) == rows
    assert (len(asked), pauses) == (51, [])
