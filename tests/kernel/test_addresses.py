"""An address is what its country's post needs: no more is asked for, and no less."""

from typing import Any

import pytest

from chalicelib.kernel import errors, i18n
from chalicelib.kernel.contact import addresses, postal
from chalicelib.kernel.contact.fields import Address
from chalicelib.kernel.web.request import validated
from chalicelib.kernel.web.schema import Body

WHO = {"name": "Ada Example", "line1": "1 Example Street"}
US = {**WHO, "city": "Cupertino", "region": "CA", "postalCode": "95014", "country": "US"}


class Order(Body):
    address: Address


def taken(**fields: str) -> dict[str, str]:
    return validated(Order, {"address": {**WHO, **fields}}).address.wire()


def refused(**fields: str) -> dict[str, str]:
    """Each field that is wrong, with what is said of it in English."""
    with pytest.raises(errors.Invalid) as error:
        validated(Order, {"address": {**WHO, **fields}})
    for one in error.value.fields:
        for locale in i18n.LOCALES:
            assert "…" not in i18n.text(locale, one.text, one.params)
            assert i18n.text(locale, one.text, one.params) != one.text
    return {
        one.field.removeprefix("address."): i18n.text("en", one.text, one.params)
        for one in error.value.fields
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"country": "HK", "region": "Kowloon"},
        {"country": "HK", "region": "九龍", "city": "旺角"},
        {"country": "AE", "region": "Dubai"},
        {"country": "IE", "city": "Dublin"},
        {"country": "SG", "postalCode": "546080"},
        {"country": "JP", "region": "東京都", "postalCode": "154-0023"},
        {"country": "KW", "city": "Kuwait City"},
        {"country": "DE", "city": "Bonn", "postalCode": "53225"},
        {"country": "GB", "city": "London", "postalCode": "EC1Y 8SY"},
        {"country": "CN", "region": "广东省", "city": "广州市", "postalCode": "510000"},
        # Parts of the country with a post of their own.
        {"country": "CN", "region": "澳门"},
        {"country": "US", "region": "PR", "city": "San Juan", "postalCode": "00901"},
    ],
    ids=lambda fields: f"{fields['country']}-{fields.get('region', '')}",
)
def test_what_a_country_does_not_ask_for_may_be_left_out(fields):
    assert taken(**fields) == {**WHO, **fields}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"country": "US"}, {"city", "region", "postalCode"}),
        ({**US, "region": ""}, {"region"}),
        ({**US, "region": "Bavaria"}, {"region"}),
        ({**US, "postalCode": "9501"}, {"postalCode"}),
        ({**US, "postalCode": "SW1A 1AA"}, {"postalCode"}),
        ({**US, "region": "NY"}, {"postalCode"}),
        ({**US, "region": "Texas", "phone": "12"}, {"postalCode", "phone"}),
        ({"country": "HK"}, {"region"}),
        ({"country": "AE"}, {"region"}),
        ({"country": "IE"}, {"city"}),
        ({"country": "CA", "city": "X", "region": "ON", "postalCode": "V8X 3X4"}, {"postalCode"}),
        ({"country": "CN"}, {"city", "region", "postalCode"}),
        ({"country": "XX"}, {"country"}),
        ({"country": "ZZ"}, {"country"}),
        ({"country": "UK", "city": "London"}, {"country"}),
    ],
)
def test_what_is_missing_or_cannot_be_is_named_by_its_field(fields, wrong):
    assert set(refused(**fields)) == wrong


def test_a_complaint_says_what_to_do_in_the_country_s_own_names():
    assert refused(**{**US, "region": ""}) == {"region": "Please fill this in: State."}
    assert refused(country="AE") == {"region": "Please fill this in: Emirate."}
    assert "95014" in refused(**{**US, "postalCode": "1"})["postalCode"]


@pytest.mark.parametrize(
    ("country", "typed", "written"),
    [
        ("US", "california", "CA"),
        ("US", " CA", "CA"),
        ("CA", "Québec", "QC"),
        ("JP", "Tokyo", "Tokyo"),
        ("JP", "東京", "東京都"),
        ("CN", "广东", "广东省"),
        ("CN", "guangdong", "Guangdong Sheng"),
        ("CN", "广西", "广西壮族自治区"),
        ("HK", "kowloon", "Kowloon"),
        ("TW", "臺北市", "台北市"),
        ("TW", "臺東", "台東縣"),
        ("TR", "AYDIN", "Aydın"),
        ("TR", "Istanbul", "İstanbul"),
        ("HK", "九龍", "九龍"),
        ("AE", "dubai", "Dubai"),
    ],
)
def test_a_region_is_found_by_any_of_its_names_and_stays_in_its_script(country, typed, written):
    found = postal.country(country)
    region = found and found.region(typed)
    assert region and region[1] == written


def test_every_region_is_found_by_each_of_its_names_and_is_no_other():
    for country in filter(None, map(postal.country, codes())):
        for region in country.regions:
            for name in {region.key, region.native, region.latin}:
                for typed in (name, name.lower(), name.upper()):
                    found = country.region(typed)
                    assert found and found[0] is region, (country.code, typed)


def test_a_region_is_no_other_that_begins_with_it():
    found = postal.country("US")
    assert found and found.region("West") is None and found.region("New") is None


@pytest.mark.parametrize(
    ("country", "city", "typed", "written"),
    [
        ("GB", "London", "ec1y 8sy", "EC1Y 8SY"),
        ("AT", "Wien", "AT-1010", "1010"),
        ("DE", "Bonn", "\uff15\uff13\uff12\uff12\uff15", "53225"),
        ("LV", "Riga", "lv-1073", "LV-1073"),
        ("LV", "Riga", "1073", "LV-1073"),
        ("PL", "Warszawa", "00950", "00-950"),
        ("PT", "Lisboa", "1250 096", "1250-096"),
    ],
)
def test_a_postal_code_is_kept_as_the_post_writes_it(country, city, typed, written):
    assert taken(country=country, city=city, postalCode=typed)["postalCode"] == written


def test_the_postal_codes_that_a_country_gives_as_examples_are_taken():
    """A form shows them; each with small letters and in one piece, too."""
    refused = []
    for country in filter(None, map(postal.country, codes())):
        for example in country.postal_examples:
            joined = "".join(letter for letter in example if letter.isalnum())
            for typed in (example, example.lower(), joined):
                address = {**WHO, "country": country.code, "postalCode": typed}
                _, wrong = addresses.checked(address)
                if any(each.field == "postalCode" for each in wrong):
                    refused.append((country.code, typed))
    assert refused == []


def test_a_postal_code_with_a_digit_too_few_or_too_many_is_none():
    for country, typed in (("PL", "0095"), ("PL", "009500"), ("LV", "LV-107"), ("LV", "10733")):
        assert "postalCode" in refused(country=country, city="Town", postalCode=typed), typed


def test_fields_that_were_left_empty_were_not_given():
    empty = {"line2": "", "district": " ", "phone": "", "city": "", "postalCode": ""}
    assert taken(country="AE", region="Dubai", **empty) == {
        **WHO,
        "country": "AE",
        "region": "Dubai",
    }


def test_a_phone_is_dialled_in_the_address_s_country():
    assert taken(**US, phone="(415) 555-0123")["phone"] == "+14155550123"
    assert taken(**US, phone="+44 (0)20 7946 0958")["phone"] == "+442079460958"
    assert set(refused(**US, phone="0123456")) == {"phone"}


@pytest.mark.parametrize("name", ["Ada\nExample", "Ada\u202e", "\u200b", "\u3164"], ids=ascii)
@pytest.mark.parametrize("field", ["name", "line1", "line2", "district", "city", "region"])
def test_names_and_lines_are_lines_of_readable_text(field, name):
    assert field in refused(**{**US, field: name})


def test_what_a_country_does_not_ask_for_is_kept_as_it_was_typed():
    assert taken(country="HK", region="Kowloon", postalCode="999077")["postalCode"] == "999077"


def test_every_country_can_be_asked_for_and_all_its_names_are_in_both_languages():
    known = [country for code in codes() if (country := postal.country(code))]
    assert len(known) > 200
    for country in known:
        fields = country.fields(native=True)
        assert sorted(fields) == sorted(set(fields)), country.code
        assert {"name", "line1"} <= set(fields)
        for field in fields:
            assert all(country.label(field) in i18n.texts(locale) for locale in i18n.LOCALES)


def codes() -> list[str]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return [f"{one}{two}" for one in letters for two in letters]


def test_control_by_one_rule_for_all_an_address_without_a_postal_code_is_none(monkeypatch):
    general: Any = postal.country("US")
    monkeypatch.setattr(postal, "country", lambda code: general)
    assert set(refused(country="AE", region="Dubai")) >= {"postalCode"}
