"""The minute's sweep, which runs by itself.

The last file by its name: by then the shop has been open for a while.
"""

import json

from tests import live

A_MINUTE_AND_A_HALF = 90.0
BY_HAND = "00000000-0000-0000-0000-000000000000"  # the event id of `cloud.invoke`


def test_the_sweeper_is_scheduled_every_minute_on_the_live_version(market):
    events = market.cloud.aws.client("events")
    rules = {
        target["Arn"]: rule
        for rule in events.list_rules()["Rules"]
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    }
    (rule,) = [rule for arn, rule in rules.items() if "-Sweep-" in arn and arn.endswith(":live")]
    assert (rule["State"], rule["ScheduleExpression"]) == ("ENABLED", "rate(1 minute)")


def test_the_schedule_runs_the_sweeper_by_itself(market):
    # By now it mostly has: the shop has been open for a while.
    live.until(lambda: _sweeps_by_schedule(market), "a sweep nobody asked for", A_MINUTE_AND_A_HALF)


def _sweeps_by_schedule(market) -> list[str]:
    logs = market.cloud.aws.client("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/cartwright-local-Sweep")
    lines = [
        json.loads(event["message"])
        for group in groups["logGroups"]
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
        if '"worker"' in event["message"]
    ]
    return [line["correlation_id"] for line in lines if line["correlation_id"] != BY_HAND]
