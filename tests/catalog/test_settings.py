"""The owner's settings: read whole, written whole, one writer after the other."""

import copy
import json
from typing import Any

import pytest

from chalicelib.catalog import service, settings, tables
from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import SettingItem
from chalicelib.kernel import audit, cache
from chalicelib.kernel.db import dynamo
from tests import factory, stage
from tests.kernel.lost import reply_lost

PATH = "/api/admin/settings"
KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}


def call(shop: Any, method: str, body: Any = None, **headers: str) -> Any:
    return shop.call(method, PATH, body, **(headers or KEY))


def found(shop: Any) -> dict[str, Any]:
    """The settings and their version, as the owner reads them."""
    answer = call(shop, "GET")
    assert answer.status_code == 200, answer.body
    return dict(answer.json_body["data"])


def changed(shop: Any, **changes: Any) -> dict[str, Any]:
    """What to send for other settings than there are."""
    now = found(shop)
    return {"version": now["version"], "settings": {**now["settings"], **changes}}


def test_what_is_read_can_be_written_as_it_is(shop):
    before = found(shop)
    body = {"version": before["version"], "settings": before["settings"]}
    after = call(shop, "PUT", body).json_body["data"]
    assert after["settings"] == before["settings"]
    assert after["version"] == before["version"] + 1


def test_a_change_holds_for_the_shop_at_once_here_and_keeps_what_has_its_own_place(shop):
    prefixes = {"normal": "CW"}
    SettingItem(SHOP, value={**factory.SETTINGS, "orderPrefixes": prefixes}).save()
    cache.forget_all()
    name = {"en": "New name", "zh-CN": "新名"}
    assert call(shop, "PUT", changed(shop, siteName=name)).status_code == 200
    assert service.shop().site_name == name
    assert settings.read().value["orderPrefixes"] == prefixes


def test_two_writers_are_one_after_the_other(shop):
    mine, theirs = changed(shop, countries=["US"]), changed(shop, countries=["CN"])
    assert call(shop, "PUT", theirs).status_code == 200
    answer = call(shop, "PUT", mine)
    assert (answer.status_code, answer.json_body["code"]) == (409, "SETTINGS_CHANGED")
    assert found(shop)["settings"]["countries"] == ["CN"]


def test_control_without_the_version_the_slower_writer_wins(shop, monkeypatch):
    mine, theirs = changed(shop, countries=["US"]), changed(shop, countries=["CN"])
    assert call(shop, "PUT", theirs).status_code == 200
    put = dynamo.put
    monkeypatch.setattr(
        dynamo, "put", lambda item, *, condition, on_condition_failed: put(
            item, condition=None, on_condition_failed=on_condition_failed
        ),
    )  # fmt: skip
    assert call(shop, "PUT", mine).status_code == 200
    assert found(shop)["settings"]["countries"] == ["US"]


def test_a_change_whose_reply_was_lost_is_found_to_be_there(shop, monkeypatch):
    body = changed(shop, countries=["US"])
    wanted = body["settings"]
    with reply_lost("PutItem"):
        _, after = settings.change(
            wanted, version=body["version"], known_methods=["stripe", *known()], now=1
        )
    assert after.version == 1
    _, again = settings.change(
        wanted, version=body["version"], known_methods=["stripe", *known()], now=1
    )
    assert again.version == 1
    assert found(shop)["settings"]["countries"] == ["US"]


def known() -> list[str]:
    return [str(way["id"]) for way in factory.SETTINGS["paymentMethods"]]


WRONG = {
    "a currency that is not sold in": (("currency",), "EUR", "settings.currency"),
    "what is no currency": (("currencies",), ["USD", "JPY", "usd"], "settings.currencies.2"),
    "a parcel without a price": (
        ("shippingMethods", 0, "prices"), {"USD": 1}, "settings.shippingMethods.0.prices",
    ),
    "a parcel that comes before it is sent": (
        ("shippingMethods", 0, "maxDays"), 1, "settings.shippingMethods.0.maxDays",
    ),
    "a way to pay that nobody knows": (
        ("paymentMethods", 0, "id"), "barter", "settings.paymentMethods.0.id",
    ),
    "a way to pay in another currency": (
        ("paymentMethods", 0, "currencies"), ["KWD"], "settings.paymentMethods.0.currencies",
    ),
    "bounds that leave nothing": (
        ("paymentMethods", 0, "limits"), {"USD": {"least": 9, "most": 8}},
        "settings.paymentMethods.0.limits.USD.most",
    ),
    "a price below zero": (
        ("shippingMethods", 0, "prices"), {"USD": -1, "JPY": 1},
        "settings.shippingMethods.0.prices.USD",
    ),
    "a name in one language": (("siteName",), {"en": "Shop"}, "settings.siteName.zh-CN"),
    "nowhere to send to": (("countries",), [], "settings.countries"),
    "a setting that is none": (("colour",), "red", "settings.colour"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_does_not_fit_is_named_and_nothing_is_written(shop, wrong):
    path, value, field = WRONG[wrong]
    body = copy.deepcopy(changed(shop))
    place: Any = body["settings"]
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    before = found(shop)
    answer = call(shop, "PUT", body)
    assert answer.status_code == 422, answer.body
    assert field in [each["field"] for each in answer.json_body["errors"]], answer.body
    assert found(shop) == before


def test_two_of_one_name_are_refused(shop):
    way = factory.SETTINGS["shippingMethods"][0]
    answer = call(shop, "PUT", changed(shop, shippingMethods=[way, way]))
    assert answer.status_code == 422
    assert "standard is there twice" in json.dumps(answer.json_body)


def test_the_audit_log_has_what_was_and_what_is_of_the_changed_settings_alone(shop):
    assert call(shop, "PUT", changed(shop, countries=["US"])).status_code == 200
    (entry,) = [each for each in map(vars_of, stage_entries()) if each["outcome"] == "OK"]
    assert entry["target"] == "settings:shop"
    assert entry["before"] == {"countries": ["US", "CN"]}
    assert entry["after"] == {"countries": ["US"]}


def stage_entries() -> list[Any]:
    return list(audit.AuditItem.scan())


def vars_of(item: Any) -> dict[str, Any]:
    return dict(item.attribute_values)


def test_before_the_shop_is_loaded_there_is_nothing_to_change(shop):
    SettingItem(SHOP).delete()
    assert call(shop, "GET").status_code == 503


def test_a_document_from_before_a_setting_shows_its_default(shop):
    older = {name: value for name, value in factory.SETTINGS.items() if name != "plans"}
    SettingItem(SHOP, value=older).save()
    assert found(shop)["settings"]["plans"] == []
    assert tables.shop_of(older).plans == ()
