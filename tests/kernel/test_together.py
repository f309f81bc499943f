"""Items of several tables in one call, whatever a busy table leaves out."""

import pytest
from botocore.client import BaseClient

from chalicelib.catalog.tables import SettingItem
from chalicelib.inventory.tables import WarehousesItem
from chalicelib.kernel.db import together
from chalicelib.kernel.db.together import Together
from chalicelib.kernel.errors import Unavailable

KEYS = [(SettingItem, "one"), (SettingItem, "two"), (WarehousesItem, "all")]


@pytest.fixture
def items(tables):
    SettingItem("one", value={"is": 1}).save()
    WarehousesItem("all", warehouses=[]).save()


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """How many keys each call asked for."""
    real, counts = BaseClient._make_api_call, []

    def call(client, name, request):
        counts.append(sum(len(part["Keys"]) for part in request["RequestItems"].values()))
        assert all(part["ConsistentRead"] for part in request["RequestItems"].values())
        return real(client, name, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return counts


@pytest.fixture
def busy(monkeypatch):
    """Let each next call serve no table but this one; None serves none."""
    serves, real = [], BaseClient._make_api_call

    def call(client, name, request):
        if not serves:
            return real(client, name, request)
        only, wanted = serves.pop(0), request["RequestItems"]
        served = {table: part for table, part in wanted.items() if only and table.endswith(only)}
        left = {table: part for table, part in wanted.items() if table not in served}
        empty = {"Responses": {}}
        answer = real(client, name, {**request, "RequestItems": served}) if served else empty
        return {**answer, "UnprocessedKeys": left}

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr(together.time, "sleep", lambda seconds: None)
    return serves


def test_items_of_several_tables_come_in_one_call(items, asked):
    found = Together(*KEYS)
    assert found.get(SettingItem, "one").value == {"is": 1}
    assert found.get(SettingItem, "two") is None
    assert found.get(WarehousesItem, "all").warehouses == []
    assert asked == [3]


def test_what_was_read_is_not_read_again(items, asked):
    found = Together(*KEYS, KEYS[0])
    found.read(*KEYS)
    assert asked == [3]
    found.read(*KEYS, (SettingItem, "three"))
    assert asked == [3, 1]
    assert found.get(SettingItem, "three") is None


def test_what_was_never_asked_for_is_no_absence(items):
    with pytest.raises(KeyError):
        Together(*KEYS).get(SettingItem, "three")


def test_what_a_busy_table_leaves_out_is_asked_for_again(items, busy):
    busy += [None, "warehouses", None]
    found = Together(*KEYS)
    assert found.get(SettingItem, "one").value == {"is": 1}
    assert found.get(WarehousesItem, "all").warehouses == []
    assert busy == []


def test_tables_that_go_on_answering_nothing_are_unavailable(items, busy):
    busy += [None] * 99
    with pytest.raises(Unavailable):
        Together(*KEYS)
    assert len(busy) > 90
