"""What queue, stream and schedule handlers share.

Each is a plain Lambda function of `(event, context)`; what starts it stands in its row of
infra/functions.toml. Chalice runs none of its middleware for them: correlation, logging and the
handling of failures are here.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chalicelib.kernel import clock, deadline, outages, telemetry
from chalicelib.kernel.deadline import OutOfTime
from chalicelib.kernel.errors import NotAsked, ProviderDown
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.messaging.rows import Done

FIRST_BACKOFF_SECONDS = 2
LONGEST_BACKOFF_SECONDS = 900
LATE_SECONDS = 120
# One message waits for a provider no longer than this, so that a batch in which two of them hang
# still has time for the others; what the shop asks of them takes two seconds, when they are slow.
MESSAGE_SECONDS = 12.0
# A job finds out within a minute that a provider is well again.
OUTAGE_SECONDS = 60


Handle = Callable[[dict[str, Any]], None]


def each_message(
    handle: Handle, *, seconds: float = MESSAGE_SECONDS
) -> Callable[..., dict[str, Any]]:
    """Handle a queue's batch message by message; report back only those that failed. One message
    has `seconds` at most.

    `handle` takes the message's JSON. A failed message comes again after 2, 4, 8 … seconds (900
    at most) and ends in the dead-letter queue after the queue's `maxReceiveCount`.

    The worker ends before its function's time does, and a provider that fails once is not asked
    again in this batch. What that leaves undone has not failed: it is put on the queue anew, so
    that no neighbour's trouble counts among its tries.
    """

    def worker(event: dict[str, Any], context: Any = None) -> dict[str, Any]:
        return _batch(event["Records"], context, handle, seconds)

    worker.__name__ = handle.__name__
    return worker


def _batch(
    records: list[dict[str, Any]],
    context: Any,
    handle: Handle,
    seconds: float = MESSAGE_SECONDS,
) -> dict[str, Any]:
    batch = _Batch(handle, seconds)
    with deadline.of_worker(context), outages.sparing():
        for record in records:
            batch.work_on(record)
    telemetry.metric({"MessagesLeft": batch.left})
    _done("queue", messages=len(records), failed=len(batch.failed), left=batch.left)
    return {"batchItemFailures": [{"itemIdentifier": name} for name in batch.failed]}


class _Batch:
    """What is done with the messages of one batch, one after the other."""

    def __init__(self, handle: Handle, seconds: float) -> None:
        self._handle = handle
        self._seconds = seconds
        self.failed: list[str] = []
        self.left = 0

    def work_on(self, record: dict[str, Any]) -> None:
        telemetry.correlate(record["messageId"])
        if deadline.is_over():
            return self._leave(record, 0)
        whole = deadline.left() >= MESSAGE_SECONDS
        try:
            message = json.loads(record["body"])
            # From the request that caused it: one id from the first call to the last effect.
            telemetry.correlate(message.get("correlationId") or record["messageId"])
            with deadline.within(self._seconds):
                self._handle(message)
        except NotAsked:
            return self._leave(record, OUTAGE_SECONDS)
        except Exception as error:
            if isinstance(error, OutOfTime) and deadline.is_over():
                return self._leave(record, 0)
            if isinstance(error, ProviderDown) and not whole:
                # Its calls were cut off by the end of the batch's time, not of their own.
                return self._leave(record, OUTAGE_SECONDS)
            telemetry.logger().warning("message failed", exc_info=error)
            _back_off(record)
            self.failed.append(record["messageId"])
        return None

    def _leave(self, record: dict[str, Any], seconds: int) -> None:
        """Put it on the queue anew, to be worked on after `seconds`; this one then counts as done.
        A crash in between leaves both, and whoever handles messages must bear repeats."""
        from chalicelib.kernel.messaging import queues

        self.left += 1
        try:
            queues.send_anew(record["eventSourceARN"], record["body"], seconds)
        except Exception as error:
            telemetry.logger().warning("message not put back", exc_info=error)
            self.failed.append(record["messageId"])


def scheduled(job: Callable[[int], Any]) -> Callable[..., Any]:
    """Run a job with the time as its argument: `job(now)`, and answer what it does. It ends before
    its function's time does (kernel/deadline), and one that fails as a whole is counted like its
    rows (kernel/rows)."""

    def worker(event: dict[str, Any], context: Any = None) -> Any:
        telemetry.correlate(event.get("id", ""))
        if "time" in event:
            # A schedule is up to a minute late, one that is tried again later still: going by its
            # time then ends nothing too early, and the next minute's run is on time.
            clock.agree(clock.epoch(event["time"]), within=LATE_SECONDS)
        try:
            with (
                deadline.of_worker(context),
                telemetry.unhandled_errors_logged(),
            ):
                result = job(clock.now())
        except telemetry.Unhandled:
            telemetry.metric({"RowsFailed": 1, "JobsIncomplete": 1}, job=job.__name__)
            raise
        _done(job.__name__, result=result)
        return result

    worker.__name__ = job.__name__
    return worker


# One step of a stream's batch: the record that it is about, and what is to be done.
Step = tuple[dict[str, Any], Callable[[], object]]


class SomeFailed(RuntimeError):
    """A step about several records failed for these."""

    def __init__(self, records: Sequence[dict[str, Any]]) -> None:
        super().__init__(f"{len(records)} records failed together")
        self.records = records


def stream_records(
    park: Callable[[dict[str, Any]], None],
) -> Callable[[Callable[[list[dict[str, Any]]], Iterable[Step]]], Callable[[Any, Any], Any]]:
    """Take a stream's batch in steps, each by itself; what fails is parked, and the shard goes on.

    The decorated function makes a batch's steps. A stream keeps records in order and for a day: one
    that fails for ever would hold up all behind it, and then be lost with them. So `park` puts it
    on a queue, whose messages the same worker takes in as well, each tried until it works or the
    dead letters keep it. Only when it can't be parked the whole batch comes again: each step must
    be safe to repeat.
    """

    def decorate(
        steps_of: Callable[[list[dict[str, Any]]], Iterable[Step]],
    ) -> Callable[[Any, Any], Any]:
        def again(record: dict[str, Any]) -> None:
            for _, work in steps_of([record]):
                work()

        def worker(event: dict[str, Any], context: Any) -> dict[str, Any]:
            telemetry.correlate(getattr(context, "aws_request_id", ""))
            records = event["Records"]
            if any(record.get("eventSource") == "aws:sqs" for record in records):
                return _batch(records, context, again)
            with telemetry.unhandled_errors_logged():
                failed = _take(steps_of(records), steps_of.__name__)
                for record in failed:
                    park(record)
            _done(steps_of.__name__, records=len(records), parked=len(failed))
            return {"records": len(records), "parked": len(failed)}

        worker.__name__ = steps_of.__name__
        return worker

    return decorate


def _take(steps: Iterable[Step], job: str) -> list[dict[str, Any]]:
    """Take each step; the records of those that failed."""
    done, failed = Done(job), {}
    for record, work in steps:
        try:
            work()
            done.done += 1
        except Exception as error:
            for each in error.records if isinstance(error, SomeFailed) else [record]:
                done.fail(str(each.get("eventID")), error)
                failed[id(each)] = each  # once, however many of its steps failed
    rows.report(done)
    return list(failed.values())


def _back_off(record: dict[str, Any]) -> None:
    """Hide a failed message for longer with each try. Losing this call costs only time."""
    from chalicelib.kernel.messaging import queues

    tries = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    seconds = min(FIRST_BACKOFF_SECONDS * 2 ** (tries - 1), LONGEST_BACKOFF_SECONDS)
    try:
        queues.hide(record["eventSourceARN"], record["receiptHandle"], seconds)
    except Exception as error:
        telemetry.logger().warning("could not back off", exc_info=error)


def _done(name: str, **facts: Any) -> None:
    # The line also ends the wait of the local cloud, which answers when it has seen a log line.
    telemetry.logger().info("done", extra={"worker": name, **facts})
