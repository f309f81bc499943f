"""Bounds of the whole shop, each with its reason: how much, and how often.

How often is counted per address of the net unless it says otherwise. An address may be a campus, a
company or a whole mobile network behind one gateway, so its figures are some thirty busy people's;
what must be strict is counted per account besides, where the account is known.
"""

from dataclasses import dataclass
from enum import StrEnum

# ---- how much ---------------------------------------------------------------------------

# A line is one action of the checkout's transaction, and a transaction has 100.
MAX_CART_LINES = 50
# Of one page of a list: what a person looks through, and an answer far below Lambda's 6 MB.
MAX_PAGE_SIZE = 100


# ---- how often --------------------------------------------------------------------------


@dataclass(frozen=True)
class Rate:
    """At most `most` units in each window of `seconds`; `name` keeps its buckets apart."""

    name: str
    most: int
    seconds: int


class By(StrEnum):
    """Whose allowance a call spends from."""

    ADDRESS = "address"  # of the net, as the gateway saw it
    CALLER = "caller"  # the account or key; of guests only the address is known, so not counted


@dataclass(frozen=True)
class Limit:
    """What a route declares: this rate, for each of these."""

    rate: Rate
    by: By = By.ADDRESS


MINUTE, QUARTER, HOUR = 60, 900, 3_600

# Every call that changes something: a person makes twenty a minute when in a hurry.
CHANGES = (Limit(Rate("changes", 600, MINUTE)),)
# A cart is a row that lives for a week, and its id opens it: nobody needs many.
CART_CREATE = (Limit(Rate("cart-create", 120, QUARTER)),)
# Reads every line of a cart, consistently: fifty lines are ten pages of the shop. A page reads its
# cart once, so this is as generous as what changes it.
CART_READ = (Limit(Rate("cart-read", 600, MINUTE)),)
# Counts the whole shelf. Nobody's page shows it; a partner's machine asks once a minute or so.
REPORT = (Limit(Rate("report", 60, MINUTE)),)
# A hold takes units from everybody else. The number of open holds is bounded too (allowances);
# this bounds holding and letting go in turns.
RESERVE = (Limit(Rate("reserve", 120, QUARTER)), Limit(Rate("reserve-own", 20, QUARTER), By.CALLER))
# A checkout is the dearest call there is, and tries cards at the provider.
CHECKOUT = (
    Limit(Rate("checkout", 120, QUARTER)),
    Limit(Rate("checkout-own", 20, QUARTER), By.CALLER),
)
# A hash is copied once; a passphrase is mistyped, and guessing one is worth money.
PROOF = (Limit(Rate("hand-in", 60, QUARTER)), Limit(Rate("hand-in-own", 20, QUARTER), By.CALLER))
# The order page has the shop ask the provider a few times after each visit; each is a call to
# somebody else, so one payment's are counted as well, whoever asks.
VERIFY = (Limit(Rate("verify", 240, QUARTER)),)
VERIFY_ONE = Rate("verify-one", 20, QUARTER)
# Number and e-mail together are guessable, and each hit is a mail to somebody.
ORDER_LOOKUP = (Limit(Rate("order-lookup", 10, QUARTER)),)
# Of these mails to one address, whoever asks for them; what sends none does not count.
ORDER_LINK_MAIL = Rate("order-link-mail", 5, HOUR)
ORDER_CLAIM = (Limit(Rate("order-claim", 10, QUARTER), By.CALLER),)
# An account is opened once. A form that is filled in wrongly counts, so a family has its tries.
REGISTER = (Limit(Rate("register", 20, HOUR)),)
# Each costs an argon2 hash (19 MiB, some 40 ms). How many guesses at one account are verified is
# decided in accounts, per account; this bounds what one address makes the shop compute.
SIGN_IN = (Limit(Rate("sign-in", 60, QUARTER)),)
PASSWORD_CHANGE = (Limit(Rate("password-change", 10, QUARTER), By.CALLER),)
# Sends a mail to whoever is named.
FORGOT_PASSWORD = (Limit(Rate("forgot-password", 20, HOUR)),)
# Tokens of 160 bits are not guessed; this keeps trying from costing more than refusing.
RESET_PASSWORD = (Limit(Rate("reset-password", 20, QUARTER)),)
VERIFY_EMAIL = (Limit(Rate("verify-email", 30, QUARTER)),)
# Every tab of every visitor behind the address, each quarter of an hour, and reloads.
REFRESH = (Limit(Rate("refresh", 300, QUARTER)),)
# Keys open the shop to machines: made now and then, by hand.
KEY_CREATE = (Limit(Rate("key-create", 10, HOUR), By.CALLER),)
# Reads everything that there is of a person.
EXPORT = (Limit(Rate("export", 5, HOUR), By.CALLER),)
ERASE = (Limit(Rate("erase", 5, HOUR), By.CALLER),)


# ---- what is unusual ---------------------------------------------------------------------


@dataclass(frozen=True)
class Signal:
    """`most` different facts about one identity in a window of `seconds` are told of, once.

    With `pause_seconds` the identity is kept out for so long besides.
    """

    name: str
    most: int
    seconds: int
    pause_seconds: int = 0


# Stolen cards are tried out in dozens; a person whose card is refused tries two or three.
DECLINED_PAYMENTS = Signal("declined-payments", 10, HOUR, pause_seconds=QUARTER)
# Below the limit of sign-ins, so that it is told of before the limit hides what goes on.
FAILED_SIGN_INS = Signal("failed-sign-ins", 25, QUARTER)
# Who may not hold any more and goes on trying wants the stock, not the goods.
REFUSED_HOLDS = Signal("refused-holds", 20, QUARTER)
# One buyer under many names: a campus on the first evening of a sale looks alike, so nobody is
# kept out for it.
MANY_EMAILS = Signal("many-emails", 40, HOUR)
# Tokens of orders and carts can't be guessed. Told of, and no more: old links look alike.
GUESSED_TOKENS = Signal("guessed-tokens", 60, QUARTER)
