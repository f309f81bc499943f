"""Money: an integer of minor units and a currency. No float ever touches it."""

from collections.abc import Iterable
from dataclasses import dataclass

# ISO 4217 currencies that do not have two decimal places; all others do.
DECIMALS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were added or compared: a bug, never user input."""


@dataclass(frozen=True, order=False)
class Money:
    """`Money(1999, "USD")` is 19.99 dollars, `Money(1999, "JPY")` 1,999 yen."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not isinstance(self.amount, int):
            raise TypeError(f"an amount is an integer of minor units, not {self.amount!r}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.amount * count, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def wire(self) -> dict[str, int | str]:
        """As it travels: `{"amount": 1999, "currency": "USD"}`."""
        return {"amount": self.amount, "currency": self.currency}

    def decimal(self) -> str:
        """For people and logs: `19.99 USD`."""
        places = DECIMALS.get(self.currency, 2)
        sign, digits = (
            ("-" if self.amount < 0 else ""),
            str(abs(self.amount)).rjust(places + 1, "0"),
        )
        number = f"{digits[:-places]}.{digits[-places:]}" if places else digits
        return f"{sign}{number} {self.currency}"

    def floor(self, step: int) -> "Money":
        """The largest multiple of `step` minor units that is not above it."""
        return Money(self.amount - self.amount % step, self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; zero of `currency` when there is nothing to add."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result
