"""Both languages say the same things, and every thing that pages say."""

import pytest

from tests.web import texts
from tests.web.modules import LANGUAGES, own_modules

ENGLISH = texts.read("en")
SOURCES = [path.read_text(encoding="utf-8") for path in own_modules()]


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(texts.read("zh-CN")) == list(ENGLISH)


def test_both_languages_fill_in_the_same_things() -> None:
    chinese = texts.read("zh-CN")
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
        for key, text in texts.read(language).items()
        if not all(map(str.strip, texts.forms(text)))
    ] == []


@pytest.mark.parametrize(("language", "needed"), [("en", {"one", "other"}), ("zh-CN", {"other"})])
def test_a_counted_text_has_every_plural_form_of_its_language(
    language: str, needed: set[str]
) -> None:
    counted = {key: text for key, text in texts.read(language).items() if isinstance(text, dict)}
    assert counted, "the shop counts things"
    assert [key for key, text in counted.items() if set(text) != needed] == []


def test_chinese_is_not_english_left_over() -> None:
    chinese = texts.read("zh-CN")
    assert [key for key, text in ENGLISH.items() if text == chinese[key]] == []


def test_every_text_that_a_page_asks_for_is_there() -> None:
    named, patterns = texts.asked_for(SOURCES, ENGLISH)
    assert named - set(ENGLISH) == set()
    assert [one.pattern for one in patterns if not any(map(one.fullmatch, ENGLISH))] == []


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
