"""OxaPay's API over HTTP: who calls, which fault was asked for, and the envelope of the answer."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from localcloud.sandbox import breakage
from localcloud.sandbox.faults import Fault
from localcloud.sandbox.oxapay import invoices, rules
from localcloud.sandbox.oxapay.errors import OxaPayRefusal, envelope, wrong
from localcloud.sandbox.oxapay.payer import Payer
from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import ids
from localcloud.sandbox.world import World

DONE = "Operation completed successfully!"
STATUSES = {"500": 500, "500_after": 500, "503": 503, "429": 429, "lock": 429}


@dataclass(frozen=True)
class Endpoint:
    """`kind` is the call's name in faults and logs."""

    kind: str
    method: str
    path: str
    work: Callable[["Api", dict[str, str]], Any]


class Api:
    """Answers the calls of ENDPOINTS for whoever has the merchant key.

    `tells_addresses`: whether reading and listing tell where an invoice is paid; OxaPay's pages do
    not say so.
    """

    def __init__(self, world: World, payer: Payer, key: str) -> None:
        self._world = world
        self._payer = payer
        self._key = key
        self.tells_addresses = False

    def blueprint(self) -> Blueprint:
        """The routes below /v1/payment."""
        routes = Blueprint("oxapay_api", __name__)
        for endpoint in ENDPOINTS:
            routes.add_url_rule(
                endpoint.path,
                endpoint.kind.replace(".", "_"),
                lambda _endpoint=endpoint, **path: self._answer(_endpoint, path),
                methods=[endpoint.method],
            )
        return routes

    def create(self, path: dict[str, str]) -> Document:
        """POST /v1/payment/invoice"""
        given = rules.check_invoice(_body())
        page = f"{self._world.url}/oxapay/pay"
        made = invoices.opened(given, int(time.time()), page)
        return invoices.created(self._world.store.put(invoices.KIND, made))

    def read(self, path: dict[str, str]) -> Document:
        """GET /v1/payment/{track_id}"""
        found = self._world.store.get(invoices.KIND, path["track_id"])
        if found is None:
            raise OxaPayRefusal(404, "track_id")
        return invoices.shown(found, address=self.tells_addresses)

    def listing(self, path: dict[str, str]) -> Document:
        """GET /v1/payment: newest first."""
        given = rules.check_query(request.args.to_dict())
        equals = {name: given[name] for name in rules.FILTERS if name in given}
        first, last = given.get("from_date", 0), given.get("to_date", 10**12)
        found = self._world.store.find(invoices.KIND, **equals)
        found = [invoice for invoice in found if first <= invoice["date"] <= last]
        page, size = given["page"], given["size"]
        rows = found[(page - 1) * size : page * size]
        return {
            "list": [invoices.shown(row, address=self.tells_addresses) for row in rows],
            "meta": {"page": page, "last_page": -(-len(found) // size), "total": len(found)},
        }

    def _answer(self, endpoint: Endpoint, path: dict[str, str]) -> Response:
        fault = None
        try:
            if request.headers.get("merchant_api_key") != self._key:
                raise OxaPayRefusal(401)
            fault = self._world.faults.take(endpoint.kind)
            if fault and (early := self._broken_before(fault)):
                self._remember(endpoint, early.status_code, {}, fault)
                return early
            status, body = self._execute(endpoint, path, fault)
        except OxaPayRefusal as refusal:
            status, body = refusal.status, refusal.body()
        self._remember(endpoint, status, body, fault)
        late = breakage.after(self._world, fault) if fault and status == 200 else None
        return late or Response(
            json.dumps(body, ensure_ascii=False), status, mimetype="application/json"
        )

    def _execute(
        self, endpoint: Endpoint, path: dict[str, str], fault: Fault | None
    ) -> tuple[int, dict[str, Any]]:
        if fault and fault.fault == "slow":
            self._world.stopping.wait(fault.seconds)
        with self._world.store.transaction():
            data = endpoint.work(self, path)
        if fault and fault.fault == "paid_first":
            self._payer.pay(data["track_id"], None)
            self._world.deliveries.quiet(fault.seconds)
        if fault and fault.fault == "500_after":
            raise OxaPayRefusal(500)
        return 200, envelope(200, data, {}, DONE)

    def _broken_before(self, fault: Fault) -> Response | None:
        if fault.fault in STATUSES and fault.fault != "500_after":
            raise OxaPayRefusal(STATUSES[fault.fault])
        return breakage.before(self._world, fault)

    def _remember(
        self, endpoint: Endpoint, status: int, body: dict[str, Any], fault: Fault | None
    ) -> None:
        self._world.requests.append(
            {
                "id": ids.new("req", 14),
                "at": time.time(),
                "kind": endpoint.kind,
                "method": request.method,
                "path": request.path,
                "query": request.query_string.decode(),
                "body": request.get_data(as_text=True),
                "idempotencyKey": None,
                "version": None,
                "status": status,
                "answer": body,
                "replayed": False,
                "fault": fault.fault if fault else None,
            }
        )


ENDPOINTS = (
    Endpoint("payment.invoice.create", "POST", "/v1/payment/invoice", Api.create),
    Endpoint("payment.list", "GET", "/v1/payment", Api.listing),
    Endpoint("payment.read", "GET", "/v1/payment/<track_id>", Api.read),
)


def _body() -> Any:
    try:
        return json.loads(request.get_data(), parse_float=Decimal)
    except ValueError:
        raise wrong("", "The body must be JSON.") from None
