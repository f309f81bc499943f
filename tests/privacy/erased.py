"""Somebody whose every trace is planted through the API, as a person would leave it, and who then
looks for each of them: in all tables, on the queue and in the log."""

import json
from typing import Any

import boto3

from chalicelib.accounts.rules import email_key
from chalicelib.config import settings
from chalicelib.kernel import clock, ids
from chalicelib.kernel.ids import token
from chalicelib.kernel.messaging import events
from chalicelib.privacy import contexts, erasure
from tests.accounts.people import PASSWORD
from tests.faults.world import scan, unpacked

EMAIL = "canary.person@mail-canary.test"
BROWSER = "CanaryBrowser/7.7"
PROFILE = {
    "username": "CanaryName",
    "phone": "+8613900007777",
    "avatar": "https://canary-picture.test/me.png",
    "gender": "other",
    "birthday": "1977-07-07",
    "locale": "en",
}
HOME = {
    "name": "Canary Recipient",
    "phone": "+8613800770001",
    "line1": "77 Canary Street",
    "line2": "Canary Flat",
    "city": "Canaryville",
    "region": "青海省",
    "postalCode": "816977",
    "country": "CN",
}
NOTE = "canary note: ring twice"
WORDS = [
    EMAIL,
    BROWSER,
    NOTE,
    *[PROFILE[name] for name in ("username", "phone", "avatar", "birthday")],
    *[HOME[name] for name in HOME if name != "country"],
]
# Tables in which not even the account's id may be left, nor the e-mail's digest.
EMPTY_OF_ID = {"sessions", "tickets", "addresses", "idempotency", "open-carts"}
EMPTY_OF_DIGEST = {"users", "emails", "orders", "tickets", "holds", "allowances"}


class Person:
    """Somebody at a browser, with an account."""

    def __init__(self, shop: Any) -> None:
        self.shop, self.bearer, self.user_id = shop, "", ""
        self.mails: list[events.Event] = []

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        headers = {"User-Agent": BROWSER, "Idempotency-Key": token()}
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        answer = self.shop.call(method, path, body, **headers)
        assert answer.status_code == status, (path, answer.status_code, answer.body)
        return json.loads(answer.body)["data"]

    def register(self) -> None:
        account = {"email": EMAIL, "password": PASSWORD, "username": PROFILE["username"]}
        self.call("POST", "/api/auth/register", account, status=201)
        link = {"token": self.mails[-1].data["token"]}
        self.call("POST", "/api/auth/verify-email", link)

    def sign_in(self, cart_id: str | None = None) -> None:
        found = self.call(
            "POST", "/api/auth/login", {"email": EMAIL, "password": PASSWORD, "cartId": cart_id}
        )
        self.bearer, self.user_id = found["accessToken"], found["user"]["id"]

    def check_out(self, cart_id: str) -> str:
        wish = {"email": EMAIL, "address": HOME, "note": NOTE, "shippingMethod": "standard"}
        placed = self.call("POST", f"/api/cart/{cart_id}/checkout", wish)
        return str(placed["orderId"])

    def fill_cart(self) -> str:
        cart_id = self.call("POST", "/api/cart/create", {}, status=201)["id"]
        self.call("POST", f"/api/cart/{cart_id}/add", {"variantId": "mug", "quantity": 1})
        return str(cart_id)

    def pay(self, order_id: str, *, work: bool = True) -> None:
        sessions = self.shop.sandbox.state()["stripe"]["sessions"]
        session = next(one for one in sessions if one["client_reference_id"] == order_id)
        before = {event["id"] for event in self.shop.events()}
        self.shop.sandbox.control("stripe", session["id"], "pay", lose=True)
        for event in self.shop.events():
            if event["id"] not in before:
                assert self.shop.deliver(event).status_code == 200
        if work:
            assert self.shop.work() == []

    def live(self) -> None:
        """Leave a trace wherever the shop keeps one."""
        guests = self.check_out(self.fill_cart())
        self.register()
        self.sign_in(self.fill_cart())
        self.call("PUT", "/api/user/profile", {**PROFILE, "version": 1})
        self.call("POST", "/api/user/addresses", HOME, status=201)
        self.pay(self.check_out(self.call("GET", "/api/cart")["id"]))
        self.check_out(self.fill_cart())
        self.pay(guests, work=False)
        self.call("POST", f"/api/cart/{self.fill_cart()}/reserve", {})
        self.call("POST", "/api/auth/forgot-password", {"email": EMAIL}, status=202)

    def erase(self) -> Any:
        return self.call("POST", "/api/user/erase", {"password": PASSWORD})


def waiting() -> list[str]:
    """What is on the queue, without taking it off."""
    found = boto3.client("sqs").receive_message(
        QueueUrl=settings().payment_events_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [message["Body"] for message in found.get("Messages", [])]


def allowances_of(person: Person) -> list[str]:
    """Whose allowance their holds used: the account's, and as a guest the e-mail's from here."""
    return [ids.identity("user", person.user_id), ids.identity_at("email", EMAIL, "127.0.0.1")]


def traces(person: Person, log: list[str]) -> set[str]:
    """Where something of the person is found, and what."""
    prefix, found = settings().table_prefix, set()
    for table in boto3.client("dynamodb").list_tables()["TableNames"]:
        name = table.removeprefix(prefix)
        words = list(WORDS)
        words += [person.user_id] if name in EMPTY_OF_ID else []
        words += [email_key(EMAIL)] if name in EMPTY_OF_DIGEST else []
        words += allowances_of(person) if name == "allowances" else []
        text = json.dumps(scan(name), ensure_ascii=False, default=unpacked).lower()
        found |= {f"{name}: {word}" for word in words if word.lower() in text}
    for place, texts in (("queue", waiting()), ("log", log)):
        text = "\n".join(texts).lower()
        found |= {f"{place}: {word}" for word in WORDS if word.lower() in text}
    return found


def go_on(*, after: int = 120) -> dict[str, int]:
    """The schedule's run, `after` seconds from now."""
    done = erasure.go_on(contexts.PERSONAL_DATA, now=clock.now() + after)
    return {"erased": done.erased, "left": done.left}


def without(monkeypatch, name: str) -> None:
    rest = {key: each for key, each in contexts.PERSONAL_DATA.items() if key != name}
    monkeypatch.setattr(contexts, "PERSONAL_DATA", rest)
