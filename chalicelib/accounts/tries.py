"""How often an account may be tried; each is spent before the work it allows.

What one address of the net may try is the routes' own matter (kernel/limits.py). Passwords are
guessed from many addresses, and an account must not be closed to its owner by who guesses:
addresses that it has signed in from have allowances of their own, strangers share one. A try that
was right is given back: only wrong ones count. A new password set by a mailed link begins new
allowances, for its owner's addresses alone (`cleared`); what strangers share stays spent.
"""

from collections.abc import Iterable, Mapping

from chalicelib.kernel import rates, telemetry
from chalicelib.kernel.ids import identity
from chalicelib.kernel.limits import HOUR, QUARTER, Rate
from chalicelib.kernel.rates import Spent

# From one address. A person who types wrongly five times has forgotten the password.
HERE = Rate("sign-in-here", 5, QUARTER)
# From all addresses that the account has not signed in from.
STRANGERS = Rate("sign-in-strangers", 20, QUARTER)
# Beyond these, each with a challenge that was passed: from one address, and from all of them.
PROVED_HERE = Rate("sign-in-proved-here", 5, QUARTER)
PROVED = Rate("sign-in-proved", 20, QUARTER)
# Mails to one address, asked for from anywhere: nobody's box is filled by us.
MAIL = Rate("account-mail", 5, HOUR)


def sign_in(
    email_key: str,
    known: Mapping[str, int],
    cleared: Mapping[str, int],
    source_ip: str,
    *,
    now: int,
) -> list[Spent]:
    """One guess at an account's password, from this address; what to give back if it is right.

    `known` are the addresses that it has signed in from, `cleared` those for which its owner set
    a new password by mail, and when; both as `rates.address` has them. Raises TooMany.
    """
    address = rates.address(source_ip)
    spent = [rates.spend(HERE, _here(email_key, cleared, address), now=now, returns=True)]
    if address not in known:
        spent.append(rates.spend(STRANGERS, email_key, now=now, returns=True))
    return spent


def proved(email_key: str, source_ip: str, *, now: int) -> list[Spent]:
    """One guess of somebody who passed a challenge for it. Raises TooMany."""
    here = identity("account-here", f"{email_key} {rates.address(source_ip)}")
    return [
        rates.spend(PROVED_HERE, here, now=now, returns=True),
        rates.spend(PROVED, email_key, now=now, returns=True),
    ]


def give_back(spent: Iterable[Spent]) -> None:
    """The guess was right. Whoever knows the password is let in, whatever comes of this."""
    try:
        rates.give_back(spent)
    except Exception as error:
        telemetry.logger().warning("a try could not be given back", exc_info=error)


def mail(email_key: str, *, now: int) -> None:
    """One mail to this address, whether or not it is anybody's. Raises TooMany."""
    rates.spend(MAIL, email_key, now=now)


def _here(email_key: str, cleared: Mapping[str, int], address: str) -> str:
    since = f" {cleared[address]}" if address in cleared else ""
    return identity("account-here", f"{email_key} {address}{since}")
