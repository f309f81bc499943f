"""Which texts the storefront's modules ask for, told from their sources."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from tools.storefront import STOREFRONT

# `t("cart.empty")`, and keys that are handed on as data: "field.missing".
LITERAL = re.compile(r'"([a-zA-Z]+(?:\.[\w-]+)*)"')
# t(`order.${view}.title`): fits every key with something in the gap.
TEMPLATE = re.compile(r"`([a-zA-Z]+\.[^`\s]*\$\{[^`]*)`")
GAP = re.compile(r"\$\{[^}]*\}")
SINGLE = re.compile(r'\bt\(\s*"(\w+)"')
PLACEHOLDER = re.compile(r"\{(\w+)\}")


FOLDER = STOREFRONT / "shop" / "texts"
# Of the texts, those that every page reads, and those of the pages that name their folder.
COMMON, ACCOUNT, ORDER = "", "account/", "order/"
DATA_TEXTS = re.compile(r'<html [^>]*data-texts="([^"]+)"')


def read(language: str, folder: str = COMMON) -> dict[str, str | dict[str, str]]:
    path = FOLDER / folder / f"{language}.json"
    texts: dict[str, str | dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def read_all(language: str) -> dict[str, str | dict[str, str]]:
    """Every text of a language; none stands in two folders."""
    found: dict[str, str | dict[str, str]] = {}
    for folder in (COMMON, ACCOUNT, ORDER):
        texts = read(language, folder)
        assert not found.keys() & texts.keys()
        found |= texts
    return found


def folder_of(page: Path) -> str:
    """The folder that a page names beside the common one, if any."""
    found = DATA_TEXTS.search(page.read_text(encoding="utf-8"))
    return found[1] if found else COMMON


def forms(text: str | dict[str, str]) -> list[str]:
    """All wordings of a text: one, or one for each plural form."""
    return list(text.values()) if isinstance(text, dict) else [text]


def placeholders(text: str | dict[str, str]) -> set[str]:
    return {name for form in forms(text) for name in PLACEHOLDER.findall(form)}


def asked_for(
    sources: Iterable[str], keys: Iterable[str]
) -> tuple[set[str], list[re.Pattern[str]]]:
    """Keys named in the sources, and patterns of keys put together there.

    A dotted string counts as a key when its first part is one that texts begin with.
    """
    families = {key.split(".")[0] for key in keys if "." in key}
    named: set[str] = set()
    patterns = []
    for source in sources:
        named |= set(SINGLE.findall(source))
        named |= {
            one for one in LITERAL.findall(source) if "." in one and one.split(".")[0] in families
        }
        for template in TEMPLATE.findall(source):
            if template.split(".")[0] in families:
                parts = [re.escape(part) for part in GAP.split(template)]
                patterns.append(re.compile(r"[\w-]+".join(parts)))
    return named, patterns
