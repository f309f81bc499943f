"""How much of a sum a balance pays."""

import pytest

from chalicelib.balance.rules import part_of
from chalicelib.kernel.money import Money


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
    assert part_of(Money(total, "USD"), Money(there, "USD"), most) == Money(part, "USD")


def test_what_is_left_is_as_much_as_the_currency_asks_for():
    assert part_of(Money(3000, "JPY"), Money(2999, "JPY")) == Money(2950, "JPY")
    assert part_of(Money(30000, "HUF"), Money(20000, "HUF")) == Money(12500, "HUF")
    # Where nobody said, a whole unit.
    assert part_of(Money(9000, "KWD"), Money(8999, "KWD")) == Money(8000, "KWD")
