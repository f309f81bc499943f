"""Packed text is the same when it is unpacked, and what was packed otherwise is told."""

import hashlib

import pytest

from chalicelib.kernel import tables as kernel_tables
from chalicelib.kernel.db.packed import Packed
from chalicelib.webhooks import tables

TEXT = '{"type": "checkout.session.completed", "name": "Zoë 茶"}' * 20


@pytest.fixture
def words(tmp_path):
    made = tmp_path / "words.txt"
    made.write_text('{"type": "checkout.session.completed", "name": ')
    return made


def test_what_is_packed_is_small_and_comes_back_as_it_was(words):
    for packed in (Packed(), Packed(words=words)):
        kept = packed.serialize(TEXT)
        assert len(kept) < len(TEXT) / 4
        assert packed.deserialize(kept) == TEXT
    assert Packed().deserialize(Packed().serialize("")) == ""


def test_words_make_a_short_text_small(words):
    text = TEXT[:56]
    with_words = Packed(words=words).serialize(text)
    assert len(with_words) < len(Packed().serialize(text)) * 0.7


def test_what_was_packed_with_other_words_is_no_text(words):
    kept = Packed(words=words).serialize(TEXT)
    for wrong in (kept[:-8], "junk", "no text of ours!", ""):
        with pytest.raises(ValueError):
            Packed(words=words).deserialize(wrong)
    with pytest.raises(ValueError):
        Packed().deserialize(kept)


def test_what_claims_to_be_endless_is_not_unpacked(monkeypatch):
    monkeypatch.setattr("chalicelib.kernel.db.packed.MOST_BYTES", 1000)
    with pytest.raises(ValueError):
        Packed().deserialize(Packed().serialize("x" * 100_000))


@pytest.mark.parametrize(
    ("words", "digest"),
    [
        (tables.WORDS, "28b518f0c5749d32381c926b1ea25afd7375c55330225256ef3ac8301f90fbec"),
        (
            kernel_tables.ANSWER_WORDS,
            "f99c2b6fc48bc077485c44bc75782fc4ad5ccdb4ceee71cf644c59d7a195fcf9",
        ),
    ],
)
def test_words_that_rows_were_packed_with_never_change(words, digest):
    """Else none of those rows could be read any more; see kernel/db/packed.py."""
    assert hashlib.sha256(words.read_bytes()).hexdigest() == digest
