"""Logs as JSON lines with a correlation id; metrics as CloudWatch's embedded format in the log.

Every line passes `redaction.conceal`, the shop's own and those of libraries (urllib3, Stripe's SDK,
Chalice) that reach the root logger; what Lambda itself would write of an error that leaves a
handler is written here instead (`unhandled_errors_logged`).
"""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from chalicelib.config import settings
from chalicelib.kernel import clock, redaction

NAMESPACE = "Cartwright"
_correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")


@cache
def logger() -> Any:
    """The shop's logger (Powertools). Named apart from the Chalice app, as Powertools asks."""
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    class Concealing(LambdaPowertoolsFormatter):
        def format(self, record: logging.LogRecord) -> str:
            return redaction.conceal(super().format(record))

    made = Logger(
        service="cartwright",
        level=settings().log_level,
        logger_handler=_stdout(),
        logger_formatter=Concealing(),
    )
    made.append_keys(stage=settings().stage)
    conceal_what_libraries_log()
    return made


class Unhandled(RuntimeError):
    """A handler failed; the log has said how. Raised in its place, so that Lambda, which writes an
    error that leaves a handler into the log as it is, knows its kind and no more."""


@contextmanager
def unhandled_errors_logged() -> Iterator[None]:
    """Log what leaves the block, and let Unhandled leave it instead."""
    try:
        yield
    except Exception as error:
        logger().error("unhandled", exc_info=error)
        raise Unhandled(type(error).__name__) from None


class _Wrapped(logging.Formatter):
    """Another formatter's lines, concealed."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        # As JSON: there a quote that belongs to a text is told from one that ends it.
        try:
            return str(json.loads(redaction.conceal(json.dumps(self._inner.format(record)))))
        except Exception as error:
            # Else logging writes the line itself to stderr, with all that is in it.
            return f"{record.levelname} {record.name}: a line that {type(error).__name__} hides"


def conceal_what_libraries_log() -> None:
    """Lambda's own handler stands at the root, and formats what everybody else logs."""
    for handler in logging.getLogger().handlers:
        inner = handler.formatter or logging.Formatter()
        if not isinstance(inner, _Wrapped):
            handler.setFormatter(_Wrapped(inner))


def correlate(correlation_id: str, **keys: Any) -> None:
    """Every line from here to the end of this invocation carries the id (and the keys)."""
    _correlation_id.set(correlation_id)
    logger().append_keys(correlation_id=correlation_id, **keys)


def correlation_id() -> str:
    """The id of the call that is being worked on; empty where nobody has said one."""
    return _correlation_id.get()


def metric(values: Mapping[str, float], unit: str = "Count", **facts: str) -> None:
    """Write metrics of this stage, e.g. `metric({"OrderCreated": 1})`, as one EMF line.

    Only shop and stage are dimensions: every other one multiplies CloudWatch's bill. `facts`, e.g.
    the name of a job, stand in the line beside the figures, for whoever searches the log for them.
    Source: CloudWatch's embedded metric format specification.
    """
    definition = {
        "Namespace": NAMESPACE,
        "Dimensions": [["App", "Stage"]],
        "Metrics": [{"Name": name, "Unit": unit} for name in values],
    }
    line = {
        "_aws": {"Timestamp": clock.millis(), "CloudWatchMetrics": [definition]},
        "App": settings().app,
        "Stage": settings().stage,
        **facts,
        **values,
    }
    # A line of its own: CloudWatch reads metrics only from lines that are this JSON and no more.
    sys.stdout.write(json.dumps(line) + "\n")


def _stdout() -> logging.Handler:
    return logging.StreamHandler(sys.stdout)
