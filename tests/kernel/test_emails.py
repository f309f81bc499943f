"""One mailbox, one normal form, one digest; what cannot be mailed is no address."""

import pytest

from chalicelib import config
from chalicelib.kernel.contact import emails
from chalicelib.kernel.contact.emails import NotMailable
from chalicelib.kernel.ids import identity

UMLAUT, PUNYCODE = "u@bücher.example", "u@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("ada@example.com", "ada@example.com"),
        (" ada@example.com ", "ada@example.com"),
        ("\u00a0ada@example.com\u200b", "ada@example.com"),
        ("\ufeffada@example.com\u202c", "ada@example.com"),
        ("O'Brien+shop@Example.IE", "O'Brien+shop@example.ie"),
        (UMLAUT, PUNYCODE),
        (PUNYCODE, PUNYCODE),
        ("u@BÜCHER.Example", PUNYCODE),
        ("u@bu\u0308cher.example", PUNYCODE),
        ("ada@example。com", "ada@example.com"),
    ],
)
def test_an_address_has_one_normal_form_however_it_is_typed(typed, normal):
    assert emails.normal(typed) == normal
    assert emails.normal(normal) == normal


@pytest.mark.parametrize(
    "typed",
    [
        "小明@shop.example",
        "jürgen@example.com",
        *("", "ada", "ada@", "@example.com", "a..b@example.com", ".a@example.com"),
        *("a.@example.com", "x" * 65 + "@example.com", "a@127.0.0.1", "a@[127.0.0.1]"),
        *("a@example", "a@localhost", "a@-example.com", "a@exa_mple.com", "a@example.com?x=1"),
        *("a@" + "d" * 64 + ".com", "a@example.com.", "a@shop.invalid", "a@shop.local"),
        *('"a b"@example.com', "Ada <ada@example.com>", "a@b@example.com", "a b@example.com"),
        *("ada@example.com\n", "ada@example.com\r\nBcc: x@example.com", "a\u202e@example.com"),
        *("\u212aim@example.com", "kim@\u017fhop.example", "\uff4bim@example.com"),
    ],
    ids=ascii,
)
def test_what_cannot_be_mailed_or_reads_as_another_one_is_refused(typed):
    with pytest.raises(NotMailable):
        emails.normal(typed)


def test_the_longest_part_before_the_at_is_taken():
    assert emails.normal("x" * 64 + "@example.com")


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_mail_to_a_test_domain_bounces_and_is_taken_at_home_only(monkeypatch, stage):
    assert emails.normal("ada@shop.test") == "ada@shop.test"
    monkeypatch.setenv("STAGE", stage)
    monkeypatch.setenv("TABLE_PREFIX", "x-")
    config.settings.cache_clear()
    try:
        with pytest.raises(NotMailable):
            emails.normal("ada@shop.test")
        assert emails.normal("ada@example.com")
    finally:
        config.settings.cache_clear()


def test_two_spellings_of_a_domain_are_one_mailbox():
    assert emails.key(UMLAUT) == emails.key(PUNYCODE) == emails.key("U@BÜCHER.example ")


def test_control_by_its_letters_alone_one_mailbox_is_two():
    assert identity("email", UMLAUT) != identity("email", PUNYCODE)


@pytest.mark.parametrize(
    "email", ["ada@example.com", "Ada.B+c@Sub.Example.com", " ada@example.com", "小明@shop.example"]
)
def test_ordinary_addresses_keep_the_digest_that_rows_have_already(email):
    assert emails.keys(email) == (identity("email", email),)


def test_rows_that_know_a_mailbox_by_its_own_letters_are_found():
    assert emails.keys(PUNYCODE) == (identity("email", PUNYCODE), identity("email", UMLAUT))
    assert emails.in_own_letters(PUNYCODE) == UMLAUT
    assert emails.in_own_letters("ada@example.com") == "ada@example.com"


@pytest.mark.parametrize("stored", ["a..ü@example.com", "erased", "x@xn--a.com"])
def test_what_older_rules_stored_has_a_digest_and_raises_nothing(stored):
    assert emails.key(stored).startswith("email:")
