"""Both languages say the same things, and every thing that pages say."""

from pathlib import Path

import pytest

from tests.web import texts
from tools import storefront as modules
from tools.storefront import LANGUAGES, own_modules, pages

ENGLISH = texts.read_all("en")
SOURCES = [path.read_text(encoding="utf-8") for path in own_modules()]


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(texts.read_all("zh-CN")) == list(ENGLISH)


def test_both_languages_fill_in_the_same_things() -> None:
    chinese = texts.read_all("zh-CN")
    differing = [
        key
        for key, text in ENGLISH.items()
        if texts.placeholders(text) != texts.placeholders(chinese[key])
    ]
    assert differing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    assert [
        key
        for key, text in texts.read_all(language).items()
        if not all(map(str.strip, texts.forms(text)))
    ] == []


@pytest.mark.parametrize(("language", "needed"), [("en", {"one", "other"}), ("zh-CN", {"other"})])
def test_a_counted_text_has_every_plural_form_of_its_language(
    language: str, needed: set[str]
) -> None:
    counted = {
        key: text for key, text in texts.read_all(language).items() if isinstance(text, dict)
    }
    assert counted, "the shop counts things"
    assert [key for key, text in counted.items() if set(text) != needed] == []


def test_chinese_is_not_english_left_over() -> None:
    chinese = texts.read_all("zh-CN")
    assert [key for key, text in ENGLISH.items() if text == chinese[key]] == []


def test_every_text_that_a_page_asks_for_is_there() -> None:
    named, patterns = texts.asked_for(SOURCES, ENGLISH)
    assert named - set(ENGLISH) == set()
    assert [one.pattern for one in patterns if not any(map(one.fullmatch, ENGLISH))] == []


def everything_of(page: Path) -> set[Path]:
    """The modules of a page, those included that it fetches later."""
    found = set(modules.walk(modules.entry_of(page)))
    for module in list(found):
        for later in modules.imports_later(module):
            found |= set(modules.walk(later))
    return {module for module in found if modules.VENDOR not in module.parents}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_reads_the_folders_of_all_texts_that_it_asks_for(page: Path) -> None:
    there = {**texts.read("en"), **texts.read("en", texts.folder_of(page))}
    sources = [module.read_text(encoding="utf-8") for module in everything_of(page)]
    named, patterns = texts.asked_for(sources, ENGLISH)
    assert named - set(there) == set()
    assert [one.pattern for one in patterns if not any(map(one.fullmatch, there))] == []


def test_every_text_is_asked_for() -> None:
    named, patterns = texts.asked_for(SOURCES, ENGLISH)
    unused = [
        key
        for key in ENGLISH
        if key not in named and not any(pattern.fullmatch(key) for pattern in patterns)
    ]
    assert unused == []


def test_a_text_that_nobody_wrote_is_noticed() -> None:
    named, _ = texts.asked_for(['t("cart.neverWritten")'], ENGLISH)
    assert named == {"cart.neverWritten"}
