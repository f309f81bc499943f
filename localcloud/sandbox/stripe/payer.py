"""The payer, the bank and the clock: everything that happens to a session from outside the API.

Each function is one transaction that changes the objects and records the events of the change.
Wrong state (paying what is not open) raises Refused with 409.
"""

import time
from collections.abc import Callable
from typing import Any

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import payments, sessions
from localcloud.sandbox.stripe.events import Happenings
from localcloud.sandbox.stripe.subscriber import Subscriber
from localcloud.sandbox.world import Refused, World


class Payer:
    """Acts on sessions by their id; `enabled` are the event types the shop is subscribed to."""

    def __init__(self, world: World, enabled: tuple[str, ...]) -> None:
        self._world = world
        self._store = world.store
        self.enabled = enabled

    def session(self, reference: str) -> Document:
        """The session; raises Refused with 404."""
        session = self._store.get(sessions.KIND, reference)
        if session is None:
            raise Refused(404, f"No such checkout session: {reference}")
        return session

    def pay(
        self,
        reference: str,
        manner: Manner | None,
        email: str | None = None,
        announcements: int = 1,
    ) -> Happenings:
        """The charge succeeds, the session is complete; `completed` comes `announcements` times,
        each time as an event of its own."""

        def change(session: Document, happen: Happenings) -> None:
            done = self._subscribed(session, happen) or self._paid(session, happen, email)
            self._store.put(sessions.KIND, done)
            for _ in range(announcements):
                happen.add("checkout.session.completed", done)

        return self._change(reference, manner, change, status="open")

    def _paid(self, session: Document, happen: Happenings, email: str | None) -> Document:
        intent = self._settle(session, happen, email) if session["amount_total"] else None
        status = "paid" if intent else "no_payment_required"
        return sessions.completed(session, intent, status, email)

    def _subscribed(self, session: Document, happen: Happenings) -> Document | None:
        """A session that begins a subscription; None for one that is paid once."""
        if session["mode"] != "subscription":
            return None
        kept = self._store.get(sessions.LINES, session["id"])
        if kept is None:
            raise Refused(409, f"{session['id']} has no lines")
        begun, invoice = Subscriber(self._world, self.enabled).begin(session, kept, happen)
        return sessions.subscribed(session, begun, invoice)

    def announce_again(self, reference: str, manner: Manner | None) -> Happenings:
        """One more `completed` event, with an id of its own, for a session paid before."""

        def change(session: Document, happen: Happenings) -> None:
            happen.add("checkout.session.completed", session)

        return self._change(reference, manner, change, status="complete")

    def fail(self, reference: str, manner: Manner | None, email: str | None = None) -> Happenings:
        """The card is declined; the session stays open for another try."""

        def change(session: Document, happen: Happenings) -> None:
            intent = self._intent(session, happen)
            if session["mode"] == "payment":
                self._store.put(sessions.KIND, {**session, "payment_intent": intent["id"]})
            charge = payments.charge(intent, email, _now(), paid=False)
            error = {**payments.DECLINED, "charge": charge["id"]}
            failed = {**intent, "last_payment_error": error, "latest_charge": charge["id"]}
            self._store.put(payments.CHARGE, charge)
            self._store.put(payments.INTENT, failed)
            happen.add("charge.failed", charge)
            happen.add("payment_intent.payment_failed", failed)

        return self._change(reference, manner, change, status="open")

    def expire(
        self,
        reference: str,
        manner: Manner | None,
        request_id: str | None = None,
        key: str | None = None,
    ) -> Happenings:
        """The session ends unpaid: its time is over, or the shop or a test asked for it."""

        def change(session: Document, happen: Happenings) -> None:
            over = self._store.put(sessions.KIND, sessions.expired(session))
            if session["payment_intent"]:
                self._cancel(session["payment_intent"], happen)
            happen.add("checkout.session.expired", over)

        happen = Happenings(reference, manner, request_id, key)
        return self._change(reference, manner, change, status="open", happen=happen)

    def pay_async(
        self, reference: str, manner: Manner | None, email: str | None = None
    ) -> Happenings:
        """A slow method: the session is complete, the money has not arrived yet."""

        def change(session: Document, happen: Happenings) -> None:
            if session["mode"] != "payment":
                raise Refused(409, "This sandbox takes slow money for one payment only")
            intent = {**self._intent(session, happen), "status": "processing"}
            self._store.put(payments.INTENT, intent)
            done = sessions.completed(session, intent["id"], "unpaid", email)
            self._store.put(sessions.KIND, done)
            happen.add("payment_intent.processing", intent)
            happen.add("checkout.session.completed", done)

        return self._change(reference, manner, change, status="open")

    def async_succeed(self, reference: str, manner: Manner | None) -> Happenings:
        """The money of a slow method arrived."""

        def change(session: Document, happen: Happenings) -> None:
            self._settle(session, happen, None)
            done = self._store.put(sessions.KIND, {**session, "payment_status": "paid"})
            happen.add("checkout.session.async_payment_succeeded", done)

        return self._change(reference, manner, change, status="complete", processing=True)

    def async_fail(self, reference: str, manner: Manner | None) -> Happenings:
        """The money of a slow method will not come."""

        def change(session: Document, happen: Happenings) -> None:
            intent = self._intent(session, happen)
            failed = {
                **intent,
                "status": "requires_payment_method",
                "last_payment_error": payments.DECLINED,
            }
            self._store.put(payments.INTENT, failed)
            happen.add("payment_intent.payment_failed", failed)
            happen.add("checkout.session.async_payment_failed", session)

        return self._change(reference, manner, change, status="complete", processing=True)

    def _change(
        self,
        reference: str,
        manner: Manner | None,
        change: Callable[[Document, Happenings], Any],
        *,
        status: str,
        processing: bool = False,
        happen: Happenings | None = None,
    ) -> Happenings:
        happen = happen or Happenings(reference, manner)
        with self._store.transaction():
            session = self.session(reference)
            if session["status"] != status:
                raise Refused(409, f"{reference} is {session['status']}, not {status}")
            if processing and self._intent(session, happen)["status"] != "processing":
                raise Refused(409, f"{reference} has no payment that is under way")
            change(session, happen)
            happen.record(self._world, self.enabled)
        return happen

    def _intent(self, session: Document, happen: Happenings) -> Document:
        """The session's PaymentIntent; made at its first attempt, as at Stripe."""
        if session["payment_intent"]:
            found = self._store.get(payments.INTENT, session["payment_intent"])
            if found:
                return found
        kept = self._store.get(sessions.LINES, session["id"]) or {"payment": {}}
        intent = self._store.put(payments.INTENT, payments.intent(session, kept["payment"], _now()))
        happen.add("payment_intent.created", intent)
        return intent

    def _settle(self, session: Document, happen: Happenings, email: str | None) -> str:
        """Take the money; the PaymentIntent's id."""
        intent = self._intent(session, happen)
        charge, paid = payments.taken(intent, email or session["customer_email"], _now())
        self._store.put(payments.CHARGE, charge)
        self._store.put(payments.INTENT, paid)
        happen.add("charge.succeeded", charge)
        happen.add("payment_intent.succeeded", paid)
        return str(intent["id"])

    def _cancel(self, identifier: str, happen: Happenings) -> None:
        intent = self._store.get(payments.INTENT, identifier)
        if intent:
            over = {**intent, "status": "canceled", "canceled_at": _now(),
                    "cancellation_reason": "automatic"}  # fmt: skip
            happen.add("payment_intent.canceled", self._store.put(payments.INTENT, over))


def _now() -> int:
    return int(time.time())
