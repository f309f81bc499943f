"""What tests of PayPal's sandbox, and of code that talks to it, need again and again."""

from typing import Any

import requests

from localcloud.sandbox import SandboxClient
from localcloud.sandbox.paypal.provider import SANDBOX_CLIENT, SANDBOX_SECRET

CONTEXT = {
    "return_url": "http://shop.localhost:4600/order.html?session=pay_1#order=1&token=secret",
    "cancel_url": "http://shop.localhost:4600/order.html?cancelled=1#order=1&token=secret",
    "user_action": "PAY_NOW",
    "shipping_preference": "NO_SHIPPING",
    "locale": "en-US",
}


def order(**changes: Any) -> dict[str, Any]:
    """The body of an order for two lines, 45.98 USD in all; `changes` are of its purchase unit."""
    unit = {
        "reference_id": "order-1",
        "custom_id": "pay_1",
        "invoice_id": "CW-0001-1",
        "amount": usd("45.98", breakdown={"item_total": usd("45.98")}),
        "items": [
            {"name": "Tea", "quantity": "2", "unit_amount": usd("19.99")},
            {"name": "Shipping", "quantity": "1", "unit_amount": usd("6.00")},
        ],
        **changes,
    }
    return {
        "intent": "CAPTURE",
        "purchase_units": [{name: value for name, value in unit.items() if value is not None}],
        "payment_source": {"paypal": {"experience_context": CONTEXT}},
    }


def usd(value: str, **more: Any) -> dict[str, Any]:
    """An amount in dollars."""
    return {"currency_code": "USD", "value": value, **more}


class Account:
    """A shop's account as plain HTTP calls: every method answers the response."""

    def __init__(self, sandbox: SandboxClient) -> None:
        self.sandbox = sandbox
        self._http = requests.Session()
        self._http.trust_env = False
        self._token = self.token().json()["access_token"]

    def token(self, client_id: str = SANDBOX_CLIENT, secret: str = SANDBOX_SECRET, **form: str
              ) -> requests.Response:  # fmt: skip
        """Ask for a token."""
        data = {"grant_type": "client_credentials", **form}
        return self._http.post(
            f"{self.sandbox.url}/v1/oauth2/token", data=data, auth=(client_id, secret), timeout=10
        )

    def call(
        self, method: str, path: str, body: Any = None, key: str | None = None, **headers: str
    ) -> requests.Response:
        """One call below /v2."""
        sent = {"Authorization": f"Bearer {self._token}", **headers}
        if key:
            sent["PayPal-Request-Id"] = key
        return self._http.request(
            method, f"{self.sandbox.url}/v2{path}", json=body, headers=sent, timeout=10
        )

    def create(self, key: str = "k1", body: Any = None, **headers: str) -> requests.Response:
        """Create an order."""
        return self.call("POST", "/checkout/orders", body or order(), key, **headers)

    def read(self, order_id: str) -> requests.Response:
        """Read an order."""
        return self.call("GET", f"/checkout/orders/{order_id}")

    def capture(self, order_id: str, key: str | None = None, **headers: str) -> requests.Response:
        """Take an order's money."""
        headers = {"Prefer": "return=representation", **headers}
        key = key or f"capture-{order_id}"
        return self.call("POST", f"/checkout/orders/{order_id}/capture", {}, key, **headers)

    def refund(self, capture_id: str, body: Any = None, key: str = "r1") -> requests.Response:
        """Give a capture's money back."""
        path = f"/payments/captures/{capture_id}/refund"
        return self.call("POST", path, body or {}, key, Prefer="return=representation")

    def paid(self) -> tuple[str, str]:
        """An order that was approved and captured: its id and its capture's."""
        order_id = str(self.create().json()["id"])
        self.sandbox.control("paypal", order_id, "approve")
        unit = self.capture(order_id).json()["purchase_units"][0]
        return order_id, str(unit["payments"]["captures"][0]["id"])
