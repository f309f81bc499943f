"""What a template must not be, although CloudFormation or the emulator would take it.

Each rule names what breaks it; an empty list is a template that keeps it. They read resources whose
conditions are decided and whose parameters are filled in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.functions import grants

Resources = Mapping[str, Mapping[str, Any]]

FUNCTION = "AWS::Serverless::Function"
ALARM, QUEUE, TABLE = "AWS::CloudWatch::Alarm", "AWS::SQS::Queue", "AWS::DynamoDB::Table"
# What CloudFormation makes anew under another id when it changes; a test holds the list against the
# schemas of AWS's own that cfn-lint brings.
REPLACES = {
    TABLE: ("TableName", "KeySchema", "ImportSourceSpecification"),
    QUEUE: ("QueueName", "FifoQueue"),
    "AWS::SNS::Topic": ("TopicName", "FifoTopic"),
    "AWS::S3::Bucket": ("BucketName", "BucketNamePrefix", "BucketNamespace"),
    "AWS::Logs::LogGroup": ("LogGroupName",),
}
# Of a removed one nothing is left that anybody could need.
MAY_GO = {"AWS::Logs::LogGroup"}


def untraced(resources: Resources) -> list[str]:
    """Functions that are to be traced and may not write traces: Lambda refuses to create them."""
    return [
        name
        for name, function in _of(resources, FUNCTION)
        if function.get("Tracing") == "Active"
        and "xray:PutTraceSegments" not in _actions(resources, function)
    ]


def unlogged(resources: Resources) -> list[str]:
    """Functions without a log group that is kept for a time, or without the right to write to it:
    they are silent, and so are all alarms on what they log."""
    groups = {
        json.dumps(group.get("LogGroupName"))
        for _, group in _of(resources, "AWS::Logs::LogGroup")
        if group.get("RetentionInDays")
    }
    return [
        name
        for name, function in _of(resources, FUNCTION)
        if json.dumps({"Fn::Sub": f"/aws/lambda/${{{name}}}"}) not in groups
        or not {"logs:CreateLogStream", "logs:PutLogEvents"} <= _actions(resources, function)
    ]


def silent_alarms(resources: Resources) -> list[str]:
    """Alarms that tell nobody."""
    return [name for name, alarm in _of(resources, ALARM) if not alarm.get("AlarmActions")]


def unwatched_queues(resources: Resources) -> list[str]:
    """Queues of dead letters, of a queue's, a stream's or a run's, that no alarm watches."""
    watched = {
        each["Value"]["Fn::GetAtt"][0]
        for _, alarm in _of(resources, ALARM)
        for each in alarm.get("Dimensions", [])
        if each["Name"] == "QueueName"
    }
    return sorted(set(_dead_letters(resources)) - watched)


def _dead_letters(resources: Resources) -> Iterator[str]:
    for _, queue in _of(resources, QUEUE):
        if "RedrivePolicy" in queue:
            yield queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
    for _, function in _of(resources, FUNCTION):
        settings = [each["Properties"] for each in function.get("Events", {}).values()]
        settings.append(function.get("EventInvokeConfig", {}))
        for one in settings:
            failure = one.get("DestinationConfig", {}).get("OnFailure")
            if failure:
                yield failure["Destination"]["Fn::GetAtt"][0]


def long_policies(resources: Resources) -> list[str]:
    """Roles and policies that are longer than 80 % of what IAM takes, or too many for a role."""
    found = []
    for name, role in _of(resources, "AWS::IAM::Role"):
        inline = sum(grants.length(each["PolicyDocument"]) for each in role.get("Policies", []))
        if inline > grants.INLINE * grants.FULL:
            found.append(name)
        if len(role.get("ManagedPolicyArns", [])) > grants.MOST_MANAGED:
            found.append(name)
    for name, policy in _of(resources, "AWS::IAM::ManagedPolicy"):
        if grants.length(policy["PolicyDocument"]) > grants.MANAGED * grants.FULL:
            found.append(name)
    return found


def dangers(old: Resources, new: Resources) -> list[str]:
    """What of an update AWS would refuse, or would lose data by: `what: why` each."""
    found = []
    for name, before in old.items():
        kind, after = before["Type"], new.get(name)
        if kind not in REPLACES or kind in MAY_GO:
            continue
        if after is None or after["Type"] != kind:
            found.append(f"{name}: removed")
            continue
        was, now = before.get("Properties", {}), after.get("Properties", {})
        found += [f"{name}: replaced by its {key}" for key in REPLACES[kind]
                  if was.get(key) != now.get(key)]  # fmt: skip
        if kind == TABLE:
            found += [f"{name}: {why}" for why in _of_indexes(was, now)]
    return found


def _of_indexes(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """A table takes one index more or less at a time, and no index changes under its name."""
    before, after = ({one["IndexName"]: one for one in table.get("GlobalSecondaryIndexes", [])}
                     for table in (was, now))  # fmt: skip
    if len(set(before) ^ set(after)) > 1:
        yield "more than one index is added or removed at once"
    for name in sorted(set(before) & set(after)):
        for key in ("KeySchema", "Projection"):
            if before[name].get(key) != after[name].get(key):
                yield f"the index {name} changes its {key} under its name"


def _of(resources: Resources, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, resource in resources.items():
        if resource["Type"] == kind:
            yield name, resource.get("Properties", {})


def _actions(resources: Resources, function: Mapping[str, Any]) -> set[str]:
    """All that a function's role allows."""
    role = resources[function["Role"]["Fn::GetAtt"][0]].get("Properties", {})
    documents = [each["PolicyDocument"] for each in role.get("Policies", [])]
    for arn in role.get("ManagedPolicyArns", []):
        documents.append(resources[arn["Ref"]]["Properties"]["PolicyDocument"])
    return {
        action
        for document in documents
        for statement in document["Statement"]
        for action in statement["Action"]
    }
