"""How often an account may be tried; each is spent before the work it allows.

What one address of the net may try is the routes' own matter (kernel/limits.py). Passwords are
guessed from many addresses, and an account must not be closed to its owner by who guesses:
addresses that it has signed in from have allowances of their own, strangers share one.
"""

from collections.abc import Mapping

from chalicelib.kernel import rates
from chalicelib.kernel.ids import identity
from chalicelib.kernel.limits import HOUR, QUARTER, Rate

# From one address. A person who types wrongly five times has forgotten the password.
HERE = Rate("sign-in-here", 5, QUARTER)
# From all addresses that the account has not signed in from.
STRANGERS = Rate("sign-in-strangers", 20, QUARTER)
# Mails to one address, asked for from anywhere: nobody's box is filled by us.
MAIL = Rate("account-mail", 5, HOUR)


def sign_in(email_key: str, known: Mapping[str, int], source_ip: str, *, now: int) -> None:
    """One guess at an account's password, from this address. Raises TooMany."""
    address = rates.address(source_ip)
    rates.spend(HERE, identity("account-here", f"{email_key} {address}"), now=now)
    if address not in known:
        rates.spend(STRANGERS, email_key, now=now)


def mail(email_key: str, *, now: int) -> None:
    """One mail to this address, whether or not it is anybody's. Raises TooMany."""
    rates.spend(MAIL, email_key, now=now)
