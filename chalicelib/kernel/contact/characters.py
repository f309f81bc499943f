"""What a name or a line of text may be made of.

A label, a mail and a list show it in one line, among other texts: it must not break the line, turn
the direction of what follows, or look like nothing.
"""

import unicodedata

# Embeddings, overrides, isolates: they turn the text around them (Unicode's UAX 9). The marks
# U+200E, U+200F and U+061C, which Arabic and Hebrew need, turn nothing but themselves.
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_ENDS = frozenset("\u2028\u2029")
# Letters and signs by their category, and yet nothing to see: fillers of Hangul and Khmer, the
# Braille pattern without dots, the null notehead, blanks among hieroglyphs.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5\u2800\U0001d159\U00013441\U00013442")
_HAN = ("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH")
_VISIBLE = ("L", "N", "P", "S")


class NotALine(ValueError):
    """It breaks the line, turns the direction of others, or shows nothing."""


def line(text: str) -> str:
    """The text as it is. Raises NotALine."""
    if any(_breaks(letter) for letter in text) or not is_visible(text):
        raise NotALine
    return text


def is_visible(text: str) -> bool:
    """Whether there is anything to see in it."""
    return any(
        letter not in _BLANK and unicodedata.category(letter).startswith(_VISIBLE)
        for letter in text
    )


def is_han(letter: str) -> bool:
    """Whether it is a Chinese character, those beyond U+FFFF included."""
    return (
        letter == "々"
        or unicodedata.name(letter, "").startswith(_HAN)
        # The planes kept for them, whatever this Python's table has a name for.
        or 0x20000 <= ord(letter) <= 0x3FFFD
    )


def _breaks(letter: str) -> bool:
    return letter in BIDI or letter in _LINE_ENDS or unicodedata.category(letter) in ("Cc", "Cs")
