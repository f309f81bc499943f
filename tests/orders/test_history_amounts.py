"""A buyer reads how much of their money went back, beside the step that says so."""

import pytest

from chalicelib.orders.schemas import StepAnswer
from tests import stage

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}


def history(shop, placed) -> list[dict]:
    opened = {"X-Order-Token": placed.order.access_token}
    answer = shop.call("GET", f"/api/orders/{placed.order.order_id}", **opened)
    found: list[dict] = answer.json_body["data"]["history"]
    return found


@pytest.fixture
def paid(shop):
    shop.sell("mug", stock=3)
    placed = shop.buy({"mug": 1})
    shop.settle(placed)
    return placed


def refund(shop, placed, **body: object) -> None:
    path = f"/api/admin/orders/{placed.order.order_id}/refund"
    assert shop.call("POST", path, {"reason": "scratched", **body}, **KEY).status_code == 200


def test_each_refund_stands_in_the_history_with_its_amount(shop, paid):
    refund(shop, paid, amount=100)
    refund(shop, paid)
    total = paid.order.total
    shown = {(step["reason"], (step["amount"] or {}).get("amount")) for step in history(shop, paid)}
    assert {
        ("placed", None),
        ("paid", None),
        ("refunded_part", 100),
        ("refunded", total.amount - 100),
    } <= shown
    currencies = {step["amount"]["currency"] for step in history(shop, paid) if step["amount"]}
    assert currencies == {total.currency}


def test_a_line_from_before_amounts_were_kept_has_none():
    line = {"from": "PAID", "to": "REFUNDED", "at": 1, "reason": "refunded"}
    assert StepAnswer.of(line, "en").amount is None
