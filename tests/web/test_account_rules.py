"""What the account's pages decide by themselves: what is open to whom, and a filled-in form."""

from typing import Any

import pytest

from chalicelib.accounts.rules import WeakPassword, check_password
from tests.web.node import call

RULES = "shop/account-rules.js"

PASSWORDS = [
    "Right-1pass",
    "short1!",
    "no-capital-1",
    "NO-SMALL-1",
    "No-digit-here",
    "NoSpecial123",
    "Thrice-aaa1",
    "Spaces only 1A",
    "Ünïcode-9ß",
    "密码Aa1!密码密码",
    "Fullwidth\uff21a1!",
    "A1!" + "ab" * 63,
    "",
]


@pytest.mark.parametrize("password", PASSWORDS)
def test_the_page_and_the_shop_agree_about_passwords(password: str) -> None:
    kept = all(rule["met"] for rule in call(RULES, "passwordRules", password))
    try:
        check_password(password)
    except WeakPassword:
        assert not kept
    else:
        assert kept


def test_each_rule_of_a_password_is_told_by_itself() -> None:
    met = {rule["name"] for rule in call(RULES, "passwordRules", "abc")}
    assert met == {"length", "upper", "lower", "digit", "special", "thrice"}
    kept = {rule["name"] for rule in call(RULES, "passwordRules", "abc") if rule["met"]}
    assert kept == {"lower", "thrice"}


@pytest.mark.parametrize(
    ("asked", "signed_in", "view"),
    [
        (None, False, "sign-in"),
        ("addresses", False, "sign-in"),
        ("register", False, "register"),
        ("nonsense", False, "sign-in"),
        (None, True, "orders"),
        ("addresses", True, "addresses"),
        ("register", True, "orders"),
        ("verify", True, "verify"),
        ("reset", True, "reset"),
    ],
)
def test_the_address_asks_and_the_sign_in_decides(asked: Any, signed_in: bool, view: str) -> None:
    assert call(RULES, "viewOf", asked, signed_in) == view


def faults(form: str, **values: str) -> dict[str, str]:
    fields = form_of(form)
    found: dict[str, str] = call(RULES, "faultsOf", fields, values)
    return found


def form_of(name: str) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = call(RULES, "formOf", name)
    return fields


def test_what_is_missing_and_what_looks_wrong_is_named() -> None:
    assert faults("sign-in") == {"email": "field.missing", "password": "field.missing"}
    assert faults("register", email="ada@example", password="weak", username="a b") == {
        "email": "field.emailWrong",
        "username": "field.usernameWrong",
        "password": "field.passwordWeak",
    }


@pytest.mark.parametrize("name", ["admin", "ROOT", "myadmin2", "x", "with space", "a" * 21])
def test_a_name_that_the_shop_would_refuse_is_refused_before(name: str) -> None:
    assert faults("profile", username=name, locale="en") == {"username": "field.usernameWrong"}


def test_a_password_that_is_signed_in_with_is_judged_by_the_shop_alone() -> None:
    # It may be older than today's rules.
    assert faults("sign-in", email="ada@example.com", password="old") == {}


def test_spaces_around_a_password_are_sent_as_typed() -> None:
    values = {"email": " ada@example.com ", "password": " Pass-1word "}
    sent = call(RULES, "requestOf", form_of("sign-in"), values)
    assert sent == {"email": "ada@example.com", "password": " Pass-1word "}


def test_what_is_left_empty_is_left_out_or_said_to_be_nothing() -> None:
    values = {"username": "ada", "locale": "en", "phone": " "}
    left_out = call(RULES, "requestOf", form_of("profile"), values)
    assert left_out == {"username": "ada", "locale": "en"}
    cleared = call(RULES, "requestOf", form_of("profile"), values, {"clear": True})
    assert cleared == {**left_out, "phone": None, "gender": None, "birthday": None}


def test_a_refusal_goes_to_its_field_and_nowhere_else() -> None:
    error = {"errors": [{"field": "username", "message": "Taken."}, {"field": "x", "message": "?"}]}
    found = call(RULES, "faultsOfAnswer", form_of("profile"), error)
    assert found == {"username": "Taken."}


def line(variant: str, quantity: int) -> dict[str, Any]:
    return {"variantId": variant, "name": variant.title(), "quantity": quantity}


def mixed(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Any:
    return call("shop/mixed.js", "mixed", before, after)


def test_a_cart_that_only_came_along_needs_no_words() -> None:
    assert mixed([line("mug", 2)], [line("mug", 2)]) is None
    assert mixed([], [line("mug", 2)]) is None


def test_carts_that_became_one_are_told() -> None:
    assert mixed([line("mug", 2)], [line("mug", 3)]) == {"count": 2, "short": []}
    both = mixed([line("mug", 2)], [line("mug", 2), line("car", 1)])
    assert both == {"count": 2, "short": []}


def test_what_had_no_room_is_named() -> None:
    after = [line("mug", 1), line("car", 1)]
    assert mixed([line("mug", 2), line("pen", 1)], after) == {"count": 3, "short": ["Mug", "Pen"]}


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/156.0.0.0 Safari/537.36",
            "Chrome · Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/156.0 Safari/537.36 Edg/156.0",
            "Edge · Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
            "Safari · iPhone",
        ),
        (
            "Mozilla/5.0 (Android 16; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0",
            "Firefox · Android",
        ),
        ("curl/8.14", ""),
        ("", ""),
    ],
)
def test_a_device_is_told_in_words_that_people_use(agent: str, name: str) -> None:
    assert call("shop/device.js", "deviceName", agent) == name
