"""Stripe as a provider of the sandbox: what the shared machinery asks of it.

A provider has a `name`, `kinds` (its calls, for faults; `payable_kinds` those that start a
payment), `blueprints()`, `headers(body)` that sign a webhook, `tick()` for what time does, `act()`
for the control API, `actions` (their names) and `state()`.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from flask import Blueprint

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import billing, events, invoices, payments, sessions
from localcloud.sandbox.stripe.aftermath import Aftermath
from localcloud.sandbox.stripe.api import Api
from localcloud.sandbox.stripe.billing_endpoints import ALL
from localcloud.sandbox.stripe.errors import StripeRefusal
from localcloud.sandbox.stripe.events import Happenings
from localcloud.sandbox.stripe.form import Form
from localcloud.sandbox.stripe.hosted import Hosted
from localcloud.sandbox.stripe.intents import IntentPayer
from localcloud.sandbox.stripe.payer import Payer
from localcloud.sandbox.stripe.subscriber import Subscriber
from localcloud.sandbox.world import Refused, World


class Stripe:
    """One Stripe account in test mode with one webhook endpoint."""

    name = events.PROVIDER
    kinds = tuple(endpoint.kind for endpoint in ALL)
    payable_kinds = ("checkout.sessions.create", "payment_intents.create")

    def __init__(
        self, world: World, secrets: Sequence[str], enabled: Sequence[str] = events.ENABLED
    ) -> None:
        """`secrets` sign the webhooks (two while one replaces the other)."""
        self._world = world
        self.secrets = tuple(secrets)
        self._payer = Payer(world, tuple(enabled))
        self._intents = IntentPayer(world, tuple(enabled))
        self._aftermath = Aftermath(world, tuple(enabled))
        subscriber = Subscriber(world, tuple(enabled))
        self._happens: dict[str, Callable[[str, Manner | None], Happenings]] = {
            "renew": subscriber.renew,
            "fail-renewal": subscriber.fail_renewal,
            "ask-for-action": subscriber.ask_for_action,
            "pay-invoice": subscriber.pay_invoice,
            "end": subscriber.end,
        }
        self._actions: dict[str, Callable[[str, Manner | None, dict[str, Any]], Happenings]] = {
            "pay": lambda ref, manner, body: self._payer.pay(ref, manner, body.get("email")),
            "fail": lambda ref, manner, body: self._payer.fail(ref, manner, body.get("email")),
            "expire": lambda ref, manner, body: self._payer.expire(ref, manner),
            "pay-async": lambda ref, manner, body: self._payer.pay_async(
                ref, manner, body.get("email")
            ),
            "async-succeed": lambda ref, manner, body: self._payer.async_succeed(ref, manner),
            "async-fail": lambda ref, manner, body: self._payer.async_fail(ref, manner),
            "pay-again": lambda ref, manner, body: self._payer.announce_again(ref, manner),
            "refund": self._refund,
            "refund-fail": lambda ref, manner, body: self._aftermath.fail_refund(
                self._charge(ref), manner, ref
            ),
            "dispute": lambda ref, manner, body: self._aftermath.dispute(
                self._charge(ref), manner, ref
            ),
            "dispute-win": lambda ref, manner, body: self._aftermath.close_dispute(
                self._charge(ref), True, manner, ref
            ),
            "dispute-lose": lambda ref, manner, body: self._aftermath.close_dispute(
                self._charge(ref), False, manner, ref
            ),
        }

    @property
    def actions(self) -> tuple[str, ...]:
        """What `act` can do."""
        return (*self._actions, *self._happens)

    def blueprints(self) -> list[Blueprint]:
        """The API and the hosted page."""
        return [
            Api(self._world, self._payer, self._aftermath).blueprint(),
            Hosted(self._world, self._payer).blueprint(),
            Form(self._intents).blueprint(),
        ]

    def headers(self, body: bytes) -> dict[str, str]:
        """The signature of one delivery attempt, made with the time of the attempt."""
        return {"Stripe-Signature": events.signature(self.secrets, body)}

    def tick(self) -> None:
        """End the sessions whose time is over."""
        for identifier in self._world.store.due(sessions.KIND, "open", "expires_at", time.time()):
            with suppress(Refused):  # paid in this very moment: the payer was first
                self._payer.expire(identifier, None)

    def act(
        self, reference: str, action: str, manner: Manner | None, body: dict[str, Any]
    ) -> dict[str, Any]:
        """Let something happen to a session, to a PaymentIntent that belongs to none, or to a
        subscription; raises Refused (404, 409, 422)."""
        if action in self._happens:
            return self._happen(reference, action, manner)
        if action not in self._actions:
            known = ", ".join(sorted(self.actions))
            raise Refused(422, f"Unknown action {action}; stripe has {known}")
        with self._world.store.transaction():
            self._subject(reference)
            try:
                happen = self._act_on(reference, action, manner, body)
            except StripeRefusal as refusal:
                raise Refused(409, str(refusal)) from None
            return {
                "session": self._subject(reference),
                "events": [{"id": e["id"], "type": e["type"]} for e in happen.events],
            }

    def _subject(self, reference: str) -> Document:
        alone = reference.startswith("pi_")
        return self._intents.intent(reference) if alone else self._payer.session(reference)

    def _act_on(
        self, reference: str, action: str, manner: Manner | None, body: dict[str, Any]
    ) -> Happenings:
        if reference.startswith("pi_") and action in self._intents.actions:
            return self._intents.actions[action](reference, manner)
        return self._actions[action](reference, manner, body)

    def _happen(self, reference: str, action: str, manner: Manner | None) -> dict[str, Any]:
        """Let something happen to a subscription, named by itself or by its session."""
        store = self._world.store
        session = store.get(sessions.KIND, reference)
        happen = self._happens[action]((session and session["subscription"]) or reference, manner)
        return {"events": [{"id": e["id"], "type": e["type"]} for e in happen.events]}

    def state(self) -> dict[str, list[Document]]:
        """Every object, newest first."""
        kinds = {
            "sessions": sessions.KIND,
            "paymentIntents": payments.INTENT,
            "charges": payments.CHARGE,
            "refunds": payments.REFUND,
            "disputes": payments.DISPUTE,
            "customers": billing.CUSTOMER,
            "products": billing.PRODUCT,
            "subscriptions": billing.SUBSCRIPTION,
            "invoices": invoices.KIND,
            "events": events.KIND,
        }
        return {name: self._world.store.find(kind) for name, kind in kinds.items()}

    def events_of(self, identifier: str | None, reference: str | None) -> list[Document]:
        """The event of this id, or all events about this session or subscription, in the order they
        happened."""
        if identifier:
            found = self._world.store.get(events.KIND, identifier)
            return [{**found, "pending_webhooks": 1}] if found else []
        store, wanted = self._world.store, reference or ""
        kinds = (sessions.KIND, payments.INTENT, billing.SUBSCRIPTION)
        subject = next((found for kind in kinds if (found := store.get(kind, wanted))), None)
        if not subject:
            return []
        names = {subject.get(name) for name in ("id", "payment_intent", "subscription")} - {None}
        return [
            {**event, "pending_webhooks": 1}
            for event in reversed(store.find(events.KIND))
            if names & events.concerned(event["data"]["object"])
        ]

    def _charge(self, reference: str) -> Document:
        return self._aftermath.charge_of(self._subject(reference))

    def _refund(self, reference: str, manner: Manner | None, body: dict[str, Any]) -> Happenings:
        happen = Happenings(reference, manner)
        self._aftermath.refund(
            self._charge(reference), body.get("amount"), {"reason": "requested_by_customer"}, happen
        )
        return happen
