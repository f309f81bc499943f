"""An address form as its country has it: what is asked, and what is wrong before anything is sent.

The forms are the API's own answers, so that page and shop can't drift apart.
"""

from typing import Any

import pytest

from chalicelib.catalog.rules import Shop
from chalicelib.catalog.shop_schemas import AddressForm
from chalicelib.catalog.tables import shop_of
from chalicelib.kernel.contact import postal
from tests.factory import SETTINGS
from tests.web.node import call

RULES = "shop/address-rules.js"


def shop() -> Shop:
    return shop_of(SETTINGS)


def form(code: str, locale: str = "en") -> dict[str, Any]:
    country = postal.country(code)
    assert country is not None
    return AddressForm.of(country, shop(), locale).wire()


def fields(code: str, locale: str = "en") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(RULES, "fieldsOf", form(code, locale))
    return found


def faults(code: str, **values: str) -> dict[str, str]:
    found: dict[str, str] = call(RULES, "faultsOf", fields(code), values)
    return found


def test_the_fields_have_the_country_s_order_and_names() -> None:
    assert [one["said"] for one in fields("US")][:6] == [
        *("Full name", "Street and number", "Flat, floor, building", "Town or city"),
        *("State", "ZIP code"),
    ]
    assert [one["name"] for one in fields("CN", "zh-CN")][:4] == [
        *("postalCode", "region", "city", "district"),
    ]
    assert [one["said"] for one in fields("AE") if one["name"] == "region"] == ["Emirate"]


def test_only_what_the_country_needs_is_missing_from_an_empty_form() -> None:
    assert set(faults("HK")) == {"name", "line1", "region"}
    assert set(faults("IE")) == {"name", "line1", "city"}
    assert set(faults("US")) == {"name", "line1", "city", "region", "postalCode"}
    assert set(faults("CN")) == {"name", "line1", "city", "region", "postalCode", "phone"}


@pytest.mark.parametrize(
    ("code", "typed", "fault"),
    [
        ("US", "95014", None),
        ("US", "9501", "field.codeWrong"),
        ("GB", "sw1a 1aa", None),
        ("JP", "〒100-0001", None),
        ("AT", "AT-1010", None),
        ("IE", "", None),
    ],
)
def test_a_postal_code_that_cannot_be_one_is_told_at_once(code, typed, fault) -> None:
    assert faults(code, postalCode=typed, name="A", line1="1").get("postalCode") == (
        fault if typed else None
    )


def test_a_region_with_a_post_of_its_own_is_left_to_the_shop() -> None:
    given = {"name": "A", "line1": "1", "phone": "1", "region": "Macau"}
    assert faults("CN", **given) == {}


def test_a_region_from_the_address_book_stays_among_those_to_choose() -> None:
    region = next(one for one in fields("US") if one["name"] == "region")
    chosen = call(RULES, "regionsOf", region, "Old Name")
    assert chosen[0] == {"value": "Old Name", "text": "Old Name"}
    assert call(RULES, "regionsOf", region, "CA") == region["options"]


def test_without_a_country_s_form_everything_may_be_said() -> None:
    general = call(RULES, "fieldsOf", None)
    assert {one["name"] for one in general if not one["optional"]} == {"name", "line1"}
    assert {one["name"] for one in general} >= {"region", "postalCode", "district", "phone"}
