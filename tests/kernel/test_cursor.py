"""Where a list goes on: of that list alone, made by the shop alone."""

import base64
import json

import pytest

from chalicelib.kernel.web import cursor
from chalicelib.kernel.web.cursor import CursorInvalid
from tests import stage


def ring(*names: str) -> dict[str, str]:
    """A stage's keys, the first one current."""
    keys = {name: base64.b64encode(name.encode() * 32).decode() for name in names}
    return {"auth/keys": json.dumps({"current": names[0], "keys": keys})}


def test_a_cursor_brings_back_where_it_was_made(tables):
    assert cursor.unseal("mine", cursor.seal("mine", ["a", 7])) == ["a", 7]


def test_a_cursor_of_another_list_is_none(tables):
    with pytest.raises(CursorInvalid):
        cursor.unseal("theirs", cursor.seal("mine", ["a", 7]))


def test_no_letter_of_a_cursor_can_be_changed(tables):
    sealed = cursor.seal("mine", ["a", 7])
    for place, letter in enumerate(sealed[:-1]):
        spoilt = sealed[:place] + ("A" if letter != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(CursorInvalid):
            cursor.unseal("mine", spoilt)


@pytest.mark.parametrize("text", ["", "x", "====", "é", "a" * 2000, "WyJhIiw3XQ", "a b", "a\n"])
def test_what_nobody_sealed_is_refused(tables, text):
    with pytest.raises(CursorInvalid):
        cursor.unseal("mine", text)


def test_keys_that_turn_leave_old_cursors_good_until_they_are_taken_out():
    with stage.in_process(ring("old")):
        sealed = cursor.seal("mine", [1])
    with stage.in_process(ring("new", "old")):
        assert cursor.unseal("mine", sealed) == [1]
        assert cursor.unseal("mine", cursor.seal("mine", [2])) == [2]
    with stage.in_process(ring("new")), pytest.raises(CursorInvalid):
        cursor.unseal("mine", sealed)


def test_control_without_the_signature_anybody_makes_a_cursor(tables, monkeypatch):
    made_up = base64.urlsafe_b64encode(b"x" * 16 + b'["theirs",1]').decode().rstrip("=")
    with pytest.raises(CursorInvalid):
        cursor.unseal("mine", made_up)
    monkeypatch.setattr(cursor.hmac, "compare_digest", lambda left, right: True)
    assert cursor.unseal("mine", made_up) == ["theirs", 1]
