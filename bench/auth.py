"""What it costs to know who calls: on each request, and at a sign-in.

    make bench-auth

All figures are CPU time, which a busy neighbour hardly changes. Of a request the network is left
out: DynamoDB's answers are canned below botocore, so that what PynamoDB, botocore and the shop do
with them is counted and nothing else is. All kinds are measured in turn, round by round, so that
all meet the same machine. A sign-in is measured against tables in memory (moto), a hash's memory in
a process of its own. The figures land in .local/bench/auth.json.
"""

from __future__ import annotations

import importlib
import json
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSResponse

from bench.stock.report import Report
from chalicelib.accounts import enrolment, passwords, service, tokens
from chalicelib.accounts.rules import Visit, WrongCredentials
from chalicelib.config import settings
from chalicelib.kernel import clock, keyring, parameters
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.ids import token
from chalicelib.kernel.parameters import secrets
from chalicelib.kernel.web.http import Access, Answer, Declared, respond
from chalicelib.kernel.web.request import Request
from localcloud.environments import ROOT
from tests import stage

PASSWORD = "Tr0ub4dor&3"
ROUNDS, CALLS = 9, 50
SIGN_INS = 9
ANYBODYS, USERS = "request: anybody's", "request: a user's"
NOTHING = b'{"Items": [], "Count": 0, "ScannedCount": 0}'
Figures = dict[str, list[float]]

PEAK = """
from chalicelib.accounts import passwords

def peak():
    # Not getrusage: a child begins with the peak of its parent there.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

passwords.hasher()
before = peak()
passwords.matches(None, "Tr0ub4dor&3")
print((peak() - before) / 1024)
"""


class Gateway:
    """As much of Chalice's request as authorization looks at."""

    method = "GET"
    path = "/bench"
    query_params = None
    uri_params = None
    raw_body = b""

    def __init__(self, **headers: str) -> None:
        self.headers = headers
        self.context = {"identity": {"sourceIp": "203.0.113.7"}, "requestId": token()}


def measure(report: Report) -> None:
    with stage.in_process():
        _, access = _somebody(0)
        rows = _items(access)
        sign_in = _sign_ins()
        with _canned(rows):
            each = _in_turn(_kinds(access), ROUNDS, CALLS)
    guest = statistics.median(each[ANYBODYS])
    for name, figures in each.items():
        cost = statistics.median(figures)
        report.add("each request", {"what": name, "CPU_us": cost * 1e6, "ratio": cost / guest})
    hashing = statistics.median(sign_in["verify a hash"])
    for name, figures in sign_in.items():
        cost = statistics.median(figures)
        report.add("a sign-in", {"what": name, "CPU_ms": cost * 1e3, "ratio": cost / hashing})
    report.add("a hash", {"MiB_at_most": _peak(), "MiB_told": passwords.MEMORY_KIB / 1024})
    _judge(report, each, sign_in)


def _judge(report: Report, each: Figures, sign_in: Figures) -> None:
    def middle(figures: Figures, name: str) -> float:
        return statistics.median(figures[name])

    share = middle(sign_in, "an unknown account") / middle(sign_in, "sign in")
    report.note(f"an unknown account takes {share:.2f} of a known one's time")
    door_us = (middle(each, USERS) - middle(each, ANYBODYS)) * 1e6
    report.note(f"authorization with its two reads adds {door_us:.0f} us to a request")


def _somebody(number: int) -> tuple[str, str]:
    """A new user's e-mail, and an access token of theirs."""
    email = f"{number}-{token()}@shop.test"
    enrolment.register(email, PASSWORD, None, visit=_visit(), now=clock.now())
    made = service.sign_in(email, PASSWORD, visit=_visit(), now=clock.now())
    return email, made.access_token


def _visit() -> Visit:
    return Visit(
        address="203.0.113.7",
        device="bench",
        request_id=token(),
        operation=token(),
        locale="en",
    )


def _items(access: str) -> dict[str, bytes]:
    """DynamoDB's answers about the session of a token and its user, by table."""
    claims = tokens.read_access(access, clock.now())
    keys = {
        "sessions": {"session_id": {"S": claims.session_id}},
        "users": {"user_id": {"S": claims.user_id}},
    }
    client = dynamo.connection().client
    return {
        settings().table(name): json.dumps(
            {"Item": client.get_item(TableName=settings().table(name), Key=key)["Item"]}
        ).encode()
        for name, key in keys.items()
    }


@contextmanager
def _canned(rows: dict[str, bytes]) -> Iterator[None]:
    """A client whose requests are built and signed, and answered before they are sent."""
    # As a function has them for five minutes; there is nobody here any more who would tell them.
    remembered = {name: secrets().required(name) for name in ("auth/keys", "admin/key")}
    stage.moto_here.stop()
    dynamo.disconnect()
    parameters.known = lambda _: remembered  # type: ignore[assignment,return-value]

    def answer(request: Any, **_: Any) -> AWSResponse:
        # What is not there is the block list: nobody is on it.
        body = rows.get(json.loads(request.body)["TableName"], NOTHING)
        headers = {"Content-Type": "application/x-amz-json-1.0", "Content-Length": str(len(body))}
        return AWSResponse(request.url, 200, headers, _Raw(body))

    events = dynamo.connection().client.meta.events
    for operation in ("GetItem", "Query"):
        events.register(f"before-send.dynamodb.{operation}", answer)
    yield
    dynamo.disconnect()


class _Raw(BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.getvalue()


def _kinds(access: str) -> dict[str, Callable[[], object]]:
    """What is measured, each as one call."""
    import jwt

    now, ring = clock.now(), keyring.ring()
    key = ring.keys[ring.current]
    options = {"verify_aud": False}
    # All of authorization: who calls, and whether they are blocked.
    importlib.import_module("app")
    return {
        "PyJWT alone": lambda: jwt.decode(access, key, algorithms=["HS256"], options=options),
        "the shop's check of a token": lambda: tokens.read_access(access, now),
        "and who it is: two reads": lambda: service.identify(access, None, now=now),
        ANYBODYS: _call(Access.PUBLIC, Gateway()),
        USERS: _call(Access.USER, Gateway(authorization=f"Bearer {access}")),
    }


def _call(access: Access, gateway: Gateway) -> Callable[[], object]:
    """One request to a route that does nothing."""

    def nothing(request: Request) -> Answer:
        return Answer({})

    route = Declared("GET", "/bench", nothing, "bench", access)

    def call() -> object:
        response = respond(route, gateway, {})
        assert response.status_code == 200, response.body
        return response

    return call


def _in_turn(kinds: dict[str, Callable[[], object]], rounds: int, calls: int) -> Figures:
    """CPU seconds per call of each kind, once per round."""
    figures: Figures = {name: [] for name in kinds}
    for _ in range(rounds + 1):
        for name, call in kinds.items():
            started = time.process_time()
            for _ in range(calls):
                call()
            figures[name].append((time.process_time() - started) / calls)
    # The first round loads what is loaded on use.
    return {name: found[1:] for name, found in figures.items()}


def _sign_ins() -> Figures:
    """CPU seconds of a hash, and of signing in with and without an account."""
    # One account each: a limit is a few tries per account and quarter of an hour.
    emails = iter([_somebody(number)[0] for number in range(SIGN_INS + 1)])
    password_hash = passwords.hashed(PASSWORD)

    def known() -> None:
        service.sign_in(next(emails), PASSWORD, visit=_visit(), now=clock.now())

    def unknown() -> None:
        try:
            service.sign_in(f"{token()}@shop.test", PASSWORD, visit=_visit(), now=clock.now())
        except WrongCredentials:
            return

    kinds = {
        "verify a hash": lambda: passwords.matches(password_hash, PASSWORD),
        "sign in": known,
        "an unknown account": unknown,
    }
    return _in_turn(kinds, SIGN_INS, 1)


def _peak() -> float:
    """MiB by which a process grows that verifies a hash."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return float(done.stdout)


def main() -> int:
    logging.disable(logging.CRITICAL)
    report = Report(rounds=ROUNDS, calls=CALLS, sign_ins=SIGN_INS)
    measure(report)
    report.show()
    report.keep("auth.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
