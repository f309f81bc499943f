"""A passphrase as the buyer types it: read, known again, shown without being shown."""

import re
from unicodedata import category, normalize

from chalicelib.kernel import sealing
from chalicelib.kernel.errors import FieldError, Invalid

PURPOSE = "red-packet"
MOST_CHARACTERS = 64
SHOWN_CHARACTERS = 2
# Of anything shorter, two letters would be too much of it.
LEAST_SHOWN_OF = 6
HIDDEN = "••••"


class PassphraseInvalid(Invalid):
    """Empty, too long, with characters that nobody can see, or not as the shop's pattern says."""

    code = "PASSPHRASE_INVALID"

    def __init__(self) -> None:
        super().__init__(FieldError("passphrase", "PASSPHRASE_INVALID"))


def cleaned(given: str, pattern: re.Pattern[str] | None) -> str:
    """The passphrase in NFKC (full-width digits become digits), trimmed. Raises
    PassphraseInvalid."""
    text = normalize("NFKC", given).strip()
    hidden = any(category(letter).startswith("C") for letter in text)
    if hidden or not 1 <= len(text) <= MOST_CHARACTERS:
        raise PassphraseInvalid()
    if pattern is not None and pattern.fullmatch(text) is None:
        raise PassphraseInvalid()
    return text


def masked(text: str) -> str:
    """Its last two characters behind dots that do not tell how many there were."""
    return HIDDEN + (text[-SHOWN_CHARACTERS:] if len(text) >= LEAST_SHOWN_OF else "")


def marks(text: str) -> list[str]:
    """What tells it from others, under each key of the ring."""
    return sealing.fingerprints(PURPOSE, text)


def sealed(text: str, place: str) -> str:
    """As it is kept; `place` is the packet that it opens."""
    return sealing.seal(PURPOSE, text, bound_to=place)


def opened(kept: str, place: str) -> str:
    """In clear. Raises Unsealable."""
    return sealing.unseal(PURPOSE, kept, bound_to=place)
