"""What can be published, and the page that says so."""

import pytest

from chalicelib.catalog import events as catalog
from chalicelib.payments import events as payments
from chalicelib.payments.rules import PaymentStatus
from tools import events

PAYMENT = {
    "payment_id": "pay_1",
    "reference": "ord_1",
    "provider": "stripe",
    "amount": 4498,
    "currency": "USD",
    "status": "PENDING",
    "correlation_id": "call-1",
}


def of_payment(before: str, after: str, **more):
    new = {**PAYMENT, "status": after, **more}
    return payments.of_change({**PAYMENT, "status": before}, new, at=5, change="7")


def test_the_page_of_events_is_made_of_their_models():
    assert events.PAGE.read_text(encoding="utf-8") == events.page()


def test_no_event_but_an_accounts_says_anything_of_a_person():
    personal = {"email", "token", "name", "address", "phone", "note", "ip"}
    for (name, _), model in events.catalogue().items():
        if not name.startswith("account."):
            assert not personal & set(model.model_fields), name
            assert not model.personal


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("FAILED", "payment.failed"),
        ("PROCESSING", "payment.processing"),
        ("REVIEW", "payment.review"),
        ("EXPIRED", "payment.expired"),
        ("SUCCESS", None),
        ("REFUNDING", None),
        ("REFUNDED", None),
        ("CHARGED_BACK", None),
        ("PENDING", None),
    ],
)
def test_a_payments_new_status_is_told_unless_its_order_says_it(to, expected):
    event = of_payment("PENDING", to)
    assert (event.type if event else None) == expected
    assert to in PaymentStatus


def test_a_payments_event_says_which_order_and_how_much():
    event = of_payment("PENDING", "FAILED")
    assert event.data == {
        "paymentId": "pay_1",
        "orderId": "ord_1",
        "provider": "stripe",
        "amount": 4498,
        "currency": "USD",
    }
    assert (event.at, event.correlation_id) == (5, "call-1")


def test_a_write_that_leaves_a_payments_status_tells_nothing():
    assert of_payment("FAILED", "FAILED", url="https://x.test") is None


def test_a_refused_try_is_told_once():
    assert of_payment("PENDING", "PENDING", declined_at=1).type == "payment.declined"
    before = {**PAYMENT, "declined_at": 1}
    assert payments.of_change(before, {**before, "url": "x"}, at=5, change="8") is None


def test_the_same_status_twice_is_two_events_and_a_repeated_record_is_one():
    before, after = PAYMENT, {**PAYMENT, "status": "PROCESSING"}
    first, again, second = (
        payments.of_change(before, after, at=5, change=change) for change in "778"
    )
    assert first == again
    assert first.id != second.id


PRODUCT = {"product_id": "p-1", "name": {"en": "Mug"}, "sales_count": 1}


def test_a_product_that_is_new_other_or_gone_is_told_by_its_id_alone():
    other = {**PRODUCT, "name": {"en": "Cup"}}
    for before, after in (({}, PRODUCT), (PRODUCT, other), (PRODUCT, {})):
        event = catalog.of_change(before, after, at=5, change="7")
        assert (event.type, event.data) == ("product.changed", {"productId": "p-1"})


def test_what_listeners_count_in_a_product_is_no_change_of_it():
    assert catalog.of_change(PRODUCT, {**PRODUCT, "sales_count": 2}, at=5, change="7") is None
