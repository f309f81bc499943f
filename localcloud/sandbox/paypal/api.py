"""PayPal's API over HTTP: who calls, which fault was asked for, and the answer's envelope.

Order of a call: token, fault, request id, body, execution.  The effect and the note under the
request id are one transaction.  A request id that was used answers the latest state of what it
made, with 200; an error is never kept under one, a 500 neither.
"""

import base64
import binascii
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from localcloud.sandbox import breakage
from localcloud.sandbox.faults import Fault
from localcloud.sandbox.idempotency import Answer, KeyInUse, KeyReused, fingerprint
from localcloud.sandbox.paypal import orders, rules
from localcloud.sandbox.paypal.errors import (
    PayPalRefusal,
    malformed,
    unfit,
    unknown_resource,
)
from localcloud.sandbox.paypal.orders import CAPTURE, DISPUTE, ORDER, REFUND
from localcloud.sandbox.paypal.payer import Payer
from localcloud.sandbox.store import Document
from localcloud.sandbox.world import World

LONGEST_KEY = 108
TOKEN_SECONDS = 9 * 3600
UNEXECUTED = {"503": 503, "429": 429, "lock": 409}
Body = dict[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """`kind` is the call's name in faults and logs; `work` gets the id in the address and the body
    and answers the object; `again` answers how the object made by an earlier call stands now."""

    kind: str
    method: str
    path: str
    work: Callable[[str, Body], Document]
    again: Callable[[str], Document] | None = None


class Api:
    """Answers the calls of a shop's account."""

    def __init__(self, world: World, payer: Payer, client_id: str, client_secret: str) -> None:
        self._world = world
        self._payer = payer
        self._account = f"{client_id}:{client_secret}"
        # Ends by token; in memory, so that a restart is met with a 401 as a revoked token is.
        self.tokens: dict[str, float] = {}
        order, capture = "/v2/checkout/orders", "/v2/payments/captures"
        self.endpoints = (
            Endpoint("orders.create", "POST", order, self._create, self._order),
            Endpoint("orders.read", "GET", f"{order}/<id>", lambda id_, _: self._order(id_)),
            Endpoint("orders.capture", "POST", f"{order}/<id>/capture", self._capture, self._order),
            Endpoint("captures.refund", "POST", f"{capture}/<id>/refund", self._refund,
                     lambda id_: self._one(REFUND, id_)),
            Endpoint("captures.read", "GET", f"{capture}/<id>",
                     lambda id_, _: self._one(CAPTURE, id_)),
            Endpoint("refunds.read", "GET", "/v2/payments/refunds/<id>",
                     lambda id_, _: self._one(REFUND, id_)),
            Endpoint("disputes.list", "GET", "/v1/customer/disputes", self._disputes),
            Endpoint("disputes.read", "GET", "/v1/customer/disputes/<id>",
                     lambda id_, _: self._one(DISPUTE, id_)),
        )  # fmt: skip

    def blueprint(self) -> Blueprint:
        """The routes below /v2, those of disputes, and the token's."""
        routes = Blueprint("paypal_api", __name__)
        for endpoint in self.endpoints:
            routes.add_url_rule(
                endpoint.path,
                endpoint.kind.replace(".", "_"),
                lambda _endpoint=endpoint, **path: self._answer(_endpoint, path.get("id", "")),
                methods=[endpoint.method],
            )
        routes.add_url_rule("/v1/oauth2/token", "oauth_token", self._token, methods=["POST"])
        return routes

    def _create(self, _: str, given: Body) -> Document:
        rules.check_order(given)
        if "payment_source" in given and not request.headers.get("PayPal-Request-Id"):
            raise malformed("PAYPAL_REQUEST_ID_REQUIRED", "PayPal-Request-Id")
        return self._world.store.put(ORDER, orders.created(given, self._world.url))

    def _order(self, identifier: str) -> Document:
        return self._payer.found(identifier)

    def _capture(self, identifier: str, given: Body) -> Document:
        order = self._payer.found(identifier)
        if order["status"] == "APPROVED" and order["_own"]["money"] == "declined":
            self._payer.declined(order)
            raise unfit("INSTRUMENT_DECLINED")
        return self._payer.capture(order)

    def _refund(self, identifier: str, given: Body) -> Document:
        rules.check_refund(given)
        return self._payer.refund(self._kept(CAPTURE, identifier), given)[0]

    def _disputes(self, _: str, given: Body) -> Document:
        found = self._payer.disputes_of(request.args.get("disputed_transaction_id", ""))
        return {"items": [orders.listed(each) for each in found], "links": []}

    def _one(self, kind: str, identifier: str) -> Document:
        return orders.shown(self._kept(kind, identifier))

    def _kept(self, kind: str, identifier: str) -> Document:
        found = self._world.store.get(kind, identifier)
        if found is None:
            raise unknown_resource()
        return found

    def _answer(self, endpoint: Endpoint, identifier: str) -> Response:
        debug_id, fault, replayed = secrets.token_hex(7)[:13], None, False
        try:
            self._authenticate()
            fault = self._world.faults.take(endpoint.kind)
            if fault and (early := self._broken_before(fault)):
                self._remember(endpoint.kind, Answer(early.status_code, {}, debug_id), fault, False)
                return early
            answer, replayed = self._keyed(endpoint, identifier, debug_id, fault)
        except PayPalRefusal as refusal:
            answer = Answer(refusal.status, refusal.body(debug_id), debug_id)
        self._remember(endpoint.kind, answer, fault, replayed)
        broken = breakage.after(self._world, fault) if fault and answer.status < 300 else None
        return broken or _response(answer)

    def _keyed(
        self, endpoint: Endpoint, identifier: str, debug_id: str, fault: Fault | None
    ) -> tuple[Answer, bool]:
        """The answer, and whether an earlier call with this request id had made the object."""
        given = _body() if endpoint.method == "POST" else {}
        key = request.headers.get("PayPal-Request-Id") if endpoint.again else None
        if not key:
            return self._execute(endpoint, identifier, given, debug_id, None, fault), False
        if len(key) > LONGEST_KEY:
            raise malformed("INVALID_STRING_LENGTH", "PayPal-Request-Id")
        keep = (f"paypal:{endpoint.kind}:{key}", fingerprint(request.method, request.path, None))
        try:
            with self._world.idempotency.claim(*keep) as before:
                if before and endpoint.again:
                    found = endpoint.again(before.body["id"])
                    return Answer(200, self._preferred(found), debug_id), True
                return self._execute(endpoint, identifier, given, debug_id, keep, fault), False
        except (KeyInUse, KeyReused):
            raise PayPalRefusal(409) from None

    def _execute(
        self,
        endpoint: Endpoint,
        identifier: str,
        given: Body,
        debug_id: str,
        keep: tuple[str, str] | None,
        fault: Fault | None,
    ) -> Answer:
        if fault and fault.fault == "500":
            raise PayPalRefusal(500)
        if fault and fault.fault == "slow":
            self._world.stopping.wait(fault.seconds)
        with self._world.store.transaction():
            try:
                made = endpoint.work(identifier, given)
            except PayPalRefusal as refusal:
                # What a refused call changed stays: a card that was declined needs a new consent.
                return Answer(refusal.status, refusal.body(debug_id), debug_id)
            if keep:
                self._world.idempotency.keep(*keep, Answer(201, {"id": made["id"]}, debug_id))
        if fault and fault.fault == "paid_first":
            self._payer.approve(made["id"], None)
            self._world.deliveries.quiet(fault.seconds)
        if fault and fault.fault == "500_after":
            raise PayPalRefusal(500)
        status = 201 if endpoint.method == "POST" else 200
        return Answer(status, self._preferred(made), debug_id)

    def _preferred(self, made: Document) -> Body:
        """As much of the object as the caller asked for."""
        whole = request.method == "GET" or "representation" in request.headers.get("Prefer", "")
        if "intent" in made:
            return self._payer.whole(made) if whole else orders.minimal(made)
        answer = orders.shown(made)
        return answer if whole else {name: answer[name] for name in ("id", "status", "links")}

    def _broken_before(self, fault: Fault) -> Response | None:
        if fault.fault in UNEXECUTED:
            raise PayPalRefusal(UNEXECUTED[fault.fault])
        return breakage.before(self._world, fault)

    def _token(self) -> Response:
        """POST /v1/oauth2/token"""
        debug_id, fault = secrets.token_hex(7)[:13], self._world.faults.take("oauth.token")
        if fault and fault.fault in (*UNEXECUTED, "500", "500_after"):
            status = UNEXECUTED.get(fault.fault, 500)
            answer = Answer(status, PayPalRefusal(status).body(debug_id), debug_id)
        elif fault and (early := breakage.before(self._world, fault)):
            return early
        else:
            answer = self._given_token(debug_id)
        shown = {name: value for name, value in answer.body.items() if name != "access_token"}
        self._remember("oauth.token", Answer(answer.status, shown, debug_id), fault, False)
        return (fault and breakage.after(self._world, fault)) or _response(answer)

    def _given_token(self, debug_id: str) -> Answer:
        if not secrets.compare_digest(_basic().encode(), self._account.encode()):
            error = {"error": "invalid_client", "error_description": "Client Authentication failed"}
            return Answer(401, error, debug_id)
        if request.form.get("grant_type") != "client_credentials":
            error = {"error": "unsupported_grant_type", "error_description": "No such grant type"}
            return Answer(400, error, debug_id)
        token = f"A21AA{secrets.token_urlsafe(48)}"
        self.tokens[token] = time.time() + TOKEN_SECONDS
        given = {"scope": "https://uri.paypal.com/services/payments/payment",
                 "access_token": token, "token_type": "Bearer", "app_id": "APP-SANDBOX",
                 "expires_in": TOKEN_SECONDS, "nonce": orders.moment()}  # fmt: skip
        return Answer(200, given, debug_id)

    def _authenticate(self) -> None:
        given = request.authorization
        token = (given.token if given and given.type == "bearer" else None) or ""
        if self.tokens.get(token, 0) <= time.time():
            raise PayPalRefusal(401)

    def _remember(self, kind: str, answer: Answer, fault: Fault | None, replayed: bool) -> None:
        self._world.requests.append(
            {
                "id": answer.request_id,
                "at": time.time(),
                "kind": kind,
                "method": request.method,
                "path": request.path,
                "query": request.query_string.decode(),
                "body": request.get_data(as_text=True),
                "idempotencyKey": request.headers.get("PayPal-Request-Id"),
                "status": answer.status,
                "answer": answer.body,
                "replayed": replayed,
                "fault": fault.fault if fault else None,
            }
        )


def _basic() -> str:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        return base64.b64decode(encoded).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _body() -> Body:
    raw = request.get_data()
    if raw and request.mimetype != "application/json":
        raise PayPalRefusal(415)
    given = request.get_json(force=True, silent=True) if raw else {}
    if not isinstance(given, dict):
        raise malformed("MALFORMED_REQUEST_JSON", "/")
    return given


def _response(answer: Answer) -> Response:
    response = Response(
        json.dumps(answer.body, ensure_ascii=False), answer.status, mimetype="application/json"
    )
    response.headers["Paypal-Debug-Id"] = answer.request_id
    return response
