"""What the tests of OxaPay ask for, and the answers that they let it give."""

import json
from dataclasses import replace
from types import SimpleNamespace

import requests

from chalicelib.kernel import clock
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import Charge, ChargeLine

KEY = "MERCH1-TEST22-KEY333-FAKE44"
PRICE = Money(4598, "USD")


def charge(**changes) -> Charge:
    page = "#order=ord_1&token=tok_1"
    asked = Charge(
        payment_id="pay_1",
        reference="ord_1",
        number="20261120-ABC234",
        lines=[ChargeLine("Tea", PRICE, 1)],
        total=PRICE,
        email="pat@shop.test",
        locale="en",
        success_url="https://shop.test/order.html?session={CHECKOUT_SESSION_ID}" + page,
        cancel_url="https://shop.test/order.html?cancelled=1" + page,
        page_url="https://shop.test/order.html" + page,
        expires_at=clock.now() + 31 * 60,
    )
    return replace(asked, **changes)


class Wire:
    """In place of the network: gives the answers of a test and notes what was sent."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers = list(answers)
        self.sent: list[SimpleNamespace] = []

    def request(self, method: str, url: str, **options):
        self.sent.append(SimpleNamespace(method=method, url=url, **options))
        answer = requests.Response()
        answer.status_code, text = self.answers.pop(0) if self.answers else (500, "")
        answer._content = text.encode()
        return answer


def envelope(data: str, status: int = 200) -> str:
    return f'{{"data":{data},"message":"","error":{{}},"status":{status},"version":"1.0.0"}}'


def invoice_answer(**fields) -> tuple[int, str]:
    """An invoice as reading answers it."""
    usual = {"track_id": "7", "status": "paid", "amount": 45.98, "currency": "USD", "txs": []}
    return 200, envelope(json.dumps(usual | fields))


def tx(value, status="confirmed") -> dict:
    return {"value": value, "status": status, "tx_hash": "0x1"}
