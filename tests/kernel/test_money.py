"""Money is whole minor units of one currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.money import CurrencyMismatch, Money, total

AMOUNTS = st.integers(min_value=-(10**12), max_value=10**12)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (1999, "USD", "19.99 USD"),
        (5, "USD", "0.05 USD"),
        (0, "USD", "0.00 USD"),
        (-5, "EUR", "-0.05 EUR"),
        (-1999, "USD", "-19.99 USD"),
        (1999, "JPY", "1999 JPY"),
        (0, "JPY", "0 JPY"),
        (1999, "KWD", "1.999 KWD"),
        (5, "BHD", "0.005 BHD"),
        (5, "CNY", "0.05 CNY"),
    ],
)
def test_an_amount_reads_with_the_decimals_of_its_currency(amount, currency, expected):
    assert Money(amount, currency).decimal() == expected


@pytest.mark.parametrize("amount", [19.99, 20.0, True, False, "20", None], ids=repr)
def test_only_an_integer_is_an_amount(amount):
    with pytest.raises(TypeError):
        Money(amount, "USD")


def test_a_share_of_money_is_refused_rather_than_rounded():
    with pytest.raises(TypeError):
        Money(10, "USD") * 0.5


@pytest.mark.parametrize(
    "mix", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b], ids=["add", "less", "lt"]
)
def test_two_currencies_are_never_mixed(mix):
    with pytest.raises(CurrencyMismatch, match="USD and JPY"):
        mix(Money(1, "USD"), Money(1, "JPY"))


def test_the_same_number_in_another_currency_is_other_money():
    assert Money(1, "USD") != Money(1, "JPY")
    assert Money(1, "USD") == Money(1, "USD")


def test_nothing_adds_up_to_zero_of_the_currency():
    assert total([], "JPY") == Money(0, "JPY")


def test_a_sum_refuses_an_amount_of_another_currency():
    with pytest.raises(CurrencyMismatch):
        total([Money(1, "USD")], "JPY")


@given(st.lists(AMOUNTS))
def test_a_sum_is_the_sum_of_its_parts(amounts):
    assert total((Money(one, "USD") for one in amounts), "USD") == Money(sum(amounts), "USD")


@given(AMOUNTS, AMOUNTS, st.integers(min_value=0, max_value=9999))
def test_money_adds_takes_away_and_multiplies_like_integers(left, right, count):
    a, b = Money(left, "USD"), Money(right, "USD")
    assert (a + b) - b == a
    assert (a * count).amount == left * count
    assert (a < b) == (left < right)


def test_money_travels_as_amount_and_currency():
    assert Money(1999, "USD").wire() == {"amount": 1999, "currency": "USD"}
