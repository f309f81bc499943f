"""Starts the emulator with its faults mended.  Runs on the emulator's own Python, without us.

Each repair says what AWS does instead; one that a newer emulator no longer needs is
deleted here and nowhere else.  `localcloud.fixups` mends what can be mended by API.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import types
import zipfile
from pathlib import Path
from typing import Any

# Chalice's handler of every route; all others work off a queue, a stream or a clock.
ANSWERS = "app.app"
# How nice those others are: below what answers somebody.
GIVES_WAY = 15


def keep_health_for_the_shop(app: Any) -> None:
    """It answers /health itself, whatever the host; AWS leaves the path to us."""
    app._HEALTH_PATHS = tuple(path for path in app._HEALTH_PATHS if path != "/health")


def wait_instead_of_throttling(lambda_svc: Any) -> None:
    """Each call in flight is a process of its own: 100 at once would stand still for minutes.

    AWS starts a thousand; a laptop lets them wait for their turn, which a shopper sees as a
    moment's delay instead of an error.  Who works off a long queue waits among its like: its
    calls would hold every turn while somebody waits for an answer.
    """
    cores = os.cpu_count() or 1
    answering = threading.BoundedSemaphore(max(8, 4 * cores))
    behind = threading.BoundedSemaphore(max(4, 2 * cores))
    acquire, release = lambda_svc._acquire_execution_slot, lambda_svc._release_execution_slot

    def wait_for_turn(func: Any, config: Any) -> Any:
        turns = answering if config.get("Handler") == ANSWERS else behind
        # API Gateway gives a call 29 s; then the emulator's own throttling answer is right.
        if not turns.acquire(timeout=29):
            return None, "account"
        slot, limit = acquire(func, config)
        if slot is None:
            turns.release()
            return None, limit
        return (turns, slot), limit

    def give_back(taken: Any) -> None:
        if taken is not None:
            turns, slot = taken
            release(slot)
            turns.release()

    lambda_svc._acquire_execution_slot = wait_for_turn
    lambda_svc._release_execution_slot = give_back


def let_answers_go_first(lambda_runtime: Any) -> None:
    """All functions share the laptop's cores: a queue's workers would keep shoppers waiting.

    AWS gives each function a processor of its own; here what nobody waits for gives way.
    """
    spawn = lambda_runtime.Worker._spawn

    def spawn_and_rank(worker: Any) -> Any:
        spawned = spawn(worker)
        if worker.config.get("Handler") != ANSWERS and worker._proc is not None:
            with contextlib.suppress(OSError):  # ended already
                os.setpriority(os.PRIO_PROCESS, worker._proc.pid, GIVES_WAY)
        return spawned

    lambda_runtime.Worker._spawn = spawn_and_rank


def unpack_once(lambda_runtime: Any, layers: Path, code: Path) -> None:
    """Each process unpacks its own copy of code and layer, and Python compiles both anew.

    AWS mounts them read-only; here the processes share one folder per content, with the
    compiled modules in it, which makes a cold start a third as long.
    """

    class SharedZip(zipfile.ZipFile):
        def namelist(self) -> list[str]:
            # Asked for only to look for paths that leave the folder; our packager writes none.
            return []

        def extractall(self, path: Any = None, *_: Any) -> None:
            source = Path(str(self.filename))
            digest = hashlib.sha256(source.read_bytes()).hexdigest()[:24]
            shared = (code if source.name == "code.zip" else layers) / digest
            if not shared.exists():
                shared.parent.mkdir(parents=True, exist_ok=True)
                fresh = tempfile.mkdtemp(dir=shared.parent)
                super().extractall(fresh, zipfile.ZipFile.namelist(self))
                try:
                    Path(fresh).rename(shared)
                except OSError:  # another process was first
                    shutil.rmtree(fresh, ignore_errors=True)
            Path(path).rmdir()
            Path(path).symlink_to(shared)

    mended = types.SimpleNamespace(**vars(zipfile))
    mended.ZipFile = SharedZip
    lambda_runtime.zipfile = mended


def tell_missing_from_forbidden(s3: Any) -> None:
    """A missing object is 403 to its CDN; S3 says 404 to who may list the bucket, as ours may."""
    fetch = s3.serve_cloudfront_origin_fetch

    def fetch_or_404(bucket_name: str, key: str, *rest: Any, **more: Any) -> Any:
        answer = fetch(bucket_name, key, *rest, **more)
        bucket = s3._ensure_bucket(bucket_name)
        if answer[0] == 403 and bucket is not None and key not in bucket["objects"]:
            message = "The specified key does not exist."
            return s3._error("NoSuchKey", message, 404, f"/{bucket_name}/{key}")
        return answer

    s3.serve_cloudfront_origin_fetch = fetch_or_404


def import_any_method(apigateway: Any) -> None:
    """It leaves out of an imported API what AWS takes for every method of a path."""
    key = "x-amazon-apigateway-any-method"
    put = apigateway._import_operation
    apigateway._OPENAPI_HTTP_METHODS = apigateway._OPENAPI_HTTP_METHODS | {key}

    def put_any(api_id: str, resource_id: str, method: str, *rest: Any) -> None:
        put(api_id, resource_id, "ANY" if method.lower() == key else method, *rest)

    apigateway._import_operation = put_any


def fill_in_request_time(apigateway: Any) -> None:
    """Gateway responses know $context.requestTimeEpoch (milliseconds); here it stays as it is."""
    respond = apigateway._gateway_error_response

    def respond_with_time(*args: Any) -> Any:
        status, headers, body = respond(*args)
        now = str(int(time.time() * 1000)).encode()
        return status, headers, body.replace(b"$context.requestTimeEpoch", now)

    apigateway._gateway_error_response = respond_with_time


def name_the_origin_that_asks(apigateway: Any) -> None:
    """On AWS the CDN's policy names, of the listed origins, the one that asked, on the gateway's
    own answers too; here the CDN applies no such policy. The local gateway responses hold the list.
    """
    respond = apigateway._gateway_error_response
    header = "Access-Control-Allow-Origin"

    def respond_to_origin(error: Any, request: Any) -> Any:
        status, headers, body = respond(error, request)
        sent = {name.lower(): value for name, value in request["headers"].items()}
        asking = sent.get("origin", "")
        listed = headers.pop(header, "").split(",")
        return status, {**headers, **({header: asking} if asking in listed else {})}, body

    apigateway._gateway_error_response = respond_to_origin


def know_names_of_parameters(iam_actions: Any) -> None:
    """Where permissions are enforced, it takes GetParameters for a call on "*"; AWS checks it on
    each parameter, which is what our policies name."""
    extract = iam_actions.extract_resource_arn

    def extract_name(*args: Any) -> Any:
        service, _, _, headers, body, _, region, account = args
        target = headers.get("x-amz-target", "")
        if service == "ssm" and target.endswith(".GetParameters"):
            first, *_ = json.loads(body).get("Names") or ["/"]
            return f"arn:aws:ssm:{region}:{account}:parameter{first}"
        return extract(*args)

    iam_actions.extract_resource_arn = extract_name


def allow_batches_with_their_single_calls(iam_actions: Any) -> None:
    """Where permissions are enforced, it wants `sns:PublishBatch` and `sqs:SendMessageBatch`; AWS
    has no such actions: who may send one message may send ten."""
    extract = iam_actions.extract_iam_action

    def extract_single(*args: Any) -> Any:
        action = extract(*args)
        if action and action.partition(":")[0] in ("sns", "sqs"):
            return action.removesuffix("Batch")
        return action

    iam_actions.extract_iam_action = extract_single


def name_queues_alike_on_every_port(sqs: Any) -> None:
    """Queue URLs name the port of the day and are stored with it: on another one no worker reads.

    Clients take the address from their own settings, so any port in the URL is as good.
    """
    sqs.DEFAULT_PORT = "4600"
    sqs._CANONICAL_NETLOC = f"{sqs.DEFAULT_HOST}:{sqs.DEFAULT_PORT}"


def leave_when_saved(app: Any) -> None:
    """After saving, it waits for calls in flight, which wait for the emulator: ten seconds of both.

    Ending its containers is the last thing it does on a clean stop; it has none.
    """
    last_step = app._stop_docker_containers

    def last_step_and_leave(at_start: bool = False) -> None:
        last_step(at_start)
        if not at_start:
            os._exit(0)

    app._stop_docker_containers = last_step_and_leave


def main() -> None:
    folder = Path(sys.argv.pop())
    from ministack import app
    from ministack.core import iam_actions, lambda_runtime
    from ministack.services import apigateway_v1, lambda_svc, s3, sqs

    keep_health_for_the_shop(app)
    wait_instead_of_throttling(lambda_svc)
    let_answers_go_first(lambda_runtime)
    unpack_once(lambda_runtime, folder / "layers", folder / "tmp" / "code")
    tell_missing_from_forbidden(s3)
    import_any_method(apigateway_v1)
    fill_in_request_time(apigateway_v1)
    name_the_origin_that_asks(apigateway_v1)
    know_names_of_parameters(iam_actions)
    allow_batches_with_their_single_calls(iam_actions)
    name_queues_alike_on_every_port(sqs)
    leave_when_saved(app)
    app.main()


if __name__ == "__main__":
    main()
