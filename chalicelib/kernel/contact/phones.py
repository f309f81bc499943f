"""Phone numbers in one form, E.164 (`+442079460958`), by the rules of each country's numbers."""

import re
import unicodedata

MAX_PHONE = 40  # as it is typed
_TYPED = re.compile(r"\+?[0-9\s()./\-\u2010-\u2015]+")
# A mobile number of mainland China as it is said there, with or without its country's code.
_MAINLAND = re.compile(r"(?:86)?(1[3-9][0-9]{9})")


class NotAPhone(ValueError):
    """No number that could be called."""


def e164(text: str, country: str | None = None) -> str:
    """The number as E.164. Raises NotAPhone.

    `country` (`GB`) is where a number is dialled that does not begin with `+` or `00`; without it
    only a mainland mobile number may be so bare. An extension has no place in E.164, and is
    refused rather than lost.
    """
    typed = _plain(text)
    digits = re.sub(r"[^0-9]", "", typed)
    tries = [(typed, country)] if typed.startswith("+") or country else []
    if not typed.startswith("+"):
        if digits.startswith("00"):
            tries.append((f"+{digits[2:]}", None))
        mainland = _MAINLAND.fullmatch(digits)
        if mainland:
            tries.append((f"+86{mainland[1]}", None))
    for number, region in tries:
        found = _valid(number, region)
        if found:
            return found
    raise NotAPhone


def _plain(text: str) -> str:
    """Digits of any script as ASCII, without invisible marks and `tel:`. Raises NotAPhone."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    plain = "".join(
        str(unicodedata.digit(letter)) if letter.isdecimal() else letter
        for letter in unicodedata.normalize("NFKC", seen)
    ).strip()
    plain = re.sub(r"^tel:", "", plain, flags=re.IGNORECASE).strip()
    if not _TYPED.fullmatch(plain):
        raise NotAPhone
    return plain


def _valid(number: str, country: str | None) -> str | None:
    # Here and not above: the library costs some 50 ms, and each country's numbers a little more.
    import phonenumbers

    try:
        found = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    if found.extension or not phonenumbers.is_valid_number(found):
        return None
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))
