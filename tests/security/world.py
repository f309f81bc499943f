"""A shop with people in it, and things that are the owner's alone."""

import re
from dataclasses import dataclass, field
from typing import Any

from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Declared
from chalicelib.subscriptions import following
from tests import factory, stage
from tests.accounts import people

BODIES: dict[str, Any] = {
    "AddLine": {"variantId": "mug", "quantity": 1},
    "UpdateLine": {"variantId": "mug", "quantity": 2},
    "RemoveLine": {"variantId": "mug"},
    "Checkout": {
        "email": "ada@shop.test",
        "address": factory.ADDRESS,
        "shippingMethod": "standard",
    },
    "PutAddress": factory.ADDRESS,
    "ProofBody": {"hash": "0" * 64},
    "Subscribe": {"planId": "tea-month"},
    "ChangePlan": {"planId": "tea-year"},
}


@dataclass
class World:
    """A shop with people in it: what each sends, and things that are the owner's alone."""

    shop: Any
    tokens: dict[str, str] = field(repr=False)
    order: str | None = None

    def headers(self, who: str) -> dict[str, str]:
        if who == "key":
            return {"X-Api-Key": stage.SECRETS["admin/key"]}
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}

    def call(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.shop.call(method, path, body, **{**self.headers(who), **headers})

    def data(self, who: str, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(who, method, path, body)
        assert answer.status_code < 300, (method, path, answer.body)
        return answer.json_body["data"]

    # ---- the owner's things ----

    def cart_id(self) -> str:
        cart: str = self.data("owner", "POST", "/api/cart/create", {})["id"]
        self.data("owner", "POST", f"/api/cart/{cart}/add", BODIES["AddLine"])
        return cart

    def order_id(self) -> str:
        """One order for all: how many may wait to be paid at once is bounded."""
        if self.order is None:
            path = f"/api/cart/{self.cart_id()}/checkout"
            self.order = str(self.data("owner", "POST", path, BODIES["Checkout"])["orderId"])
        return self.order

    def payment_id(self) -> str:
        return str(
            self.data("owner", "POST", f"/api/orders/{self.order_id()}/pay", {})["paymentId"]
        )

    def address_id(self) -> str:
        book = self.data("owner", "POST", "/api/user/addresses", factory.ADDRESS)
        found = book.get("id") or book.get("addressId") or book["address"]["id"]
        return str(found)

    def session_id(self) -> str:
        return people.sign_in("owner@shop.test").session.session_id

    def subscription_id(self) -> str:
        """One that runs."""
        body = BODIES["Subscribe"]
        begun: str = self.data("owner", "POST", "/api/subscriptions", body)["id"]
        for session in self.shop.sandbox.state()["stripe"]["sessions"]:
            if session["client_reference_id"] == begun and session["status"] == "open":
                self.shop.sandbox.control("stripe", session["id"], "pay", lose=True)
                following.refresh(begun, now=clock.now())
        return begun

    def thing(self, route: Declared) -> str:
        """The path of a route with something of the owner's in it."""
        names = re.findall(r"{(\w+)}", route.path)
        things = {each: getattr(self, each)() for each in names}
        return route.path.format(**things)
