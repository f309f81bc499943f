"""How much of a sum a balance pays."""

import pytest

from chalicelib.balance.rules import part_of
from chalicelib.kernel.money import Money
from chalicelib.payments import registry


@pytest.mark.parametrize(
    ("total", "there", "most", "part"),
    [
        (4498, 0, None, 0),
        (4498, 1200, None, 1200),
        (4498, 4498, None, 4498),
        (4498, 9999, None, 4498),
        (4498, 9999, 1000, 1000),
        (4498, 500, 1000, 500),
        # 0.49 left is less than any provider takes: the balance leaves it a little more.
        (4498, 4449, None, 4448),
        (4498, 9999, 4497, 4448),
        # All or nothing, where the whole sum is that small.
        (60, 59, None, 10),
        (50, 49, None, 0),
        (50, 50, None, 50),
        (0, 100, None, 0),
    ],
)
def test_a_balance_pays_what_it_can_and_leaves_what_a_provider_takes(total, there, most, part):
    taken = part_of(Money(total, "USD"), Money(there, "USD"), most, least=50)
    assert taken == Money(part, "USD")


def beside(method: str, total: Money, there: Money) -> Money:
    rest = registry.capabilities(method).remainder(total.currency)
    return part_of(total, there, least=rest.least, step=rest.step)


def test_what_is_left_is_as_much_as_the_currency_asks_for():
    assert beside("stripe", Money(3000, "JPY"), Money(2999, "JPY")) == Money(2950, "JPY")
    assert beside("stripe", Money(30000, "HUF"), Money(20000, "HUF")) == Money(12500, "HUF")
    # Where nobody said, a whole unit.
    assert beside("stripe", Money(9000, "KWD"), Money(8999, "KWD")) == Money(8000, "KWD")


def test_what_is_left_is_what_the_chosen_provider_takes():
    assert beside("paypal", Money(30000, "HUF"), Money(20050, "HUF")) == Money(20000, "HUF")
    assert beside("usdt-trc20", Money(4498, "USD"), Money(4497, "USD")) == Money(4398, "USD")
