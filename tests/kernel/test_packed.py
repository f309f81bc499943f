"""Packed text is the same when it is unpacked, and what was packed otherwise is told."""

import pytest

from chalicelib.kernel.packed import Packed

TEXT = '{"type": "checkout.session.completed", "name": "Zoë 茶"}' * 20


@pytest.fixture
def words(tmp_path):
    made = tmp_path / "words.txt"
    made.write_text('{"type": "checkout.session.completed", "name": ')
    return made


def test_what_is_packed_is_small_and_comes_back_as_it_was(words):
    for packed in (Packed(), Packed(words=words)):
        kept = packed.serialize(TEXT)
        assert len(kept) < len(TEXT) / 5
        assert packed.deserialize(kept) == TEXT
    assert Packed().deserialize(Packed().serialize("")) == ""


def test_words_make_a_short_text_small(words):
    text = TEXT[:56]
    with_words = Packed(words=words).serialize(text)
    assert len(with_words) < len(Packed().serialize(text)) * 0.7


def test_what_was_packed_with_other_words_is_no_text(words):
    kept = Packed(words=words).serialize(TEXT)
    for wrong in (kept[:-5], b"junk", b""):
        with pytest.raises(ValueError):
            Packed(words=words).deserialize(wrong)
    with pytest.raises(ValueError):
        Packed().deserialize(kept)


def test_what_claims_to_be_endless_is_not_unpacked(monkeypatch):
    monkeypatch.setattr("chalicelib.kernel.packed.MOST_BYTES", 1000)
    with pytest.raises(ValueError):
        Packed().deserialize(Packed().serialize("x" * 100_000))
