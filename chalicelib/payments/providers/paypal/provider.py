"""PayPal, Orders v2 and Payments v2, over its REST API.

Rules of PayPal's that this file keeps (developer.paypal.com/docs/api/orders/v2, …/payments/v2):
- The buyer consents on PayPal's page; the money moves only when the shop captures. So a page that
  nobody captures any more can't be paid, though the buyer may still press the button on it.
- An order that is COMPLETED may hold a capture that is PENDING (a bank debit, a review): paid is
  what the capture says.
- A request id is kept 6 hours for orders, longer than a payment may take, and 45 days for refunds.
- Amounts and quantities are strings; JPY, HUF and TWD have no decimals.
- An order nobody approved is dropped after some hours; then it is a 404.
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from chalicelib.config import Misconfigured, settings
from chalicelib.kernel.errors import Malformed, ProviderBusy
from chalicelib.kernel.money import Money
from chalicelib.kernel.parameters import Secrets, secrets
from chalicelib.kernel.web.request import parse_json
from chalicelib.payments.ports import (
    Charge,
    Dispute,
    Event,
    Opened,
    Outcome,
    ProviderRefused,
    SignatureInvalid,
    State,
)
from chalicelib.payments.providers.paypal import disputes, signature
from chalicelib.payments.providers.paypal.amounts import to_provider_amount
from chalicelib.payments.providers.paypal.calls import Calls, Declined, Json
from chalicelib.payments.providers.paypal.capabilities import CAPABILITIES
from chalicelib.payments.providers.paypal.events import event_of
from chalicelib.payments.providers.paypal.outcomes import ID, outcome_of

HOSTS = {"live": "https://api-m.paypal.com", "sandbox": "https://api-m.sandbox.paypal.com"}
ORDERS = "/v2/checkout/orders"
NO_ORDER = "0" * 17  # has the shape of an id, and is none
LOCALES = {"en": "en-US", "zh-CN": "zh-CN"}
LONGEST_NAME = 127

_AT_HOME = re.compile(r"http://(?:127\.0\.0\.1|localhost):([0-9]{1,5})")
_PAGES = r"https://(?:[a-z0-9-]+\.)*paypal\.com/[!-~]{1,2000}"
_SECRET_SHAPES = {
    # Sent as "id:secret", so an id has no colon.
    "client_id": re.compile(r"[!-9;-~]{1,200}"),
    "client_secret": re.compile(r"[!-~]{1,200}"),
    "webhook_id": re.compile(r"[A-Za-z0-9]{1,50}"),
}

# What may still become an approved order: the buyer is sent to the page again.
_WAITING = {"ORDER_NOT_APPROVED", "INSTRUMENT_DECLINED", "PAYER_ACTION_REQUIRED"}


def make() -> "PayPal":
    """From the stage's secrets. Raises Misconfigured for one that can't be right."""
    found = secrets()
    given = {name: _shaped(found, name) for name in _SECRET_SHAPES}
    mode = found.get("paypal/mode") or ("live" if settings().stage == "prod" else "sandbox")
    if mode not in HOSTS:
        raise Misconfigured("paypal/mode must be live or sandbox")
    return PayPal(**given, base=HOSTS[mode], home=_home(found.get("paypal/api_base")))


def _shaped(found: Secrets, name: str) -> str:
    value = found.required(f"paypal/{name}")
    if not _SECRET_SHAPES[name].fullmatch(value):
        raise Misconfigured(f"paypal/{name} does not look like one")
    return value


def _home(address: str | None) -> str | None:
    """The payment sandbox of this machine. Its certificates and pages come without TLS, so it is
    taken on a laptop's stages only: deployed, that address would be nobody's or worse."""
    if address is None:
        return None
    if settings().stage not in ("local", "test") or not _AT_HOME.fullmatch(address):
        raise Misconfigured(
            "paypal/api_base is for the stages local and test, and must be http://127.0.0.1:… or"
            " http://localhost:…"
        )
    return address


class PayPal:
    """See payments/ports.py."""

    # A page can't be taken back, but after `close` what it gathers is not captured.
    capabilities = CAPABILITIES

    def __init__(
        self, client_id: str, client_secret: str, webhook_id: str, base: str, home: str | None
    ) -> None:
        self._calls = Calls(home or base, client_id, client_secret)
        self._webhook_id = webhook_id
        # The sandbox tells either name of this machine, whichever it was asked by.
        here = home and rf"http://(?:127\.0\.0\.1|localhost):{home.rpartition(':')[2]}/paypal/"
        self._pages = re.compile(rf"{here}[!-~]{{1,200}}" if here else _PAGES)
        self._certificates = signature.Certificates(
            f"{here}certs/[A-Za-z0-9-]{{1,100}}" if here else None
        )

    def open(self, charge: Charge, *, again: bool = False) -> Opened:
        order = self._calls.post(ORDERS, _order(charge), key=charge.payment_id)
        try:
            order_id, status = _text(order["id"]), order["status"]
            links = {link["rel"]: link["href"] for link in order.get("links", [])}
        except (KeyError, TypeError, AttributeError) as error:
            raise ProviderBusy() from error
        if order_id is None or not ID.fullmatch(order_id):
            raise ProviderBusy()
        if status == "VOIDED":
            # A replay of an order that has ended since; nobody can pay it.
            raise ProviderRefused()
        if status in ("APPROVED", "COMPLETED"):
            # A replay as well, and the buyer's part is done: the order's page tells how it stands.
            return Opened(order_id, _return_url(charge))
        url = links.get("payer-action") or links.get("approve")
        if not isinstance(url, str) or not self._pages.fullmatch(url):
            raise ProviderBusy()
        return Opened(order_id, url)

    def close(self, session_id: str) -> Outcome:
        """Nothing to call: what the buyer consented to is taken now, and nothing after that."""
        outcome, consented = self._look(session_id)
        if consented:
            try:
                outcome = self._take(session_id)
            except Declined:
                # Neither this capture nor any later one.
                return Outcome(State.ENDED, session_id)
        return replace(outcome, state=State.ENDED) if outcome.state == State.OPEN else outcome

    def status(self, session_id: str, *, take: bool = True) -> Outcome:
        outcome, consented = self._look(session_id)
        return self._take(session_id) if take and consented else outcome

    def _look(self, session_id: str) -> tuple[Outcome, bool]:
        """How the order stands, and whether the buyer's consent waits for the capture."""
        try:
            order = self._calls.get(f"{ORDERS}/{_named(session_id)}")
        except Declined as declined:
            if declined.missing:
                return Outcome(State.ENDED, session_id), False
            raise
        outcome = outcome_of(order, session_id)
        return outcome, outcome.state == State.OPEN and order["status"] == "APPROVED"

    def _take(self, session_id: str) -> Outcome:
        path = f"{ORDERS}/{_named(session_id)}/capture"
        try:
            order = self._calls.post(path, {}, key=f"capture-{session_id}")
        except Declined as declined:
            return self._not_taken(session_id, declined)
        return outcome_of(order, session_id)

    def _not_taken(self, session_id: str, declined: Declined) -> Outcome:
        if "ORDER_ALREADY_CAPTURED" in declined.issues:
            try:
                outcome, _ = self._look(session_id)
            except Declined as error:
                raise ProviderBusy() from error
            if outcome.state in (State.OPEN, State.ENDED):
                # Captured, and the order does not show it yet: soon it will.
                raise ProviderBusy() from declined
            return outcome
        if "ORDER_COMPLETION_IN_PROGRESS" in declined.issues:
            raise ProviderBusy() from declined
        if declined.issues & _WAITING:
            refused = "INSTRUMENT_DECLINED" in declined.issues
            return Outcome(State.OPEN, session_id, declined=refused)
        if declined.missing:
            return Outcome(State.ENDED, session_id)
        raise declined

    def captured(self, since: int) -> None:
        """No list: what was captured stands in PayPal's transaction reports alone, which are hours
        behind and need a right of their own. An order's own status is always current."""

    def refund(self, capture_id: str, amount: Money, *, key: str, again: int = 0) -> str:
        """An error is never kept under a key of PayPal's, so the same key serves whatever `again`
        says. No custom_id is sent: webhooks read it as a payment's id, as the capture's own is."""
        refund = self._calls.post(
            f"/v2/payments/captures/{_named(capture_id)}/refund",
            {"amount": to_provider_amount(amount)},
            key=key,
        )
        refund_id = _text(refund.get("id"))
        if refund_id is None or refund.get("status") not in (
            "COMPLETED", "PENDING", "FAILED", "CANCELLED",
        ):  # fmt: skip
            raise ProviderBusy()
        if refund["status"] in ("FAILED", "CANCELLED"):
            raise ProviderRefused()
        return refund_id

    def disputes(self, capture_id: str) -> Sequence[Dispute]:
        return disputes.of_capture(self._calls, _named(capture_id))

    def verify(
        self, body: bytes, headers: Mapping[str, str], *, now: int, caller: str = ""
    ) -> None:
        # First what needs no call: a body that is no event is nobody's webhook, whoever signed it.
        try:
            event = parse_json(body)
        except Malformed as error:
            raise SignatureInvalid() from error
        if not isinstance(event, dict) or not (_text(event.get("id"))):
            raise SignatureInvalid()
        cause = signature.Cause(caller, now)
        signature.check(body, headers, self._webhook_id, self._certificates, cause)

    def read(self, body: str) -> Event:
        return event_of(json.loads(body))

    def ping(self) -> None:
        # Of no order: "not there" is an answer too.
        with suppress(Declined):
            self._calls.get(f"{ORDERS}/{NO_ORDER}")


def _order(charge: Charge) -> Json:
    """The order to create: of the charge alone, so that a repeat is the same to the byte."""
    amount = to_provider_amount(charge.total)
    items = [
        {
            "name": line.name[:LONGEST_NAME],
            "quantity": str(line.quantity),
            "unit_amount": to_provider_amount(line.unit_amount),
        }
        for line in charge.lines
    ]
    context = {
        "return_url": _return_url(charge),
        "cancel_url": charge.cancel_url,
        "user_action": "PAY_NOW",
        # The shop has the address; the buyer is not asked for another one.
        "shipping_preference": "NO_SHIPPING",
    }
    if charge.locale in LOCALES:
        context["locale"] = LOCALES[charge.locale]
    unit = {
        "reference_id": charge.reference,
        "custom_id": charge.payment_id,
        # Seen by the buyer. A number that was used is refused (DUPLICATE_INVOICE_ID), and an order
        # may be paid at the second attempt.
        "invoice_id": f"{charge.number}-{charge.payment_id[-6:]}",
        "amount": {**amount, "breakdown": {"item_total": amount}},
        "items": items,
    }
    return {
        "intent": "CAPTURE",
        "purchase_units": [unit],
        "payment_source": {"paypal": {"experience_context": context}},
    }


def _return_url(charge: Charge) -> str:
    """PayPal puts no id into a placeholder but appends `token=<order id>` by itself, and an address
    with braces is none to it. So the place is filled with the id the payment has before."""
    return charge.success_url.replace("{CHECKOUT_SESSION_ID}", charge.payment_id)


def _named(identifier: str) -> str:
    """An id as a part of an address. Raises ProviderRefused for what can't be one of PayPal's."""
    if not ID.fullmatch(identifier):
        raise ProviderRefused()
    return identifier


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
