"""What a name or a line may be made of: nothing that breaks, turns or hides."""

import pytest

from chalicelib.kernel.contact import characters
from chalicelib.kernel.contact.characters import NotALine


@pytest.mark.parametrize(
    "text",
    [
        "Ada",
        "张伟",
        "𠮷野家",
        "José",
        "O'Brien",
        "Иван",
        "מרים\u200e",
        "می\u200cخواهم",
        "👩\u200d🚀",
        "12 B",
    ],
)
def test_names_of_any_script_are_lines(text):
    assert characters.line(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("a\nb", "a\rb", "a\u2028b", "a\u2029b", "a\x85b", "a\x0bb", "a\tb", "a\x00b"),
        *("a\u202eb", "a\u202ab", "a\u2066b", "\u2069", "a\ud800"),
        *(
            "",
            " ",
            "\u200b",
            "\u200e\u200f",
            "\u3164",
            "\u2800",
            "\U0001d159",
            "\U00013441\U00013442",
            "\u00ad",
            "\ufe0f",
            "\u115f\u1160",
        ),
    ],
    ids=ascii,
)
def test_what_breaks_a_line_turns_its_direction_or_shows_nothing_is_refused(text):
    with pytest.raises(NotALine):
        characters.line(text)


@pytest.mark.parametrize("letter", ["一", "々", "\u3400", "\U00020000", "\U0002a700", "\U00031350"])
def test_chinese_characters_beyond_the_first_plane_are_letters_too(letter):
    assert characters.is_han(letter)


@pytest.mark.parametrize("letter", ["a", "é", "あ", "А", "1", " ", "\u202e", "😀"])
def test_nothing_else_is_one(letter):
    assert not characters.is_han(letter)
