"""OxaPay invoices (paid in crypto coins, priced in the shop's currency), API v1.

Rules of OxaPay's that this file keeps (docs.oxapay.com: api-reference, webhook):
- Answers are an envelope `{data, message, error, status, version}`; success is 200 twice.
- There are no idempotency keys: after a lost answer the invoice with our `order_id` is looked for
  in the list. An invoice's address may not be told again; then a second invoice is made, and the
  first is never paid because nobody knows where.
- An invoice lasts 15 to 2880 minutes. No call ends it early, and none refunds it.
- A webhook's header `HMAC` is the HMAC-SHA512 of the raw body under the merchant key, lower-case
  hex. It has no time, so an old one can come again: it is a reason to ask, and never believed.
- Webhooks write `Paid`, the API writes `paid`; what is only `paying` may never be confirmed.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import requests

from chalicelib.config import Misconfigured, settings
from chalicelib.kernel import clock, deadline, outages
from chalicelib.kernel.errors import ProviderBusy, ProviderDown, ProviderFailed
from chalicelib.kernel.ids import derived, is_id
from chalicelib.kernel.money import Money
from chalicelib.kernel.parameters import secrets
from chalicelib.kernel.web.request import parse_json
from chalicelib.payments.ports import (
    Charge,
    Event,
    Opened,
    Outcome,
    ProviderRefused,
    Seen,
    SignatureInvalid,
    State,
    Unread,
    seen_in,
)
from chalicelib.payments.providers.oxapay import WEBHOOK
from chalicelib.payments.providers.oxapay.capabilities import CAPABILITIES, NAME
from chalicelib.payments.providers.oxapay.invoice import OPEN, outcome, track_id, word

API = "https://api.oxapay.com"
TIMEOUT_SECONDS = (3, 8)  # connect, read: two tries stay below API Gateway's 29 seconds
LEAST_MINUTES, MOST_MINUTES = 15, 2880
# How far back a lost invoice is looked for: clocks differ, and the first call may have been slow.
SLACK_SECONDS = 3600
PAGE_ROWS, MOST_PAGES = 200, 10

_KEY = re.compile(r"[A-Za-z0-9]{4,16}(-[A-Za-z0-9]{4,16}){3}")
_HEX = re.compile(r"[0-9a-f]{128}")
_BASE = re.compile(r"https://[^/?#@\s]+|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?")
_TYPES = ("invoice", "white_label", "static_address", "payment_link", "donation")


class NotThere(ProviderFailed):
    """OxaPay knows no such invoice."""


def make() -> "OxaPay":
    """From the stage's secrets. Raises Misconfigured naming a parameter that can't be right."""
    found = secrets()
    key = found.required("oxapay/merchant_key")
    if not _KEY.fullmatch(key):
        raise Misconfigured("oxapay/merchant_key must be four groups of letters and digits")
    base = found.get("oxapay/api_base") or API
    if not _BASE.fullmatch(base):
        # The key goes wherever this points.
        raise Misconfigured("oxapay/api_base must be an https:// origin without a path")
    sandbox = found.get("oxapay/sandbox") or "false"
    if sandbox not in ("true", "false"):
        raise Misconfigured("oxapay/sandbox must be true or false")
    if sandbox == "true" and settings().stage == "prod":
        raise Misconfigured("oxapay/sandbox must not be true in prod: nobody would pay anything")
    callback = found.required("shop/url").rstrip("/") + WEBHOOK.path
    return OxaPay(key, callback, api_base=base, sandbox=sandbox == "true")


class OxaPay:
    """See payments/ports.py."""

    capabilities = CAPABILITIES

    def __init__(self, key: str, callback: str, *, api_base: str = API, sandbox: bool) -> None:
        self._key, self._callback = key, callback
        self._base, self._sandbox = api_base, sandbox

    def open(self, charge: Charge, *, again: bool = False) -> Opened:
        if again and (begun := self._begun(charge)):
            return begun
        minutes = min((charge.expires_at - clock.now()) // 60, MOST_MINUTES)
        if minutes < LEAST_MINUTES:
            raise ProviderRefused()
        with outages.watched(NAME):
            made = self._call("POST", "/v1/payment/invoice", data=self._invoice(charge, minutes))
        session_id, url = track_id(made), self._address(made)
        if url is None:
            raise ProviderBusy()
        return Opened(session_id, url)

    def close(self, session_id: str) -> Outcome:
        return self.status(session_id)

    def status(self, session_id: str, *, take: bool = True) -> Outcome:
        try:
            return outcome(self._read(session_id), session_id)
        except NotThere:
            # What does not exist can't be paid.
            return Outcome(State.ENDED, session_id)

    def captured(self, since: int) -> Iterator[Seen | Unread]:
        """Invoices that brought money; what came after an invoice's end is told by this list
        alone."""
        yield from seen_in(self._rows(since), self._seen, lambda row: str(row.get("track_id")))

    def _seen(self, row: Mapping[str, Any]) -> Seen | None:
        session_id, status = track_id(row), word(row.get("status"))
        if status in OPEN or (status == "expired" and not row.get("txs")):
            return None
        # Of a row's fields only these few are sure to be there.
        found = outcome(row if status == "paid" else self._read(session_id), session_id)
        if found.state != State.PAID:
            return None
        order_id = row.get("order_id")
        return Seen(order_id if isinstance(order_id, str) else None, found)

    def refund(self, capture_id: str, amount: Money, *, key: str, again: int = 0) -> str:
        raise ProviderRefused()

    def verify(
        self, body: bytes, headers: Mapping[str, str], *, now: int, caller: str = ""
    ) -> None:
        given = headers.get("hmac", "")
        signature = hmac.new(self._key.encode(), body, hashlib.sha512).hexdigest()
        if not _HEX.fullmatch(given) or not hmac.compare_digest(given, signature):
            raise SignatureInvalid()
        payload = parse_json(body)
        # Payouts are signed with a key of their own: one under this key is not OxaPay's.
        if not isinstance(payload, dict) or word(payload.get("type")) == "payout":
            raise SignatureInvalid()

    def read(self, body: str) -> Event:
        payload = json.loads(body)
        kind, status = word(payload.get("type")), word(payload.get("status"))
        session_id, order_id = str(payload.get("track_id")), payload.get("order_id")
        event_id = derived("oxa", kind, session_id, status, *_hashes(payload.get("txs")))
        if kind not in _TYPES or not (isinstance(order_id, str) and is_id(order_id)):
            return Event(event_id, f"{kind}.{status}")
        return Event(event_id, f"invoice.{status}", payment_id=order_id, ask=True)

    def _invoice(self, charge: Charge, minutes: int) -> bytes:
        """The body of a new invoice. What is left out would follow the merchant's dashboard."""
        rest = {
            "currency": charge.total.currency,
            "lifetime": minutes,
            "fee_paid_by_payer": 0,
            "under_paid_coverage": 0,
            "mixed_payment": False,
            "callback_url": self._callback,
            # The order's page asks only whether the buyer comes from paying: `session` is there.
            "return_url": charge.success_url.replace("{CHECKOUT_SESSION_ID}", "oxapay"),
            "order_id": charge.payment_id,
            "description": charge.number,
            "sandbox": self._sandbox,
        }
        # A number of exactly the price's digits: `json` would make a float of it.
        digits = charge.total.decimal().partition(" ")[0]
        return f'{{"amount": {digits}, {json.dumps(rest)[1:]}'.encode()

    def ping(self) -> None:
        self._get("/v1/payment", page=1, size=1)

    def _begun(self, charge: Charge) -> Opened | None:
        """The invoice of an earlier call whose answer was lost, if a buyer can be sent there."""
        # From about when this charge was first asked for.
        begun = charge.expires_at - settings().payment_session_minutes * 60
        for row in self._rows(begun - SLACK_SECONDS):
            if row.get("order_id") != charge.payment_id:
                continue
            session_id, status = track_id(row), word(row.get("status"))
            if status == "expired":
                continue
            url = self._address(row) or self._address(self._read(session_id))
            if url:
                return Opened(session_id, url)
            if status not in OPEN:
                # Somebody pays it: a second invoice would ask for the money twice.
                return Opened(session_id, charge.cancel_url)
        return None

    def _rows(self, since: int) -> Iterator[Mapping[str, Any]]:
        """Invoices made since then, as the list shows them."""
        for page in range(1, MOST_PAGES + 1):
            rows = self._get("/v1/payment", from_date=since, page=page, size=PAGE_ROWS)
            rows = rows.get("list") if isinstance(rows, dict) else rows
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise ProviderBusy()
            yield from rows
            if len(rows) < PAGE_ROWS:
                return

    def _read(self, session_id: str) -> Mapping[str, Any]:
        """The invoice. Raises NotThere."""
        found: Mapping[str, Any] = self._get(f"/v1/payment/{quote(session_id, safe='')}")
        if track_id(found) != session_id:
            raise ProviderBusy()
        return found

    def _address(self, invoice: Mapping[str, Any]) -> str | None:
        """Where the invoice is paid; None where that is not told."""
        url = invoice.get("payment_url")
        if not url:
            return None
        if not isinstance(url, str) or not url.startswith(("https://", f"{self._base}/")):
            raise ProviderBusy()
        return url

    def _get(self, path: str, **query: int) -> Any:
        """A reading call; one that fails in passing is made once more."""
        with outages.watched(NAME):
            try:
                return self._call("GET", path, params=query)
            except ProviderBusy:
                return self._call("GET", path, params=query)

    def _call(self, method: str, path: str, **sent: Any) -> Any:
        """The envelope's `data`."""
        url = self._base + path
        headers = {"merchant_api_key": self._key, "Content-Type": "application/json"}
        try:
            # A connection of its own: one kept from an earlier call may have died while the
            # function slept, and a POST is not to be sent twice.
            answer = requests.request(
                method,
                url,
                headers=headers,
                timeout=deadline.timeouts(*TIMEOUT_SECONDS),
                allow_redirects=False,
                **sent,
            )
        except requests.RequestException as error:
            raise ProviderDown() from error
        return _data(answer)


def _data(answer: requests.Response) -> Any:
    """What an answer says, or the port's error for it."""
    code = answer.status_code
    if code >= 500:
        raise ProviderDown()
    try:
        payload = json.loads(answer.content, parse_float=Decimal)
        status, data = payload["status"], payload.get("data")
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        # A proxy's page, half a body: what came of the call is not known.
        raise ProviderBusy() from error
    code = status if code == 200 else code
    if type(code) is not int or code == 429 or code >= 500:
        raise ProviderBusy()
    if code == 400:
        raise ProviderRefused()
    if code != 200:
        # A wrong key, a place that is locked out: ours to mend.
        raise NotThere() if code == 404 else ProviderFailed()
    if not isinstance(data, dict | list):
        raise ProviderBusy()
    return data


def _hashes(txs: Any) -> list[str]:
    """The transfers that a webhook tells of: one more of them is news."""
    listed = txs if isinstance(txs, list) else []
    return sorted(str(one.get("tx_hash", "")) for one in listed if isinstance(one, dict))
