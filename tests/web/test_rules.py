"""What the storefront decides by itself: variants, the state of an order, a filled-in form."""

from typing import Any

import pytest

from chalicelib.balance.rules import least, part_of
from chalicelib.kernel.money import STEPS, Money
from tests.web.node import call

FREE = {"available": 4, "low": False, "soldOut": False}
GONE = {"available": 0, "low": False, "soldOut": True}


def variant(edition: str, colour: str, stock: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{edition}-{colour}".lower(),
        "specs": {"Edition": edition, "Colour": colour},
        "stock": stock,
        "image": {"url": f"/images/{colour}.svg".lower()},
    }


# Touring is made in red alone; the standard one in blue is sold out.
CAR = {
    "options": [
        {"name": "Edition", "values": ["Standard", "Touring"]},
        {"name": "Colour", "values": [{"name": "Red", "swatch": "#b3312c"}, {"name": "Blue"}]},
    ],
    "variants": [
        variant("Standard", "Blue", GONE),
        variant("Standard", "Red", FREE),
        variant("Touring", "Red", FREE),
    ],
    "images": [{"url": "/images/cabin.svg"}, {"url": "/images/red.svg"}],
}


def choices(specs: dict[str, str], option: int) -> dict[str, str]:
    values = call("shop/variants.js", "valuesOf", CAR, specs, CAR["options"][option])
    return {one["name"]: one["state"] for one in values}


def test_a_product_opens_on_the_first_variant_that_can_be_bought() -> None:
    assert call("shop/variants.js", "firstSpecs", CAR, None) == CAR["variants"][1]["specs"]


def test_a_variant_in_the_address_comes_first_even_when_it_is_sold_out() -> None:
    found = call("shop/variants.js", "firstSpecs", CAR, "standard-blue")
    assert found == {"Edition": "Standard", "Colour": "Blue"}


def test_a_variant_that_the_address_makes_up_is_ignored() -> None:
    assert call("shop/variants.js", "firstSpecs", CAR, "x") == CAR["variants"][1]["specs"]


def test_sold_out_and_never_made_are_told_apart() -> None:
    assert choices({"Edition": "Standard", "Colour": "Red"}, 1) == {
        "Red": "free",
        "Blue": "soldOut",
    }
    assert choices({"Edition": "Touring", "Colour": "Red"}, 1) == {
        "Red": "free",
        "Blue": "impossible",
    }


def test_the_picture_follows_the_variant_and_else_stays_the_first() -> None:
    assert call("shop/variants.js", "pictureIndex", CAR, CAR["variants"][1]) == 1
    assert call("shop/variants.js", "pictureIndex", CAR, CAR["variants"][0]) == 0


@pytest.mark.parametrize(
    ("status", "payment", "returned", "patient", "view"),
    [
        ("PENDING", "PENDING", True, True, "confirming"),
        ("PENDING", "PROCESSING", False, True, "processing"),
        ("PENDING", "PROCESSING", True, True, "processing"),
        ("PENDING", "FAILED", False, True, "declined"),
        ("PENDING", "REVIEW", True, True, "review"),
        ("PAID", "SUCCESS", False, False, "paid"),
        ("CANCELLED", "EXPIRED", False, True, "expired"),
        # Paid at the last second: the shop may yet revive the order or return the money.
        ("CANCELLED", "EXPIRED", True, True, "confirming"),
        ("CANCELLED", "EXPIRED", True, False, "expired"),
        ("CANCELLED", "REFUNDED", True, True, "refunded"),
        ("CANCELLED", "REFUNDING", False, True, "refunded"),
        ("CANCELLED", "CHARGED_BACK", False, True, "refunded"),
        # A lost dispute is a mark beside the status of an order that was paid.
        ("PAID", "CHARGED_BACK", False, False, "paid"),
    ],
)
def test_an_order_is_shown_as_it_stands(
    status: str, payment: str, returned: bool, patient: bool, view: str
) -> None:
    order = {"status": status, "paymentStatus": payment}
    visit = {"returned": returned, "patient": patient, "asked": None}
    assert call("shop/order-view.js", "viewOf", order, visit) == view


NOON = "2026-11-20T12:00:00Z"


@pytest.mark.parametrize(
    ("returned", "patient", "asked", "view"),
    [
        (False, True, None, "asking"),
        (False, True, False, "unsure"),
        (False, False, None, "unsure"),
        (False, True, NOON, "unpaid"),
        (True, True, False, "confirming"),
        (True, True, NOON, "confirming"),
        (True, False, False, "unsure"),
        (True, False, None, "unsure"),
        (True, False, NOON, "unpaid"),
    ],
)
def test_that_nothing_has_come_is_said_only_once_the_provider_was_asked(
    returned: bool, patient: bool, asked: str | bool | None, view: str
) -> None:
    order = {"status": "PENDING", "paymentStatus": "PENDING", "paymentDeclined": False}
    visit = {"returned": returned, "patient": patient, "asked": asked}
    assert call("shop/order-view.js", "viewOf", order, visit) == view


@pytest.mark.parametrize(
    ("returned", "patient", "asked", "view"),
    [
        (False, True, None, "declined"),
        (False, False, False, "declined"),
        (True, True, NOON, "declined"),
        # Another card on the same page has paid since, for all that anybody knows.
        (True, True, None, "confirming"),
        (True, True, False, "confirming"),
        (True, False, False, "unsure"),
    ],
)
def test_a_declined_payment_is_told_at_once_unless_a_page_was_paid_since(
    returned: bool, patient: bool, asked: str | bool | None, view: str
) -> None:
    order = {"status": "PENDING", "paymentStatus": "PENDING", "paymentDeclined": True}
    visit = {"returned": returned, "patient": patient, "asked": asked}
    assert call("shop/order-view.js", "viewOf", order, visit) == view


@pytest.mark.parametrize(
    ("reason", "view"),
    [("cancelled", "cancelled"), ("payment_failed", "failed"), ("expired", "expired")],
)
def test_why_an_order_has_ended_is_told(reason: str, view: str) -> None:
    history = [{"to": "PENDING", "reason": "placed"}, {"to": "CANCELLED", "reason": reason}]
    order = {"status": "CANCELLED", "paymentStatus": "EXPIRED", "history": history}
    visit = {"returned": False, "patient": True, "asked": None}
    assert call("shop/order-view.js", "viewOf", order, visit) == view


@pytest.mark.parametrize(
    ("status", "payment", "returned", "settled"),
    [
        ("PENDING", "PENDING", False, False),
        ("PENDING", "PROCESSING", True, False),
        ("PENDING", "REVIEW", True, True),
        ("PAID", "SUCCESS", True, True),
        ("CANCELLED", "EXPIRED", False, True),
        ("CANCELLED", "EXPIRED", True, False),
        ("CANCELLED", "REFUNDING", True, True),
        ("CANCELLED", "REFUNDED", True, True),
        ("CANCELLED", "CHARGED_BACK", True, True),
    ],
)
def test_an_order_is_asked_for_until_nothing_more_can_come(
    status: str, payment: str, returned: bool, settled: bool
) -> None:
    order = {"status": status, "paymentStatus": payment}
    assert call("shop/order-view.js", "isSettled", order, {"returned": returned}) is settled


def packets(*handed: tuple[str, int], instructions: bool = True, needed: int = 1) -> dict:
    """A payment of 135.00 by red packets, with these handed in: status, and what came."""
    return {
        "amount": {"amount": 13_500, "currency": "CNY"},
        "instructions": {"facts": {"packets": str(needed)}} if instructions else None,
        "expiresAt": "2026-11-20T08:00:00Z",
        "handedIn": [
            {"status": status, "received": {"amount": came} if came else None}
            for status, came in handed
        ],
    }


BEFORE, AFTER = 1_795_161_599_000, 1_795_161_600_000
WAITING, NOTHING, PART, ALL = (
    ("WAITING", 0),
    ("REJECTED", 0),
    ("CONFIRMED", 10_000),
    ("CONFIRMED", 13_500),
)


@pytest.mark.parametrize(
    ("payment", "at", "takes"),
    [
        (packets(), BEFORE, True),
        (packets(), AFTER, False),
        (packets(instructions=False), BEFORE, False),
        (packets(WAITING), BEFORE, False),
        (packets(WAITING, needed=2), BEFORE, True),
        (packets(WAITING, WAITING, needed=2), BEFORE, False),
        (packets(NOTHING), BEFORE, True),
        (packets(NOTHING, WAITING), BEFORE, False),
        (packets(PART), BEFORE, True),
        (packets(PART, WAITING), BEFORE, False),
        (packets(ALL), BEFORE, False),
    ],
)
def test_a_passphrase_is_asked_for_while_one_is_missing(
    payment: dict, at: int, takes: bool
) -> None:
    assert call("shop/packet-rules.js", "takesMore", payment, at) is takes


def test_what_is_due_still_is_less_by_what_came() -> None:
    left = call("shop/packet-rules.js", "leftOf", packets(NOTHING, PART))
    assert left == {"amount": 3_500, "currency": "CNY"}


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


def test_a_category_stands_below_all_that_hold_it() -> None:
    tree = [
        {"id": "home", "parentId": None},
        {"id": "kitchen", "parentId": "home"},
        {"id": "mugs", "parentId": "kitchen"},
    ]
    found = call("shop/trail.js", "trailOf", tree, "mugs")
    assert [one["id"] for one in found] == ["home", "kitchen", "mugs"]
    assert call("shop/trail.js", "trailOf", tree, "unheard-of") == []


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
    assert call("shop/checkout-rules.js", "partOf", total, there, 50) == part
    shop = part_of(Money(total, "USD"), Money(there, "USD"))
    assert (shop.amount, least("USD").amount) == (part, 50)


@pytest.mark.parametrize("there", [1, 9, 995, 1001, 10_999, 11_995, 12_000])
def test_the_page_shows_the_part_in_the_steps_that_are_charged(there) -> None:
    assert call("shop/checkout-rules.js", "stepOf", "USD") == 1
    step = call("shop/checkout-rules.js", "stepOf", "KWD")
    assert step == STEPS["KWD"]
    shop = part_of(Money(12_000, "KWD"), Money(there, "KWD"), step=step)
    assert call("shop/checkout-rules.js", "partOf", 12_000, there, 1000, step) == shop.amount


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
