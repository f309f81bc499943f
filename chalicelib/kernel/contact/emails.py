"""E-mail addresses: the one normal form, and the digests by which they are found.

The normal form is what is stored and mailed: no spaces around it, the domain in small ASCII
letters (`u@bücher.example` and `u@xn--bcher-kva.example` are one mailbox), the part before the `@`
as it was typed. Capitals there make no other person: the digest is of small letters.
docs/decisions/0013-contact-data.md tells what is refused, and why.
"""

import unicodedata

from chalicelib.config import is_at_home
from chalicelib.kernel.ids import identity

MAX_EMAIL = 254  # RFC 5321's longest path, less its brackets
_KIND = "email"


class NotMailable(ValueError):
    """No mail service takes it: not an address, or one that cannot be."""


def normal(text: str) -> str:
    """The address in its normal form. Raises NotMailable.

    By syntax alone: nothing is looked up. Whether somebody reads it, the shop's own mail shows.
    """
    # Here and not above: email-validator and the IDN tables below it cost some 50 ms.
    from email_validator import EmailNotValidError, validate_email

    typed = _trimmed(text)
    if _reads_as_another(typed):
        raise NotMailable("reads as another address")
    try:
        found = validate_email(
            typed,
            check_deliverability=False,
            # SES mails to nobody with other letters there
            # (docs.aws.amazon.com/ses/latest/dg/quotas.html, "Email address quotas").
            allow_smtputf8=False,
            # The part before the @ has 64 characters at most (RFC 5321, 4.5.3.1.1).
            strict=True,
            # `.test` is nobody's (RFC 6761): a mail to it bounces anywhere but at home.
            test_environment=is_at_home(),
        )
    except EmailNotValidError as error:
        raise NotMailable("not an e-mail address") from error
    return f"{found.local_part}@{found.ascii_domain}"


def key(email: str) -> str:
    """The digest that makes an address unique, and finds it again. Never raises: what was stored
    by older rules has one, too."""
    return keys(email)[0]


def keys(email: str) -> tuple[str, ...]:
    """The digest, and then those under which older rows may know the same mailbox.

    Rows from before domains were folded know one in the letters that it was typed in.
    """
    if email.isascii() and "xn--" not in email.lower():
        return (identity(_KIND, email),)
    try:
        folded = normal(email)
    except NotMailable:
        return (identity(_KIND, unicodedata.normalize("NFKC", email)),)
    older = _in_own_letters(folded)
    return (identity(_KIND, folded), *([identity(_KIND, older)] if older != folded else []))


def in_own_letters(email: str) -> str:
    """A normal form as older rows have it: `u@xn--bcher-kva.example` as `u@bücher.example`."""
    return email if "xn--" not in email else _in_own_letters(email)


def _in_own_letters(folded: str) -> str:
    import idna

    local, _, domain = folded.rpartition("@")
    try:
        return f"{local}@{idna.decode(domain)}"
    except idna.IDNAError:
        return folded


def _reads_as_another(typed: str) -> bool:
    """Whether folding makes it somebody else's: `K` may be the Kelvin sign.

    Whoever reads the odd one's mail is not the other one's owner. A domain may be typed in letters
    and accents apart; that is the same domain to everybody.
    """
    local, _, domain = typed.rpartition("@")
    apart = unicodedata.normalize("NFC", domain)
    return any(unicodedata.normalize("NFKC", part) != part for part in (local, apart))


def _trimmed(text: str) -> str:
    """Without what comes along when an address is pasted: spaces of any width, and invisible
    marks around it."""
    start, end = 0, len(text)
    while start < end and _is_space(text[start]):
        start += 1
    while end > start and _is_space(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_space(letter: str) -> bool:
    # A line break is none: who sends one may mean to go on with a header of the mail.
    return letter == "\t" or unicodedata.category(letter) in ("Zs", "Cf")
