"""The alarms: one for each queue of dead letters, and one for each figure of the shop's own.

All of them write to one topic, to which the stage's AlarmEmail is subscribed.
"""

from __future__ import annotations

from typing import Any

from localcloud.functions.grants import FAILED_RUNS
from localcloud.functions.rows import Alarm, Function, Rows, logical

FIVE_MINUTES = 300
TOPIC = "Alarms"


def resources(rows: Rows) -> dict[str, Any]:
    own = [alarm for row in rows.functions for alarm in row.alarms] + list(rows.alarms)
    made = {f"{alarm.metric}Alarm": _of_metric(alarm) for alarm in own}
    for row in rows.functions:
        if row.queue:
            made[f"{logical(row.queue.dead)}Alarm"] = _of_dead_letters(row, row.queue.dead)
    if any(row.schedule for row in rows.functions):
        about = "A scheduled function failed as a whole; its log says why, the next run goes on."
        made[f"{logical(FAILED_RUNS)}Alarm"] = _of_queue(FAILED_RUNS, about)
    return made


def _of_metric(alarm: Alarm) -> dict[str, Any]:
    return _alarm(
        _hyphenated(alarm.metric),
        alarm.about,
        {
            "Namespace": "Cartwright",
            "MetricName": alarm.metric,
            "Dimensions": [
                {"Name": "App", "Value": {"Ref": "App"}},
                {"Name": "Stage", "Value": {"Ref": "Stage"}},
            ],
        },
        alarm.periods,
    )


def _of_dead_letters(row: Function, dead: str) -> dict[str, Any]:
    about = f"Messages for {row.name} were given up; they are whole, and can be put back."
    return _of_queue(dead, about)


def _of_queue(name: str, about: str) -> dict[str, Any]:
    return _alarm(
        name,
        about,
        {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [
                {"Name": "QueueName", "Value": {"Fn::GetAtt": [logical(name), "QueueName"]}}
            ],
        },
        periods=1,
    )


def _alarm(name: str, about: str, watched: dict[str, Any], periods: int) -> dict[str, Any]:
    """An alarm that rings when the greatest figure of each period is above zero."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": {"Fn::Sub": f"${{App}}-${{Stage}}-{name}"},
            "AlarmDescription": about,
            **watched,
            "Statistic": "Maximum",
            "Period": FIVE_MINUTES,
            "EvaluationPeriods": periods,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": TOPIC}],
        },
    }


def _hyphenated(metric: str) -> str:
    """`StockDrift` as `stock-drift`."""
    parts = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in metric)
    return parts.lstrip("-")
