"""PaymentIntents of their own: made by the shop, paid in a form that it embeds.

Source: docs.stripe.com/api/payment_intents. The payer's side is `IntentPayer`; in Stripe's world it
is a form of Stripe's script, here `/c/form/{client secret}` and the control API.
"""

import time
from collections.abc import Callable
from typing import Any

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import payments
from localcloud.sandbox.stripe.events import Happenings
from localcloud.sandbox.world import Refused, World

# A payer can still pay, by another card say; none of these has money in it.
WAITING = ("requires_payment_method", "requires_confirmation", "requires_action")
METHODS = {"usd": ["card", "alipay", "wechat_pay", "link"], "cny": ["card", "alipay", "wechat_pay"]}


def made(given: dict[str, Any], now: int) -> Document:
    """A new PaymentIntent from checked parameters."""
    currency = given["currency"]
    session = {
        "amount_total": given["amount"],
        "currency": currency,
        "payment_method_types": METHODS.get(currency, ["card"]),
    }
    return payments.intent(session, given, now)


class IntentPayer:
    """Acts on PaymentIntents that belong to no session, by their id."""

    def __init__(self, world: World, enabled: tuple[str, ...]) -> None:
        self._world = world
        self._store = world.store
        self._enabled = enabled
        self.actions: dict[str, Callable[[str, Manner | None], Happenings]] = {
            "pay": self.pay,
            "fail": self.fail,
            "expire": self.cancel,
            "pay-async": self.pay_async,
            "async-succeed": self.async_succeed,
            "async-fail": self.async_fail,
        }

    def intent(self, reference: str) -> Document:
        """The PaymentIntent; raises Refused with 404."""
        found = self._store.get(payments.INTENT, reference)
        if found is None:
            raise Refused(404, f"No such payment intent: {reference}")
        return found

    def by_secret(self, secret: str) -> Document:
        """The PaymentIntent that a client secret opens; raises Refused with 404."""
        found = self._store.find(payments.INTENT, client_secret=secret)
        if not found:
            raise Refused(404, "No such payment intent")
        return found[0]

    def pay(self, reference: str, manner: Manner | None) -> Happenings:
        """The charge succeeds."""
        return self._change(reference, Happenings(reference, manner), self._settle, WAITING)

    def fail(self, reference: str, manner: Manner | None) -> Happenings:
        """The card is declined; another one may be tried."""

        def change(intent: Document, happen: Happenings) -> None:
            charge = payments.charge(intent, None, _now(), paid=False)
            self._store.put(payments.CHARGE, charge)
            happen.add("charge.failed", charge)
            error = {**payments.DECLINED, "charge": charge["id"]}
            self._turn_down(intent, happen, error, latest_charge=charge["id"])

        return self._change(reference, Happenings(reference, manner), change, WAITING)

    def pay_async(self, reference: str, manner: Manner | None) -> Happenings:
        """A slow method: the payer is done, the money has not arrived."""

        def change(intent: Document, happen: Happenings) -> None:
            waiting = self._store.put(payments.INTENT, {**intent, "status": "processing"})
            happen.add("payment_intent.processing", waiting)

        return self._change(reference, Happenings(reference, manner), change, WAITING)

    def async_succeed(self, reference: str, manner: Manner | None) -> Happenings:
        """The money of a slow method arrived."""
        happen = Happenings(reference, manner)
        return self._change(reference, happen, self._settle, ("processing",))

    def async_fail(self, reference: str, manner: Manner | None) -> Happenings:
        """The money of a slow method will not come; the form may be used once more."""

        def change(intent: Document, happen: Happenings) -> None:
            self._turn_down(intent, happen, payments.DECLINED)

        return self._change(reference, Happenings(reference, manner), change, ("processing",))

    def cancel(
        self,
        reference: str,
        manner: Manner | None,
        request_id: str | None = None,
        key: str | None = None,
    ) -> Happenings:
        """Nobody can pay it any more."""

        def change(intent: Document, happen: Happenings) -> None:
            over = {**intent, "status": "canceled", "canceled_at": _now()}
            happen.add("payment_intent.canceled", self._store.put(payments.INTENT, over))

        happen = Happenings(reference, manner, request_id, key)
        return self._change(reference, happen, change, WAITING)

    def _settle(self, intent: Document, happen: Happenings) -> None:
        charge, paid = payments.taken(intent, intent["receipt_email"], _now())
        self._store.put(payments.CHARGE, charge)
        self._store.put(payments.INTENT, paid)
        happen.add("charge.succeeded", charge)
        happen.add("payment_intent.succeeded", paid)

    def _turn_down(
        self, intent: Document, happen: Happenings, error: dict[str, Any], **more: Any
    ) -> None:
        failed = {
            **intent,
            **more,
            "status": "requires_payment_method",
            "last_payment_error": error,
        }
        happen.add("payment_intent.payment_failed", self._store.put(payments.INTENT, failed))

    def _change(
        self,
        reference: str,
        happen: Happenings,
        change: Callable[[Document, Happenings], None],
        statuses: tuple[str, ...],
    ) -> Happenings:
        with self._store.transaction():
            intent = self.intent(reference)
            if intent["status"] not in statuses:
                raise Refused(409, f"{reference} is {intent['status']}, not {statuses[0]}")
            change(intent, happen)
            happen.record(self._world, self._enabled)
        return happen


def _now() -> int:
    return int(time.time())
