"""What an order's page decides by itself: how the order stands, and what is asked for still."""

import pytest

from tests.web.node import call


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
