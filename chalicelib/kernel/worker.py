"""What queue, stream and schedule handlers share.

Chalice deploys them without `app.py`, so no app middleware runs: correlation, logging and the
handling of failures are here.
"""

import json
from collections.abc import Callable
from typing import Any

from chalicelib.kernel import clock, deadline, telemetry

FIRST_BACKOFF_SECONDS = 2
LONGEST_BACKOFF_SECONDS = 900
LATE_SECONDS = 120


def each_message(handle: Callable[[dict[str, Any]], None]) -> Callable[[Any], dict[str, Any]]:
    """Handle a queue's batch message by message; report back only those that failed.

    `handle` takes the message's JSON. A failed message comes again after 2, 4, 8 … seconds (900
    at most) and ends in the dead-letter queue after the queue's `maxReceiveCount`.
    """

    def worker(event: Any) -> dict[str, Any]:
        failed = []
        for record in event.to_dict()["Records"]:
            telemetry.correlate(record["messageId"])
            try:
                message = json.loads(record["body"])
                # From the request that caused it: one id from the first call to the last effect.
                telemetry.correlate(message.get("correlationId") or record["messageId"])
                handle(message)
            except Exception as error:
                telemetry.logger().warning("message failed", exc_info=error)
                _back_off(record)
                failed.append({"itemIdentifier": record["messageId"]})
        _done("queue", messages=len(event.to_dict()["Records"]), failed=len(failed))
        return {"batchItemFailures": failed}

    worker.__name__ = handle.__name__
    return worker


def scheduled(job: Callable[[int], Any]) -> Callable[[Any], None]:
    """Run a job with the time as its argument: `job(now)`. It ends before its function's time does
    (kernel/deadline), and one that fails as a whole is counted like its rows (kernel/rows)."""

    def worker(event: Any) -> None:
        facts = event.to_dict()
        telemetry.correlate(facts.get("id", ""))
        if "time" in facts:
            # A schedule is up to a minute late, one that is tried again later still: going by its
            # time then ends nothing too early, and the next minute's run is on time.
            clock.agree(clock.epoch(facts["time"]), within=LATE_SECONDS)
        try:
            with deadline.of_worker(getattr(event, "context", None)):
                result = job(clock.now())
        except Exception:
            telemetry.metric({"RowsFailed": 1, "JobsIncomplete": 1}, job=job.__name__)
            raise
        _done(job.__name__, result=result)

    worker.__name__ = job.__name__
    return worker


def stream_records(handle: Callable[[list[dict[str, Any]]], Any]) -> Callable[[Any, Any], None]:
    """Hand a stream's batch to `handle` whole; an error sends the whole batch again.

    So `handle` must be idempotent for each record.
    """

    def worker(event: dict[str, Any], context: Any) -> None:
        telemetry.correlate(getattr(context, "aws_request_id", ""))
        result = handle(event["Records"])
        _done(handle.__name__, records=len(event["Records"]), result=result)

    worker.__name__ = handle.__name__
    return worker


def _back_off(record: dict[str, Any]) -> None:
    """Hide a failed message for longer with each try. Losing this call costs only time."""
    from chalicelib.kernel import queues

    tries = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    seconds = min(FIRST_BACKOFF_SECONDS * 2 ** (tries - 1), LONGEST_BACKOFF_SECONDS)
    try:
        queues.hide(record["eventSourceARN"], record["receiptHandle"], seconds)
    except Exception as error:
        telemetry.logger().warning("could not back off", exc_info=error)


def _done(name: str, **facts: Any) -> None:
    # The line also ends the wait of the local cloud, which answers when it has seen a log line.
    telemetry.logger().info("done", extra={"worker": name, **facts})
