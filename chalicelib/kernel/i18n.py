"""Texts for people, in the language they asked for. English is complete and the fallback."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LOCALES = ("en", "zh-CN")
FALLBACK = "en"


class Named(str):
    """A parameter that is itself the name of a text, e.g. what a country calls a field."""


@cache
def texts(locale: str) -> dict[str, str]:
    """All texts of one locale, by code."""
    path = Path(__file__).parent / "texts" / f"{locale}.json"
    loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def text(locale: str, name: str, params: Mapping[str, Any] | None = None) -> str:
    """The text called `name`; English when the locale lacks it, the name itself when both do."""
    template = texts(locale).get(name) or texts(FALLBACK).get(name) or name
    return template.format_map(
        _Lenient(
            (key, text(locale, value) if isinstance(value, Named) else value)
            for key, value in (params or {}).items()
        )
    )


def negotiate(accept_language: str | None) -> str:
    """The best locale for an `Accept-Language` header: `zh-TW;q=0.9, en;q=0.5` gives `zh-CN`."""
    best, best_weight = FALLBACK, 0.0
    for entry in (accept_language or "").split(",")[:20]:
        # Blanks may stand around the semicolon (RFC 9110, 12.4.2); around "=" some write them too.
        tag, *parameters = ("".join(part.split()) for part in entry.split(";"))
        locale, weight = closest(tag), _weight(parameters)
        if locale and weight > best_weight:
            best, best_weight = locale, weight
    return best


def _weight(parameters: list[str]) -> float:
    """What `q` says, 1 where nobody does, 0 for anything but one number from 0 to 1."""
    if not parameters:
        return 1.0
    try:
        weight = float(";".join(parameters).lower().removeprefix("q="))
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def closest(tag: str | None) -> str | None:
    """The shop's locale for a language tag: any Chinese is zh-CN, any English en, else None."""
    language = (tag or "").replace("_", "-").partition("-")[0].lower()
    return {"zh": "zh-CN", "en": "en"}.get(language)


def localised(value: Any, locale: str) -> Any:
    """One language of a `{"en": …, "zh-CN": …}` map; anything else as it is."""
    if isinstance(value, Mapping) and FALLBACK in value:
        return value.get(locale) or value[FALLBACK]
    return value


class _Lenient(dict[str, Any]):
    """A text with a parameter too few still reads; it never raises in the way of an answer."""

    def __missing__(self, key: str) -> str:
        return "…"
