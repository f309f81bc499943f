"""Whether a parcel can be sent to an address: what its country needs, in one spelling.

A form asks by the same data (`postal`), so that what it lets pass is taken.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from chalicelib.kernel.contact import phones, postal
from chalicelib.kernel.contact.postal import Country, Region
from chalicelib.kernel.errors import FieldError
from chalicelib.kernel.i18n import Named

_NEEDED = ("name", "line1", "district", "city", "region", "postalCode")


def checked(fields: Mapping[str, str]) -> tuple[dict[str, str], list[FieldError]]:
    """The address in one spelling, and what is wrong with it, by field of the wire.

    `fields` has `country` and those fields that say something. What a country does not ask for is
    kept as it was typed: a carrier may still want it.
    """
    country = postal.country(fields["country"])
    if country is None:
        return dict(fields), [FieldError("country", "field.country_unknown")]
    found, wrong = dict(fields), []
    region, regions_wrong = _region(country, found)
    wrong += _missing(country, region, found)
    wrong += regions_wrong
    wrong += _postal(country, region, found)
    wrong += _phone(country, found)
    return found, wrong


def phone_needed() -> FieldError:
    """The complaint that a carrier of the address's country needs a phone number."""
    return FieldError("phone", "field.phone_needed")


def _missing(country: Country, region: Region | None, found: Mapping[str, str]) -> list[FieldError]:
    return [
        FieldError(field, "field.needed", {"label": Named(country.label(field))})
        for field in _NEEDED
        if country.needs_field(field, region) and not found.get(field)
    ]


def _region(country: Country, found: dict[str, str]) -> tuple[Region | None, list[FieldError]]:
    typed = found.get("region")
    if not typed or not country.regions:
        return None, []
    known = country.region(typed)
    if known:
        found["region"] = known[1]
        return known[0], []
    if not country.needs_field("region"):
        return None, []
    return None, [FieldError("region", "field.region", {"label": Named(country.label("region"))})]


def _postal(country: Country, region: Region | None, found: dict[str, str]) -> list[FieldError]:
    typed = found.get("postalCode")
    whole = (region and region.own_postal) or country.postal
    if not typed or not whole:
        return []
    code = next((one for one in _codes(typed, country) if re.fullmatch(whole, one)), _code(typed))
    params = {"label": Named(country.label("postalCode")), "example": _example(country, region)}
    if not re.fullmatch(whole, code):
        return [FieldError("postalCode", "field.postal_code", params)]
    if region and region.postal and not re.match(f"(?:{region.postal})", code):
        params = {**params, "region": Named(country.label("region"))}
        return [FieldError("postalCode", "field.postal_region", params)]
    found["postalCode"] = code
    return []


def _code(typed: str) -> str:
    """Capitals and plain digits, without the mark that some put before."""
    code = unicodedata.normalize("NFKC", typed).upper().replace("〒", "").strip()
    return re.sub(r"[\u2010-\u2015\u2212]", "-", code)


def _codes(typed: str, country: Country) -> Iterator[str]:
    """What may be meant, the likeliest first: as it was typed; without the country's letters, which
    some put before, or with them, which belong to it in others (`LV-1073`); and with its blanks
    and dashes where the country's examples have them (`00-950` for `00950`)."""
    code = _code(typed)
    yield code
    bare = re.sub(rf"^{country.code}[- ]?(?=\d)", "", code)
    yield bare
    yield f"{country.code}-{bare}"
    for example in country.postal_examples:
        yield _laid_out(code, example)


def _laid_out(code: str, example: str) -> str:
    """The code's letters and digits with what stands between them in the example; as it is when
    there are not just as many."""
    letters = [letter for letter in code if letter.isalnum()]
    if len(letters) != sum(letter.isalnum() for letter in example):
        return code
    rest = iter(letters)
    return "".join(next(rest) if letter.isalnum() else letter for letter in example)


def _example(country: Country, region: Region | None) -> str:
    own = (region and region.own_postal) or ""
    return own if own.isdecimal() else ", ".join(country.postal_examples)


def _phone(country: Country, found: dict[str, str]) -> list[FieldError]:
    if not found.get("phone"):
        return []
    try:
        found["phone"] = phones.e164(found["phone"], country.code)
    except phones.NotAPhone:
        return [FieldError("phone", "field.phone")]
    return []
