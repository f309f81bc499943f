"""Ids: derived where work may repeat, random where they open something, never free text."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel import ids

PARTS = st.lists(st.text(max_size=20), min_size=1, max_size=4)


@given(PARTS)
def test_the_same_parts_make_the_same_id(parts):
    assert ids.derived("ord", *parts) == ids.derived("ord", *parts)


@given(PARTS, PARTS)
def test_other_parts_make_another_id(left, right):
    same = "\x1f".join(left) == "\x1f".join(right)
    assert (ids.derived("ord", *left) == ids.derived("ord", *right)) == same


def test_an_id_stays_what_it_was_in_earlier_versions():
    # Orders in the tables were found under these: changing them orphans every repeat.
    assert ids.derived("ord", "crt_x", 1) == "ord_7nuy7mnpqkv7j7ixgllxw4wyda"
    assert ids.number(12, "ord_x") == "TPPRMFUQMN8X"


def test_parts_do_not_run_into_each_other():
    assert ids.derived("ord", "ab", "c") != ids.derived("ord", "a", "bc")


@given(PARTS)
def test_a_derived_id_names_its_kind_and_is_an_id(parts):
    made = ids.derived("ord", *parts)
    assert re.fullmatch(r"ord_[a-z2-7]{26}", made)
    assert ids.is_id(made)


@given(PARTS, st.integers(min_value=1, max_value=24))
def test_an_order_number_has_no_letter_that_is_misread(parts, length):
    made = ids.number(length, *parts)
    assert len(made) == length
    assert not set(made) - set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")
    assert made == ids.number(length, *parts)


def test_order_numbers_use_their_whole_alphabet_and_differ():
    made = [ids.number(12, n) for n in range(500)]
    assert len(set(made)) == 500
    assert len(set("".join(made))) == 31


def test_tokens_are_long_and_never_the_same():
    made = {ids.token("crt") for _ in range(500)}
    assert len(made) == 500
    assert all(re.fullmatch(r"crt_[a-z2-7]{32}", one) and ids.is_id(one) for one in made)


@given(st.text(max_size=70))
def test_an_id_is_letters_digits_underscore_and_hyphen_and_at_most_64(text):
    letters = string.ascii_letters + string.digits
    expected = 0 < len(text) <= 64 and text[0] in letters and not set(text) - set(letters + "_-")
    assert ids.is_id(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "../", "..%2F", "a/b", "a#b", "a.b", "a b", "a\n", "\n", "-a", "_a", "a\x00", "a" * 65,
     "１", "é"],
    ids=repr,
)  # fmt: skip
def test_what_could_lead_elsewhere_is_no_id(text):
    assert not ids.is_id(text)


@given(st.text(min_size=1), st.integers(min_value=1, max_value=99))
def test_a_shard_is_two_digits_below_the_count(key, count):
    made = ids.shard(key, count)
    assert re.fullmatch(r"\d\d", made, re.ASCII) and int(made) < count


def test_what_anybody_may_claim_is_theirs_who_claim_it_from_there():
    here = ids.identity_at("email", "Ada@shop.test ", "203.0.113.7")
    assert here == ids.identity_at("email", "ada@shop.test", "203.0.113.7")
    assert here != ids.identity_at("email", "ada@shop.test", "203.0.113.8")
    assert here != ids.identity("email", "ada@shop.test")
    assert here.startswith("email:")
    # One customer's IPv6 network is one address.
    assert ids.identity_at("email", "a@b.test", "2001:db8::1") == ids.identity_at(
        "email", "a@b.test", "2001:db8::2"
    )
