"""Money as Stripe writes it.

Source: docs.stripe.com/currencies. Stripe counts in minor units as the shop does, but for two
currencies: ISK and UGX have none, and are written with two all the same (5 UGX is 500). Currencies
of three places must end in 0; an amount that does not is refused there.
"""

from chalicelib.kernel.money import Money

WRITTEN_LONGER = frozenset({"ISK", "UGX"})
LONGER = 100


def to_provider_amount(money: Money) -> int:
    """An amount as it is sent."""
    return money.amount * LONGER if money.currency in WRITTEN_LONGER else money.amount


def read(amount: int, currency: str) -> Money:
    """An amount as it comes. Raises TypeError for what is no amount."""
    currency = currency.upper()
    if currency in WRITTEN_LONGER and type(amount) is int:
        amount //= LONGER
    return Money(amount, currency)
