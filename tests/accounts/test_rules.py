"""Passwords, names, numbers, addresses: what they must look like."""

import pytest

from chalicelib.accounts import rules
from chalicelib.accounts.rules import WeakPassword
from chalicelib.kernel.errors import Invalid

GOOD = "Aa1!bcde"


def broken(password: str) -> set[str]:
    """The names of the rules that the password breaks."""
    try:
        rules.check_password(password)
    except WeakPassword as error:
        return {entry.text.removeprefix("password.") for entry in error.fields}
    return set()


@pytest.mark.parametrize(
    "password",
    [GOOD, "Aa1!" + "bc" * 62, "密码Aa1!很长", "Ünïcödé 9 §", "Aa1 !bcd", "aabbccA1!", "Aa1！bcde"],
)
def test_a_password_that_keeps_all_rules_is_taken(password):
    assert broken(password) == set()


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("Aa1!bcd", "length"),
        ("Aa1!" + "bc" * 62 + "d", "length"),
        ("aa1!bcde", "upper"),
        ("AA1!BCDE", "lower"),
        ("Aab!bcde", "digit"),
        ("Aa1bcdef", "special"),
        ("Aa1 bcdef", "special"),
        ("Aa1!bbbd", "thrice"),
        ("Aa111!bcd", "thrice"),
        ("Aa1!!!bcd", "thrice"),
        ("Aa1!bcd\x00", "unicode"),
        ("Aa1!bcde\ud800", "unicode"),
    ],
)
def test_each_rule_is_told_by_name(password, rule):
    assert broken(password) == {rule}


def test_the_same_password_typed_on_another_keyboard_is_the_same():
    assert rules.password_text("Pa\u0308sswort1!") == rules.password_text("P\u00e4sswort1!")


@pytest.mark.parametrize("name", ["Ada", "li_9", "小明", "𠮷野", "a" * 20, "𠮷" * 20, " Ada "])
def test_a_name_is_taken(name):
    assert rules.username(name) == name.strip()


@pytest.mark.parametrize(
    "name",
    [
        *("a", "a" * 21, "a b", "a-b", "", "admin", "ROOT", "System", "administrator", "é1", "a😀"),
        *("rooted", "my_ADMIN_2", "ecosystem", "Аdmin", "a\u202eb", "𠮷"),
    ],
)
def test_what_is_no_name_or_reserved_is_not(name):
    with pytest.raises(Invalid):
        rules.username(name)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("+442071838750", "+442071838750"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+49 0176 12345678", "+4917612345678"),
        ("86 13800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+٩٧١٥٠١٢٣٤٥٦٧", "+971501234567"),
        ("tel:+14155550123", "+14155550123"),
        ("\u202a+14155550123\u202c", "+14155550123"),
    ],
)
def test_a_number_becomes_e164_and_a_bare_mainland_one_is_chinese(typed, number):
    assert rules.phone(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "12345",
        "+0123456789",
        "4155552671",
        "+1415555267112345",
        "+١٢٣٤٥٦٧٨",
        "",
        "tel:1",
        "+999999999999999",
        "+1234567",
        "+1 415 555 0123 x5",
        "+1 415 555 0123;ext=5",
        "call +1 415 555 0123",
        "12800138000",
    ],
)
def test_what_is_no_number_is_not(typed):
    with pytest.raises(Invalid):
        rules.phone(typed)


def test_an_address_has_one_key_whatever_its_capitals():
    assert rules.email_key("Ada@Shop.test") == rules.email_key("ada@shop.test ")
    assert rules.email_key("ada@shop.test") != rules.email_key("adb@shop.test")
    assert "ada" not in rules.email_key("ada@shop.test")


def test_the_oldest_known_address_makes_room():
    known = {f"ip:{number}": number for number in range(rules.MAX_KNOWN)}
    found = rules.remembered(known, "ip:new", 1_000)
    assert len(found) == rules.MAX_KNOWN
    assert "ip:new" in found and "ip:0" not in found
