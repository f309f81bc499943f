"""The template of a row: what CloudFormation makes for each function beside its code.

`python -m tools.functions` writes the result to .chalice/functions.json; the packager merges it
into what Chalice writes, where each function is found by its id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chalice.package import YAMLTemplateSerializer

from localcloud.functions import alarms, grants, subscriptions
from localcloud.functions.grants import FAILED_RUNS, Resource
from localcloud.functions.rows import Function, Queue, Rows, logical

Template = dict[str, Any]

PREFIX = "${App}-${Stage}-"
TWO_WEEKS = 14 * 24 * 3600  # as long as SQS keeps anything
LOG_DAYS = 30
# What must outlive the stack, unless it was never made whole.
KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
_NAMED = {
    "AWS::DynamoDB::Table": ("dynamodb", "TableName"),
    "AWS::SNS::Topic": ("sns", "TopicName"),
}


def template(rows: Rows, infra: Path) -> Template:
    """Everything that follows from the rows. Raises `Problem` for a row that can't be."""
    named = names(rows, infra)
    made: Template = {}
    for row in rows.functions:
        made |= dict(_of(row, named))
    if any(row.schedule for row in rows.functions):
        made[logical(FAILED_RUNS)] = _queue(FAILED_RUNS)
    made |= alarms.resources(rows) | subscriptions.resources(rows)
    return {"Resources": dict(sorted(made.items()))}


def names(rows: Rows, infra: Path) -> dict[str, Resource]:
    """Every table, queue and topic by its short name."""
    found = _declared(infra)
    for row in rows.functions:
        for name in (row.queue.name, row.queue.dead) if row.queue else ():
            found[name] = Resource("sqs", logical(name), name)
    found[FAILED_RUNS] = Resource("sqs", logical(FAILED_RUNS), FAILED_RUNS)
    return found


def _declared(infra: Path) -> dict[str, Resource]:
    """The tables and topics of the infra files, by their short names."""
    found = {}
    for path in sorted(infra.glob("*.yaml")):
        part = YAMLTemplateSerializer().load_template(path.read_text(encoding="utf-8"), str(path))
        for name, resource in part.get("Resources", {}).items():
            if resource.get("Type") in _NAMED:
                service, key = _NAMED[resource["Type"]]
                short = resource["Properties"][key]["Fn::Sub"].removeprefix(PREFIX)
                found[short] = Resource(service, name, short)
    return found


def _of(row: Function, named: Mapping[str, Resource]) -> Iterator[tuple[str, Template]]:
    yield row.logical, _function(row, named)
    yield from _role(row, named)
    yield (
        f"{row.logical}Logs",
        {
            "Type": "AWS::Logs::LogGroup",
            **KEPT,
            "Properties": {
                "LogGroupName": {"Fn::Sub": f"/aws/lambda/${{{row.logical}}}"},
                "RetentionInDays": LOG_DAYS,
            },
        },
    )
    if row.queue:
        yield logical(row.queue.name), _queue(row.queue.name, row.timeout, row.queue)
        yield logical(row.queue.dead), _queue(row.queue.dead)


def _function(row: Function, named: Mapping[str, Resource]) -> Template:
    properties: Template = {
        "Description": row.about,
        "MemorySize": row.memory,
        "Timeout": row.timeout,
        "Role": {"Fn::GetAtt": [f"{row.logical}Role", "Arn"]},
        "Environment": {"Variables": _environment(row, named)},
    }
    if row.reserved is not None:
        # A new account has ten at once in all, and nothing to set apart.
        properties["ReservedConcurrentExecutions"] = {
            "Fn::If": ["ReservesConcurrency", row.reserved, {"Ref": "AWS::NoValue"}]
        }
    if events := dict(_events(row, named)):
        properties["Events"] = events
    # Chalice writes PassThrough.
    properties["Tracing"] = "Active"
    if row.schedule:
        # What failed is over: the next run goes on from where it was, and two would meet. Nobody
        # waits for it, so a trace would only cost.
        properties["Tracing"] = "PassThrough"
        properties["EventInvokeConfig"] = {
            "MaximumRetryAttempts": 0,
            "DestinationConfig": {"OnFailure": _to_queue(FAILED_RUNS)},
        }
    made: Template = {"Properties": properties}
    # The emulator makes resources in the order of what they name, and an event source names none.
    waits = [logical(row.queue.name)] if row.queue else []
    waits += [named[table].logical for table in row.sources]
    return {**made, "DependsOn": waits} if waits else made


def _environment(row: Function, named: Mapping[str, Resource]) -> dict[str, Any]:
    """Addresses of the queues and topics that it uses, and whose parameters it may read."""
    used = [grants.resource_of(row, name, named) for name in row.may]
    used += [named[row.queue.name]] if row.queue else []
    # Dead letters are found by the queue's own address.
    addresses = {
        variable(one): {"Ref": one.logical}
        for one in used
        if one.service != "dynamodb" and not one.name.endswith("-dead")
    }
    made = {"PARAMETERS": " ".join(row.reads) or "none", **addresses}
    if row.paths:
        made["ALLOWED_ORIGINS"] = {"Ref": "AllowedOrigins"}
    return dict(sorted(made.items()))


def variable(resource: Resource) -> str:
    """The environment variable that tells a function where a queue or topic is."""
    kind = {"sqs": "QUEUE_URL", "sns": "TOPIC_ARN"}[resource.service]
    return f"{resource.name.replace('-', '_').upper()}_{kind}"


def _events(row: Function, named: Mapping[str, Resource]) -> Iterator[tuple[str, Template]]:
    if row.schedule:
        yield "Schedule", {"Type": "Schedule", "Properties": {"Schedule": row.schedule}}
    if row.queue:
        properties: Template = {
            "Queue": {"Fn::GetAtt": [logical(row.queue.name), "Arn"]},
            "BatchSize": row.queue.batch,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }
        if row.queue.concurrency:
            properties["ScalingConfig"] = {"MaximumConcurrency": row.queue.concurrency}
        yield "Queue", {"Type": "SQS", "Properties": properties}
    for table in row.sources:
        name, dead = named[table].logical, row.queue.dead if row.queue else ""
        yield f"{name}Stream", _stream(name, dead, new_items_alone=table in row.inserts)


def _stream(table: str, dead: str, *, new_items_alone: bool) -> Template:
    """A table's stream as what starts a function; what it gives up goes to `dead`."""
    properties: Template = {
        "Stream": {"Fn::GetAtt": [table, "StreamArn"]},
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 20,
        "DestinationConfig": {"OnFailure": _to_queue(dead)},
    }
    if new_items_alone:
        # What Lambda filters out costs no call.
        pattern = json.dumps({"eventName": ["INSERT"]})
        properties["FilterCriteria"] = {"Filters": [{"Pattern": pattern}]}
    return {"Type": "DynamoDB", "Properties": properties}


def _to_queue(name: str) -> Template:
    return {"Type": "SQS", "Destination": {"Fn::GetAtt": [logical(name), "Arn"]}}


def _queue(name: str, timeout: int = 0, worked: Queue | None = None) -> Template:
    properties: Template = {
        "QueueName": {"Fn::Sub": PREFIX + name},
        "SqsManagedSseEnabled": True,
        "MessageRetentionPeriod": TWO_WEEKS,
    }
    if worked:
        # Six times the worker's time, so that no message comes again while it is worked on.
        properties["VisibilityTimeout"] = 6 * timeout
        properties["RedrivePolicy"] = {
            "deadLetterTargetArn": {"Fn::GetAtt": [logical(worked.dead), "Arn"]},
            "maxReceiveCount": worked.tries,
        }
    return {"Type": "AWS::SQS::Queue", **KEPT, "Properties": properties}


def _role(row: Function, named: Mapping[str, Resource]) -> Iterator[tuple[str, Template]]:
    made = grants.statements(row, named)
    properties: Template = {
        "AssumeRolePolicyDocument": grants.document(
            [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ]
        )
    }
    if grants.is_inline(made):
        properties["Policies"] = [
            {"PolicyName": f"{row.logical}Policy", "PolicyDocument": grants.document(made)}
        ]
    else:
        packed = grants.packed(made)
        ids = [f"{row.logical}Policy{number}" for number in range(1, len(packed) + 1)]
        properties["ManagedPolicyArns"] = [{"Ref": one} for one in ids]
        for one, part in zip(ids, packed, strict=True):
            yield (
                one,
                {
                    "Type": "AWS::IAM::ManagedPolicy",
                    "Properties": {"PolicyDocument": grants.document(part)},
                },
            )
    yield f"{row.logical}Role", {"Type": "AWS::IAM::Role", "Properties": properties}
