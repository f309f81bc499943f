"""`Idempotency-Key`: the same call again is answered what it was answered the first time.

A user's calls lie together, so that they can be forgotten. Everybody else's (guests are one caller
to the shop, and so is a key) lie under the call's own name: no partition that all of them share.

A call is claimed before it acts, so that of two at once one runs. The answer is kept for a day; one
that says "ask again" (5xx, 429) is not. A run that died (a crash, a timeout) leaves its claim,
which ends by itself: the next call takes it over and runs again under the same `operation`. So this
table saves work and shows the same answer; that nothing is done twice is proved by the conditional
writes below it, which know the operation.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalice.app import Response

from chalicelib.kernel import telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import Image
from chalicelib.kernel.db.packed import Packed
from chalicelib.kernel.errors import Conflict, FieldError, Invalid, Malformed, StaleState
from chalicelib.kernel.ids import derived, identity, token
from chalicelib.kernel.tables import ANSWER_WORDS, CallItem
from chalicelib.kernel.web.request import Request

HEADER = "idempotency-key"
MOST_CHARACTERS = 128
# Longer than any run: API Gateway waits 29 s for an answer, and the function ends before that.
RUN_SECONDS = 30
KEPT_SECONDS = 86_400
# DynamoDB takes 400 KB an item; no answer of a mutating route comes near this.
MOST_KEPT = 200_000
RUNNING, DONE = "RUNNING", "DONE"
USERS = "user:"
# What belongs to this call and not to its answer.
_OF_THE_CALL = {"x-request-id", "set-cookie"}


class KeyMalformed(Malformed):
    code = "IDEMPOTENCY_KEY_INVALID"

    def __init__(self) -> None:
        super().__init__(FieldError("Idempotency-Key", "IDEMPOTENCY_KEY_INVALID"))


class KeyReused(Invalid):
    code = "IDEMPOTENCY_KEY_REUSED"


class InProgress(Conflict):
    code = "IDEMPOTENCY_IN_PROGRESS"

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.retry_after = max(1, seconds)


@dataclass(frozen=True)
class Claim:
    """One run's right to answer a call; `partition` and `call` are where it stands."""

    partition: str
    call: str
    run: str


class _Done(Exception):
    """The call was answered already, with this."""

    def __init__(self, answer: Image) -> None:
        super().__init__()
        self.answer = answer


def key_of(request: Request) -> str | None:
    """The request's key; None without one. Raises KeyMalformed."""
    key = request.header(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= MOST_CHARACTERS or not all(" " <= letter <= "~" for letter in key):
        raise KeyMalformed()
    return key


def whose(request: Request, *, path_is_secret: bool) -> str:
    """Whose key it is: nobody gets an answer by guessing somebody else's key.

    Guests are told apart by order token, address and browser; where the path itself is the secret
    that opens the thing, that is enough, wherever the guest calls from.
    """
    if request.caller.user_id or request.caller.key_id:
        return request.caller.name
    if path_is_secret:
        return request.caller.name
    shown = request.header("x-order-token") or request.parameters.get("token") or ""
    browser = request.header("user-agent") or ""
    return identity("guest", "\x1f".join([request.source_ip, browser, shown]))


def operation_of(request: Request, caller: str) -> str:
    """The call's own name: what its key says, else a fresh one. Raises KeyMalformed."""
    key = key_of(request)
    return derived("op", caller, _call_of(request, key)) if key else token("op")


def answered(
    request: Request, caller: str, run: Callable[[], tuple[Response, Response]], *, now: int
) -> Response:
    """The answer of `run`, or the one that an earlier run of the same call was given.

    `run` never raises; it gives what to answer and what of it to keep. Raises KeyReused (another
    body under the same key), InProgress (the other run is not done), Unavailable.
    """
    key = key_of(request)
    if key is None:
        return run()[0]
    call = _call_of(request, key)
    claim = Claim(_partition(caller, call), call, token("run"))
    try:
        _claim(claim, _digest_of(request, key), now)
    except _Done as done:
        return _replayed(done.answer, request)
    shown, kept = run()
    _settle(claim, kept)
    return shown


def forget(caller: str) -> int:
    """Delete every answer kept for a caller (`user:<id>`), as erasure asks; answers how many."""
    found = list(CallItem.query(caller, consistent_read=True))
    for item in found:
        dynamo.delete(item)
    return len(found)


def _partition(caller: str, call: str) -> str:
    """Where a caller's call is kept: with the user's others, else by itself. Of two callers who
    chose the same key each has a place of their own."""
    return caller if caller.startswith(USERS) else derived("caller", caller, call)


def _call_of(request: Request, key: str) -> str:
    return derived("call", request.method, request.path, key)


def _digest_of(request: Request, key: str) -> str:
    """Of everything that the call asks for, under the caller's key, which the table does not know:
    a plain digest of a body with a password would let whoever reads the table try passwords."""
    query = json.dumps(sorted(request.parameters.items())).encode()
    kind = b"form" if request.is_form else b""
    asked = b"\x1f".join([kind, query, request.raw_body])
    return hmac.new(key.encode(), asked, hashlib.sha256).hexdigest()


def _claim(claim: Claim, digest: str, now: int) -> None:
    item = CallItem(
        claim.partition,
        claim.call,
        status=RUNNING,
        run=claim.run,
        body_digest=digest,
        run_ends_at=now + RUN_SECONDS,
        expires_at=now + KEPT_SECONDS,
    )
    abandoned = (
        (CallItem.status == RUNNING)
        & (CallItem.run_ends_at <= now)
        & (CallItem.body_digest == digest)
    )
    free = CallItem.call.does_not_exist() | (CallItem.expires_at <= now) | abandoned
    try:
        dynamo.put(
            item,
            condition=free,
            on_condition_failed=lambda before: _why_not(before, claim, digest, now),
        )
    except StaleState:
        return  # the SDK repeated the claim after a lost reply: it stands, and it is ours


def _why_not(before: Image, claim: Claim, digest: str, now: int) -> Exception:
    if before.get("run") == claim.run:
        return StaleState()
    if before.get("body_digest") != digest:
        return KeyReused()
    if before.get("status") == DONE:
        return _Done(_kept_in(before))
    return InProgress(int(before["run_ends_at"]) - now)


def _kept_in(row: Image) -> Image:
    if "packed" not in row:
        return dict(row["answer"])
    found: Image = json.loads(Packed(words=ANSWER_WORDS).deserialize(row["packed"]))
    return found


def _settle(claim: Claim, kept: Response) -> None:
    """Keep the answer, or give the claim up when asking again may go better. The deed is done
    either way, so what fails here is no reason to tell the caller anything else."""
    item, mine = CallItem(claim.partition, claim.call), CallItem.run == claim.run
    try:
        if kept.status_code >= 500 or kept.status_code == 429:
            dynamo.delete(item, condition=mine, on_condition_failed=StaleState())
            return
        answer = _written(kept)
        if len(answer["body"]) > MOST_KEPT:
            return
        dynamo.update(
            item,
            [CallItem.status.set(DONE), CallItem.packed.set(json.dumps(answer))],
            condition=mine,
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return  # taken over meanwhile: the other run's answer is the one that is kept
    except Exception as error:
        telemetry.logger().warning("an answer could not be kept", exc_info=error)


def _written(response: Response) -> dict[str, Any]:
    body = response.body if isinstance(response.body, str) else json.dumps(response.body)
    headers = {
        name: str(value)
        for name, value in response.headers.items()
        if name.lower() not in _OF_THE_CALL
    }
    return {"status": response.status_code, "body": body, "headers": headers}


def _replayed(answer: Image, request: Request) -> Response:
    headers: dict[str, str | list[str]] = {
        **answer["headers"],
        "X-Request-Id": request.request_id,
        "Idempotency-Replayed": "true",
    }
    return Response(answer["body"], headers, int(answer["status"]))
