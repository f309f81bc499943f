"""Logs as JSON lines with a correlation id; metrics as CloudWatch's embedded format in the log."""

import json
import logging
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from chalicelib.config import settings
from chalicelib.kernel import clock

NAMESPACE = "Cartwright"


@cache
def logger() -> Any:
    """The shop's logger (Powertools). Named apart from the Chalice app, as Powertools asks."""
    from aws_lambda_powertools import Logger

    made = Logger(service="cartwright", level=settings().log_level, logger_handler=_stdout())
    made.append_keys(stage=settings().stage)
    return made


def correlate(correlation_id: str, **keys: Any) -> None:
    """Every line from here to the end of this invocation carries the id (and the keys)."""
    logger().append_keys(correlation_id=correlation_id, **keys)


def metric(values: Mapping[str, float], unit: str = "Count", **facts: str) -> None:
    """Write metrics of this stage, e.g. `metric({"OrderCreated": 1})`, as one EMF line.

    Only the stage is a dimension: every other one multiplies CloudWatch's bill. `facts`, e.g. the
    name of a job, stand in the line beside the figures, for whoever searches the log for them.
    Source: CloudWatch's embedded metric format specification.
    """
    definition = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Stage"]],
        "Metrics": [{"Name": name, "Unit": unit} for name in values],
    }
    line = {
        "_aws": {"Timestamp": clock.millis(), "CloudWatchMetrics": [definition]},
        "Stage": settings().stage,
        **facts,
        **values,
    }
    # A line of its own: CloudWatch reads metrics only from lines that are this JSON and no more.
    sys.stdout.write(json.dumps(line) + "\n")


def _stdout() -> logging.Handler:
    return logging.StreamHandler(sys.stdout)
