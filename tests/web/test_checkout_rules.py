"""What the checkout decides by itself: a filled-in form, refusals, and the balance's part."""

import pytest

from chalicelib.balance.rules import part_of
from chalicelib.kernel.money import Money
from chalicelib.payments import registry
from tests.web.node import call

FILLED = {
    "email": " ada@example.com ",
    "address.name": "Ada",
    "address.country": "US",
    "address.line1": "12 Row",
    "address.line2": "  ",
    "address.postalCode": "1",
    "address.city": "Springfield",
    "shippingMethod": "standard",
}


def test_a_filled_form_has_no_faults_and_an_empty_one_has_them_all() -> None:
    assert call("shop/checkout-rules.js", "faultsOf", FILLED, True) == {}
    # What else is needed, the country says (test_address_rules.py).
    assert set(call("shop/checkout-rules.js", "faultsOf", {}, True)) == {
        *("email", "address.name", "address.country", "address.line1", "shippingMethod"),
    }


def test_what_is_not_shipped_needs_an_address_of_e_mail_alone() -> None:
    assert call("shop/checkout-rules.js", "faultsOf", {"email": "a@b.example"}, False) == {}


@pytest.mark.parametrize("email", ["ada", "ada@", "@example.com", "ada@example", "a b@c.example"])
def test_an_address_that_cannot_be_one_is_told_at_once(email: str) -> None:
    faults = call("shop/checkout-rules.js", "faultsOf", {"email": email}, False)
    assert faults == {"email": "field.emailWrong"}


def test_the_request_leaves_out_what_was_left_empty() -> None:
    context = {"locale": "en", "paymentMethod": "stripe"}
    assert call("shop/checkout-rules.js", "requestOf", FILLED, True, context) == {
        "email": "ada@example.com",
        "locale": "en",
        "paymentMethod": "stripe",
        "shippingMethod": "standard",
        "address": {
            "name": "Ada",
            "country": "US",
            "line1": "12 Row",
            "postalCode": "1",
            "city": "Springfield",
        },
    }


def test_refusals_go_to_their_fields_and_to_their_lines() -> None:
    error = {
        "errors": [
            {"field": "address.city", "message": "This is needed."},
            {"field": "lines.mug", "message": "Only 2 left.", "available": 2},
            {"field": "lines.cup", "message": "No longer sold.", "code": "VARIANT_WITHDRAWN"},
            {"field": "somethingElse", "message": "?"},
        ]
    }
    assert call("shop/checkout-rules.js", "faultsOfAnswer", error) == {
        "address.city": "This is needed."
    }
    assert call("shop/checkout-rules.js", "shortOf", error) == [
        {"variantId": "mug", "left": 2, "message": "Only 2 left."},
        # Withdrawn is not sold out: the shop's own words say what is the matter.
        {"variantId": "cup", "message": "No longer sold."},
    ]


@pytest.mark.parametrize(
    ("total", "there", "part"),
    [
        (4498, 1200, 1200),
        (4498, 4498, 4498),
        (4498, 9999, 4498),
        (4498, 4497, 4448),
        (60, 59, 10),
        (50, 49, 0),
        (4498, 0, 0),
    ],
)
def test_the_page_shows_the_part_of_a_balance_that_the_shop_will_take(total, there, part) -> None:
    remainder = registry.capabilities("stripe").remainder("USD")
    wire = {"least": remainder.least, "step": remainder.step}
    assert wire == {"least": 50, "step": 1}
    assert call("shop/checkout-rules.js", "partOf", total, there, wire) == part
    shop = part_of(Money(total, "USD"), Money(there, "USD"), least=remainder.least)
    assert shop.amount == part


def test_beside_a_way_to_pay_that_nobody_knows_a_balance_pays_all_or_nothing() -> None:
    assert call("shop/checkout-rules.js", "partOf", 4498, 4497, None) == 0
    assert call("shop/checkout-rules.js", "partOf", 4498, 4498, None) == 4498


@pytest.mark.parametrize("there", [1, 9, 995, 1001, 10_999, 11_995, 12_000])
def test_the_page_shows_the_part_in_the_steps_that_are_charged(there) -> None:
    remainder = registry.capabilities("stripe").remainder("KWD")
    least, step = remainder.least, remainder.step
    assert (least, step) == (1000, 10)
    shop = part_of(Money(12_000, "KWD"), Money(there, "KWD"), least=least, step=step)
    wire = {"least": least, "step": step}
    assert call("shop/checkout-rules.js", "partOf", 12_000, there, wire) == shop.amount


def test_the_chosen_way_pays_the_rest_and_without_one_the_favourite_does() -> None:
    ways = [{"id": name, "currencies": ["USD"]} for name in ("balance", "stripe", "paypal")]
    settings = {"paymentMethods": ways}
    for chosen, way in ((None, ways[1]), ("paypal", ways[2]), ("gone", ways[1])):
        assert call("shop/checkout-rules.js", "wayToPay", settings, "USD", chosen) == way
    assert call("shop/checkout-rules.js", "wayToPay", settings, "EUR", "paypal") is None


def test_the_balance_is_ticked_and_never_chosen_among_the_ways_to_pay() -> None:
    ways = [
        {"id": "balance", "currencies": ["USD"]},
        {"id": "stripe", "currencies": ["USD", "EUR"]},
    ]
    settings = {"paymentMethods": ways}
    assert call("shop/checkout-rules.js", "waysToPay", settings, "USD") == [ways[1]]
    assert call("shop/checkout-rules.js", "takesBalance", settings, "USD") is True
    assert call("shop/checkout-rules.js", "takesBalance", settings, "EUR") is False


def test_a_checkout_says_that_the_balance_is_wanted_only_when_it_is() -> None:
    context = {"locale": "en", "paymentMethod": "stripe"}
    without = call("shop/checkout-rules.js", "requestOf", FILLED, True, context)
    wanting = {**context, "useBalance": True}
    assert call("shop/checkout-rules.js", "requestOf", FILLED, True, wanting) == {
        **without,
        "useBalance": True,
    }
