"""Stripe's API over HTTP: who calls, which fault was asked for, and the answer's envelope.

Order of a call: key, version, fault, idempotency key, parameters, execution.  The effect and the
answer kept under the idempotency key are one transaction.
"""

import json
import time
from typing import Any

import stripe as sdk
from flask import Blueprint, Response, request

from localcloud.sandbox import breakage, forms
from localcloud.sandbox.faults import Fault
from localcloud.sandbox.idempotency import Answer, KeyInUse, KeyReused, fingerprint
from localcloud.sandbox.stripe import ids
from localcloud.sandbox.stripe.aftermath import Aftermath
from localcloud.sandbox.stripe.billing_endpoints import ALL
from localcloud.sandbox.stripe.calls import Call, Endpoint
from localcloud.sandbox.stripe.errors import BadParameter, StripeRefusal, api_error
from localcloud.sandbox.stripe.expand import expanded
from localcloud.sandbox.stripe.intents import IntentPayer
from localcloud.sandbox.stripe.parameters import checked
from localcloud.sandbox.stripe.payer import Payer
from localcloud.sandbox.world import World

LONGEST_KEY = 255
UNEXECUTED = {
    "500": api_error(500),
    "503": api_error(503),
    "429": StripeRefusal(
        "Request rate limit exceeded. Learn more about rate limits here"
        " https://stripe.com/docs/rate-limits.",
        status=429,
        code="rate_limit",
    ),
    "lock": StripeRefusal(
        "This object cannot be accessed right now because another API request is currently"
        " accessing it.",
        status=429,
        code="lock_timeout",
    ),
}


class Api:
    """Answers the calls of `billing_endpoints.ALL`."""

    def __init__(self, world: World, payer: Payer, aftermath: Aftermath) -> None:
        self._world = world
        self._payer = payer
        self._aftermath = aftermath

    def blueprint(self) -> Blueprint:
        """The routes below /v1."""
        routes = Blueprint("stripe_api", __name__)
        for endpoint in ALL:
            routes.add_url_rule(
                endpoint.path,
                endpoint.kind.replace(".", "_"),
                lambda _endpoint=endpoint, **path: self._answer(_endpoint, path),
                methods=[endpoint.method],
            )
        routes.add_url_rule("/v1/<path:rest>", "unknown", self._unknown, methods=_METHODS)
        return routes

    def _unknown(self, rest: str) -> Response:
        message = (
            f"Unrecognized request URL ({request.method}: /v1/{rest}). Please see"
            " https://stripe.com/docs or we can help at https://support.stripe.com/."
        )
        refusal = StripeRefusal(message, status=404)
        request_id = ids.new("req", 14)
        return _response(Answer(404, self._error(refusal, request_id), request_id))

    def _answer(self, endpoint: Endpoint, path: dict[str, str]) -> Response:
        request_id, fault, replayed = ids.new("req", 14), None, False
        try:
            _authenticate()
            fault = self._world.faults.take(endpoint.kind)
            if fault and (early := self._broken_before(fault)):
                answer = Answer(early.status_code, {}, request_id)
                self._remember(endpoint, request_id, answer, fault, replayed)
                return early
            answer, replayed = self._keyed(endpoint, path, request_id, fault)
        except StripeRefusal as refusal:
            answer = Answer(refusal.status, self._error(refusal, request_id), request_id)
        self._remember(endpoint, request_id, answer, fault, replayed)
        return (fault and self._broken_after(fault, answer)) or _response(
            answer, request_id, replayed
        )

    def _keyed(
        self, endpoint: Endpoint, path: dict[str, str], request_id: str, fault: Fault | None
    ) -> tuple[Answer, bool]:
        """The answer, and whether it is the replay of an earlier one."""
        raw = _parameters()
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if not key:
            return self._execute(endpoint, path, raw, request_id, None, fault), False
        if len(key) > LONGEST_KEY:
            raise BadParameter(f"Idempotency keys can have up to {LONGEST_KEY} characters.")
        print_ = fingerprint(request.method, request.path, raw)
        try:
            with self._world.idempotency.claim(f"stripe:{key}", print_) as before:
                if before:
                    return before, True
                keep = (f"stripe:{key}", print_)
                return self._execute(endpoint, path, raw, request_id, keep, fault), False
        except KeyReused:
            raise StripeRefusal(
                "Keys for idempotent requests can only be used with the same parameters they were"
                " first used with. Try using a key other than"
                f" '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            ) from None
        except KeyInUse:
            raise StripeRefusal(
                "There is currently another in-progress request using this Idempotent Key (that"
                " probably means you submitted twice, and the other request is still going"
                f" through): {key}. Please try again later.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            ) from None

    def _execute(
        self,
        endpoint: Endpoint,
        path: dict[str, str],
        raw: dict[str, Any],
        request_id: str,
        keep: tuple[str, str] | None,
        fault: Fault | None,
    ) -> Answer:
        given = checked(endpoint.shape, raw)
        endpoint.check(given)
        if fault and fault.fault == "slow":
            self._world.stopping.wait(fault.seconds)
        key = keep[0].partition(":")[2] if keep else None
        call = Call(self._world, self._payer, self._aftermath, given, path, request_id, key)
        with self._world.store.transaction():
            try:
                if fault and fault.fault == "500":
                    raise UNEXECUTED["500"]
                body = expanded(self._world, endpoint.work(call), given.get("expand", []))
                answer = Answer(200, body, request_id)
                if fault and fault.fault == "500_after":
                    raise UNEXECUTED["500"]
            except BadParameter:
                raise
            except StripeRefusal as refusal:
                answer = Answer(refusal.status, self._error(refusal, request_id), request_id)
            if keep:
                self._world.idempotency.keep(*keep, answer)
        if fault and fault.fault == "paid_first" and answer.status == 200:
            self._paid(answer.body)
            self._world.deliveries.quiet(fault.seconds)
        return answer

    def _paid(self, made: dict[str, Any]) -> None:
        if made["object"] == "payment_intent":
            IntentPayer(self._world, self._payer.enabled).pay(made["id"], None)
        else:
            self._payer.pay(made["id"], None)

    def _broken_before(self, fault: Fault) -> Response | None:
        if fault.fault in ("503", "429", "lock"):
            raise UNEXECUTED[fault.fault]
        return breakage.before(self._world, fault)

    def _broken_after(self, fault: Fault, answer: Answer) -> Response | None:
        return breakage.after(self._world, fault) if answer.status == 200 else None

    def _error(self, refusal: StripeRefusal, request_id: str) -> dict[str, Any]:
        return refusal.body(f"{self._world.url}/#{request_id}")

    def _remember(
        self,
        endpoint: Endpoint,
        request_id: str,
        answer: Answer,
        fault: Fault | None,
        replayed: bool,
    ) -> None:
        self._world.requests.append(
            {
                "id": request_id,
                "at": time.time(),
                "kind": endpoint.kind,
                "method": request.method,
                "path": request.path,
                "query": request.query_string.decode(),
                "body": request.get_data(as_text=True),
                "idempotencyKey": request.headers.get("Idempotency-Key"),
                "version": request.headers.get("Stripe-Version"),
                "status": answer.status,
                "answer": answer.body,
                "replayed": replayed,
                "fault": fault.fault if fault else None,
            }
        )


_METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]


def _authenticate() -> None:
    given = request.authorization
    key = (given.token if given and given.type == "bearer" else given and given.username) or ""
    if not key:
        raise StripeRefusal(
            "You did not provide an API key. You need to provide your API key in the Authorization"
            " header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if not key.startswith(("sk_test_", "rk_test_")) or len(key) < len("sk_test_") + 4:
        raise StripeRefusal(f"Invalid API Key provided: {key[:8]}****", status=401)
    version = request.headers.get("Stripe-Version", sdk.api_version)
    if version != sdk.api_version:
        raise StripeRefusal(
            f"Invalid Stripe API version: {version}. This sandbox speaks {sdk.api_version}."
        )


def _parameters() -> dict[str, Any]:
    if request.method in ("GET", "DELETE"):
        text = request.query_string.decode()
    elif request.mimetype in ("", "application/x-www-form-urlencoded"):
        text = request.get_data(as_text=True)
    else:
        raise BadParameter(
            "Invalid request (check that your POST content type is"
            " application/x-www-form-urlencoded)."
        )
    try:
        return forms.decode(text)
    except forms.MalformedName as error:
        raise BadParameter(str(error), code="parameter_unknown", param=error.name) from None


def _response(answer: Answer, request_id: str = "", replayed: bool = False) -> Response:
    response = Response(
        json.dumps(answer.body, indent=2, ensure_ascii=False),
        answer.status,
        mimetype="application/json",
    )
    response.headers["Request-Id"] = request_id or answer.request_id
    response.headers["Stripe-Version"] = sdk.api_version
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
        response.headers["Original-Request"] = answer.request_id
    return response
