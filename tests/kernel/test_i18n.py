"""Two languages, each complete, and the right one for whoever asks."""

import re
import string
from pathlib import Path

import pytest

from chalicelib.kernel import i18n
from chalicelib.kernel.errors import ShopError
from chalicelib.orders.rules import Reason
from tests.loading import run_every_module

LIB = Path(i18n.__file__).parent.parent
ENGLISH, CHINESE = i18n.texts("en"), i18n.texts("zh-CN")


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


run_every_module()


def error_classes(base: type[ShopError] = ShopError) -> set[type[ShopError]]:
    return {base}.union(*(error_classes(kind) for kind in base.__subclasses__()))


def test_both_languages_have_the_same_texts():
    assert ENGLISH.keys() == CHINESE.keys()


@pytest.mark.parametrize("name", sorted(ENGLISH))
def test_a_text_has_the_same_gaps_in_both_languages(name):
    assert placeholders(ENGLISH[name]) == placeholders(CHINESE[name])
    assert ENGLISH[name].strip() and CHINESE[name].strip()


def test_chinese_is_chinese():
    same = {name for name in ENGLISH if ENGLISH[name] == CHINESE[name]}
    assert same == set()


@pytest.mark.parametrize(
    "kind",
    sorted((k for k in error_classes() if k.__module__.startswith("chalicelib")), key=repr),
    ids=lambda kind: kind.__name__,
)
def test_every_error_has_words_in_both_languages(kind):
    assert kind.code in ENGLISH and kind.code in CHINESE


def test_the_walk_finds_the_errors_of_every_context():
    # A control: a walk that found nothing would pass every test above.
    contexts = {kind.__module__.split(".")[1] for kind in error_classes()}
    assert {"kernel", "cart", "catalog", "checkout", "inventory", "orders", "payments"} <= contexts


def test_every_text_that_code_names_is_there():
    named = set()
    for path in LIB.rglob("*.py"):
        named |= set(re.findall(r"\"((?:field|history)\.[a-z_]+)\"", path.read_text("utf-8")))
    assert named and named <= ENGLISH.keys()


@pytest.mark.parametrize("reason", list(Reason))
def test_every_step_of_an_order_has_words(reason):
    assert f"history.{reason}" in ENGLISH


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "en"),
        ("", "en"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh", "zh-CN"),
        ("zh-CN", "zh-CN"),
        ("zh-TW;q=0.9, en;q=0.5", "zh-CN"),
        ("ZH-hans", "zh-CN"),
        ("fr", "en"),
        ("fr, zh;q=0.1", "zh-CN"),
        ("en;q=0.5, zh;q=0.6", "zh-CN"),
        ("zh;q=0", "en"),
        ("zh ; q=0.9", "zh-CN"),
        ("zh ;q=0.9, en; q=0.8", "zh-CN"),
        ("zh-CN ; q = 0.9 , en ; q = 0.95", "en"),
        ("zh; Q=0.9", "zh-CN"),
        ("zh_CN", "zh-CN"),
        ("zh;q=inf, en", "en"),
        ("zh;q=nan", "en"),
        ("zh;q=-1", "en"),
        ("zh;q=1.001", "en"),
        ("zh;q=0, en;q=0", "en"),
        ("zh;q=lots", "en"),
        ("*", "en"),
        ("zh;q=0.5;x=1", "en"),
        (";;;,,,=", "en"),
        ("zhx", "en"),
        ("fr," * 1000 + "zh", "en"),
    ],
)
def test_the_language_is_the_best_one_the_shop_speaks(header, locale):
    assert i18n.negotiate(header) == locale


def test_a_text_with_a_gap_too_many_still_reads():
    assert "{" not in i18n.text("en", "QUANTITY_LIMIT")


def test_a_name_without_words_is_told_as_it_is():
    assert i18n.text("zh-CN", "NO_SUCH_TEXT") == "NO_SUCH_TEXT"


def test_what_a_client_sent_is_never_read_as_a_template():
    assert i18n.text("en", "VARIANT_WITHDRAWN", {"name": "{limit}"}).startswith("{limit}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"en": "one", "zh-CN": "一"}, "一"),
        ({"en": "one"}, "one"),
        ("plain", "plain"),
        (None, None),
    ],
)
def test_a_localised_value_falls_back_to_english(value, expected):
    assert i18n.localised(value, "zh-CN") == expected
