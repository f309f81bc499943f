"""PayPal as a provider of the sandbox; what is asked of one stands in sandbox/provider.py."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response

from localcloud.sandbox.deliveries import Letter, Manner
from localcloud.sandbox.paypal import events, orders, signing
from localcloud.sandbox.paypal.amounts import written
from localcloud.sandbox.paypal.api import Api
from localcloud.sandbox.paypal.errors import PayPalRefusal
from localcloud.sandbox.paypal.events import Happenings
from localcloud.sandbox.paypal.hosted import Hosted
from localcloud.sandbox.paypal.payer import UNPAID, Payer, as_control
from localcloud.sandbox.store import Document
from localcloud.sandbox.world import Refused, World

SANDBOX_CLIENT = "paypal-sandbox-client"
SANDBOX_SECRET = "paypal-sandbox-secret"
SANDBOX_WEBHOOK = "1SANDBOXWEBHOOK01"


@dataclass(frozen=True)
class Account:
    """The credentials open the API; `webhook_id` is part of what webhooks are signed over."""

    client_id: str = SANDBOX_CLIENT
    client_secret: str = field(default=SANDBOX_SECRET, repr=False)
    webhook_id: str = SANDBOX_WEBHOOK


ACCOUNT = Account()


class PayPal:
    """One business account in test mode with one webhook."""

    name = events.PROVIDER
    payable_kinds = ("orders.create",)

    def __init__(
        self,
        world: World,
        account: Account = ACCOUNT,
        enabled: Sequence[str] = events.ENABLED,
    ) -> None:
        self._world = world
        self._webhook_id = account.webhook_id
        self._payer = Payer(world, tuple(enabled))
        self._api = Api(world, self._payer, account.client_id, account.client_secret)
        self.kinds = (*(endpoint.kind for endpoint in self._api.endpoints), "oauth.token")
        payer = self._payer
        self._actions: dict[str, Callable[[str, Manner | None, dict[str, Any]], Happenings]] = {
            "approve": lambda ref, manner, body: payer.approve(ref, manner),
            "approve-declined": lambda ref, manner, body: payer.approve(ref, manner, "declined"),
            "capture-pending": lambda ref, manner, body: payer.hold(ref, manner),
            "capture-complete": lambda ref, manner, body: payer.decide(ref, manner, "COMPLETED"),
            "capture-deny": lambda ref, manner, body: payer.decide(ref, manner, "DECLINED"),
            "refund": self._refund,
            "reverse": lambda ref, manner, body: payer.reverse(ref, manner),
            "dispute": lambda ref, manner, body: payer.dispute(ref, manner),
            "dispute-win": lambda ref, manner, body: payer.close_dispute(ref, manner, won=True),
            "dispute-lose": lambda ref, manner, body: payer.close_dispute(ref, manner, won=False),
            "expire": lambda ref, manner, body: payer.expire(ref, manner),
        }

    @property
    def actions(self) -> tuple[str, ...]:
        """What `act` can do."""
        return tuple(self._actions)

    def revoke_tokens(self) -> None:
        """Let every token given so far be worth nothing."""
        self._api.tokens.clear()

    def blueprints(self) -> list[Blueprint]:
        """The API, the page where the payer approves, and the webhooks' certificate."""
        certificates = Blueprint("paypal_certificates", __name__)
        certificates.add_url_rule("/paypal/certs/<name>", "certificate", _certificate)
        return [
            self._api.blueprint(),
            Hosted(self._world, self._payer).blueprint(),
            certificates,
        ]

    def headers(self, body: bytes) -> dict[str, str]:
        """The signature of one delivery attempt, made with the time of the attempt."""
        return signing.headers(body, self._webhook_id, self._world.url)

    def tick(self) -> None:
        """Drop the orders whose time is over."""
        for status in (*UNPAID, "APPROVED"):
            for identifier in self._world.store.due(orders.ORDER, status, "_own.ends", time.time()):
                with suppress(Refused):  # captured in this very moment: the shop was first
                    self._payer.expire(identifier, None)

    def act(
        self, reference: str, action: str, manner: Manner | None, body: dict[str, Any]
    ) -> dict[str, Any]:
        """Let something happen to an order; raises Refused (404, 409, 422)."""
        if action not in self._actions:
            known = ", ".join(sorted(self._actions))
            raise Refused(422, f"Unknown action {action}; paypal has {known}")
        with self._world.store.transaction():
            self._payer.order(reference)
            try:
                happen = self._actions[action](reference, manner, body)
            except PayPalRefusal as refusal:
                raise as_control(refusal) from None
            return {
                "order": self._payer.whole(self._payer.order(reference)),
                "events": [{"id": e["id"], "type": e["event_type"]} for e in happen.events],
            }

    def state(self) -> dict[str, list[Document]]:
        """Every object, newest first."""
        kinds = {
            "orders": orders.ORDER,
            "captures": orders.CAPTURE,
            "refunds": orders.REFUND,
            "disputes": orders.DISPUTE,
            "events": events.KIND,
        }
        return {
            name: [orders.shown(each) for each in self._world.store.find(kind)]
            for name, kind in kinds.items()
        }

    def events_of(self, identifier: str | None, reference: str | None) -> list[Letter]:
        """The event of this id, or all events about this order, in the order they happened."""
        if identifier:
            found = self._world.store.get(events.KIND, identifier)
            return [events.letter(self._world, found)] if found else []
        return [
            events.letter(self._world, event)
            for event in reversed(self._world.store.find(events.KIND))
            if reference and event["_own"]["order"] == reference
        ]

    def _refund(self, reference: str, manner: Manner | None, body: dict[str, Any]) -> Happenings:
        """The owner gives money back by hand, at PayPal: `amount` in the smallest units."""
        capture = self._payer.captured(reference)
        currency = capture["amount"]["currency_code"]
        given = {"amount": written(body["amount"], currency)} if "amount" in body else {}
        return self._payer.refund(capture, given, manner)[1]


def _certificate(name: str) -> Response:
    made = signing.signer()
    if name != made.name:
        return Response("no such certificate", 404, mimetype="text/plain")
    return Response(made.pem, mimetype="application/x-pem-file")
