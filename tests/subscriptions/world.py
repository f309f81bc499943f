"""People who subscribe, and a provider at which things happen to their subscriptions."""

import json
from typing import Any

from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.subscriptions import changing, opening, reconciling, service
from chalicelib.subscriptions.opening import Buyer
from chalicelib.subscriptions.rules import Subscription
from chalicelib.subscriptions.tables import SubscriptionItem
from tests import stage
from tests.accounts import people
from tests.shop import Shop

MONTH, YEAR, OFF = "tea-month", "tea-year", "coffee-month"
# What differs from run to run, and says nothing of how a subscription stands.
_OF_THE_RUN = ("version", "asked_at", "due_at")


class Subscribers:
    """What a test does with subscriptions; their state is in the tables and at the provider."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.sandbox = shop.sandbox

    def person(self, name: str = "ada") -> Buyer:
        """Somebody with an account."""
        email = f"{name}@shop.test"
        user = people.register(email)
        return Buyer(user.user_id, email, "en")

    def begin(self, buyer: Buyer, plan: str = MONTH, currency: str | None = None) -> Subscription:
        return opening.begin(buyer, plan, currency, now=clock.now())

    def active(self, buyer: Buyer, plan: str = MONTH) -> Subscription:
        """Begun, paid and told of."""
        begun = self.begin(buyer, plan)
        self.hear(self.pay(begun))
        return self.read(begun)

    def read(self, one: Subscription) -> Subscription:
        item = dynamo.get(SubscriptionItem, one.subscription_id)
        assert item is not None
        return item.as_subscription()

    # ---- the provider ----

    def at_stripe(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.state()["stripe"][kind]
        return found

    def pay(self, one: Subscription) -> list[dict[str, Any]]:
        """Pay its page; answers the events that would be sent."""
        return self.happen(self.read(one).session_id or "", "pay")

    def happen(self, reference: str, action: str) -> list[dict[str, Any]]:
        """Let something happen at the provider; answers the events of it, which are not sent."""
        before = {event["id"] for event in self.shop.events()}
        self.sandbox.control("stripe", reference, action, lose=True)
        return [event for event in self.shop.events()[::-1] if event["id"] not in before]

    def befall(self, one: Subscription, action: str) -> list[dict[str, Any]]:
        """Let something happen to a running subscription."""
        return self.happen(self.read(one).external_id or "", action)

    def hear(self, events: list[dict[str, Any]]) -> None:
        """Have the shop told, and let it work that off."""
        for event in events:
            assert self.shop.deliver(event).status_code == 200
        self.shop.drain()

    def calls(self, kind: str) -> list[dict[str, Any]]:
        """The calls of a kind that reached the provider."""
        return [call for call in self.sandbox.requests() if call["kind"] == kind]

    # ---- the shop ----

    def reconcile(self, *, after: int = 0) -> reconciling.Asked:
        return reconciling.run(clock.now() + after)

    def cancel(self, one: Subscription) -> Subscription:
        return changing.cancel(one.subscription_id, one.user_id, now=clock.now())

    def resume(self, one: Subscription) -> Subscription:
        return changing.resume(one.subscription_id, one.user_id, now=clock.now())

    def change(self, one: Subscription, plan: str) -> Subscription:
        return changing.change(one.subscription_id, one.user_id, plan, now=clock.now())

    def of(self, buyer: Buyer) -> list[Subscription]:
        return list(service.of_user(buyer.user_id))

    def token(self, buyer: Buyer) -> dict[str, str]:
        """The header of a signed-in call."""
        return {"Authorization": f"Bearer {people.sign_in(buyer.email).access_token}"}

    def world(self) -> dict[str, list[str]]:
        """All that is known of subscriptions, as plain text, so that two ends can be compared."""
        rows = []
        for text in stage.moto_here.contents("subscriptions"):
            item = json.loads(text)["Attributes"]
            rows.append(json.dumps({k: v for k, v in item.items() if k not in _OF_THE_RUN}))
        holders = []
        for text in stage.moto_here.contents("subscribers"):
            item = json.loads(text)["Attributes"]
            holders.append(json.dumps({k: v for k, v in item.items() if k != "version"}))
        return {"subscriptions": rows, "subscribers": holders}
