"""OxaPay as a provider of the sandbox, see localcloud/sandbox/provider.py."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from flask import Blueprint

from localcloud.sandbox.deliveries import Letter, Manner
from localcloud.sandbox.oxapay import invoices, webhooks
from localcloud.sandbox.oxapay.api import ENDPOINTS, Api
from localcloud.sandbox.oxapay.hosted import Hosted
from localcloud.sandbox.oxapay.payer import AWAITED, Payer
from localcloud.sandbox.store import Document
from localcloud.sandbox.world import Refused, World

Act = Callable[[str, Manner | None, int | None], list[Document]]


class OxaPay:
    """One OxaPay merchant; an invoice says itself where its webhooks go."""

    name = webhooks.PROVIDER
    kinds = tuple(endpoint.kind for endpoint in ENDPOINTS)
    payable_kinds = ("payment.invoice.create",)

    def __init__(self, world: World, key: str) -> None:
        """`key` is the merchant key: calls must have it, webhooks are signed with it."""
        self._world = world
        self._key = key
        self._payer = payer = Payer(world)
        self.api = Api(world, payer, key)
        world.deliveries.judge_with(self.name, webhooks.taken)
        self._actions: dict[str, Act] = {
            "choose": lambda ref, manner, units: payer.choose(ref, manner),
            "paying": lambda ref, manner, units: payer.paying(ref, manner),
            "pay": lambda ref, manner, units: payer.pay(ref, manner),
            "underpay": payer.underpay,
            "overpay": payer.overpay,
            "expire": lambda ref, manner, units: payer.expire(ref, manner),
            "pay-late": payer.pay_late,
            "manual-accept": lambda ref, manner, units: payer.accept(ref, manner),
            "refund": lambda ref, manner, units: payer.refund(ref, manner),
        }

    @property
    def actions(self) -> tuple[str, ...]:
        """What `act` can do."""
        return tuple(self._actions)

    def blueprints(self) -> list[Blueprint]:
        """The API and the pay page."""
        return [self.api.blueprint(), Hosted(self._world, self._payer).blueprint()]

    def headers(self, body: bytes) -> dict[str, str]:
        """The signature; the same at every attempt, as nothing in it tells the time."""
        return {"HMAC": webhooks.signature(self._key, body)}

    def tick(self) -> None:
        """End the invoices whose time is over; one that is being paid goes on."""
        for status in AWAITED:
            for track_id in self._world.store.due(invoices.KIND, status, "expired_at", time.time()):
                with suppress(Refused):  # paid in this very moment: the payer was first
                    self._payer.expire(track_id, None)

    def act(
        self, reference: str, action: str, manner: Manner | None, body: dict[str, Any]
    ) -> dict[str, Any]:
        """Let something happen to an invoice; raises Refused (404, 409, 422).

        `amount` in the body is in minor units of the invoice's currency.
        """
        if action not in self._actions:
            known = ", ".join(sorted(self._actions))
            raise Refused(422, f"Unknown action {action}; oxapay has {known}")
        with self._world.store.transaction():
            events = self._actions[action](reference, manner, body.get("amount"))
            return {
                "invoice": self._payer.invoice(reference),
                "events": [{"id": event["id"], "type": event["type"]} for event in events],
            }

    def state(self) -> dict[str, list[Document]]:
        """Every object, newest first."""
        find = self._world.store.find
        return {"invoices": find(invoices.KIND), "events": find(webhooks.KIND)}

    def events_of(self, identifier: str | None, reference: str | None) -> Sequence[Letter]:
        """The event of this id, or all events about this invoice in the order they happened."""
        if identifier:
            found = self._world.store.get(webhooks.KIND, identifier)
            return [webhooks.letter(found)] if found else []
        about = self._world.store.find(webhooks.KIND, track_id=reference)
        return [webhooks.letter(event) for event in reversed(about)]
