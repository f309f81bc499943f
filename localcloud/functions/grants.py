"""What a function may do: its row's grants and those that follow from what starts it, as policies.

IAM counts a role's inline policies together, 10,240 characters without white space; a managed
policy has 6,144, ten to a role. What is longer than a part of the first is packed into managed
ones. Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.functions.rows import Function
from localcloud.problem import Problem

INLINE, MANAGED, MOST_MANAGED = 10_240, 6_144, 8
# A policy is full at this part of its limit, so that one more grant never stops a deploy.
FULL = 0.8

# What Lambda reads a queue with, and what the worker does with messages that failed or had no time.
OF_A_QUEUE = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
OF_A_WORKER = ("ChangeMessageVisibility", "GetQueueUrl", "SendMessage")
OF_A_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
FAILED_RUNS = "failed-runs"

Statement = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """What a grant names: its service, its id in the template, and its short name."""

    service: str
    logical: str
    name: str


def automatic(row: Function) -> dict[str, tuple[str, ...]]:
    """What a function needs for what starts it, beside what its row says."""
    needs: dict[str, tuple[str, ...]] = {}
    if row.queue:
        needs[row.queue.name] = OF_A_QUEUE + OF_A_WORKER
    for table in row.sources:
        needs[f"{table}/stream"] = OF_A_STREAM
    if row.sources and row.queue:
        needs[row.queue.dead] = ("SendMessage",)
    if row.schedule:
        needs[FAILED_RUNS] = ("SendMessage",)
    return needs


def statements(row: Function, resources: Mapping[str, Resource]) -> list[Statement]:
    """The statements of a function's policy, sorted, equal grants together."""
    together: dict[tuple[str, ...], list[str]] = {}
    for grants in (row.may, automatic(row)):
        for what, actions in grants.items():
            service = resource_of(row, what, resources).service
            key = tuple(sorted(f"{service}:{action}" for action in actions))
            together.setdefault(key, []).append(what)
    made = [
        allow(actions, [_arn(row, what, resources) for what in sorted(names)])
        for actions, names in sorted(together.items())
    ]
    return [*_general(row), *made]


def _general(row: Function) -> list[Statement]:
    """Logs for all, traces for what somebody waits for, parameters for who reads them."""
    logs = allow(("logs:CreateLogStream", "logs:PutLogEvents"), [_own("logs", _LOGS)])
    made = [logs]
    if not row.schedule:
        # Traces belong to no resource: AWS allows them on all or on none.
        made.append(allow(("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ["*"]))
    if row.reads:
        below = [_own("ssm", f"parameter/${{App}}/${{Stage}}/{group}/*") for group in row.reads]
        made.append(allow(("ssm:GetParameters",), below))
    return made


# A function's log group bears the function's name, which begins with the stack's.
_LOGS = "log-group:/aws/lambda/${AWS::StackName}-*"


def allow(actions: Iterable[str], resources: list[Any]) -> Statement:
    return {"Effect": "Allow", "Action": sorted(actions), "Resource": resources}


def _own(service: str, rest: str) -> dict[str, str]:
    account = "${AWS::Region}:${AWS::AccountId}"
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:{account}:{rest}"}


def resource_of(row: Function, what: str, resources: Mapping[str, Resource]) -> Resource:
    name = what.partition("/")[0]
    if name not in resources:
        raise Problem(f"functions.toml: {row.name} may use {name}, which nothing in infra/ makes.")
    return resources[name]


def _arn(row: Function, what: str, resources: Mapping[str, Resource]) -> Any:
    found, part = resource_of(row, what, resources), what.partition("/")[2]
    if found.service == "sns":
        return {"Ref": found.logical}
    if part == "stream":
        return {"Fn::GetAtt": [found.logical, "StreamArn"]}
    if part:
        return {"Fn::Sub": f"${{{found.logical}.Arn}}/{part}/*"}
    return {"Fn::GetAtt": [found.logical, "Arn"]}


def document(made: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": made}


def packed(made: list[Statement]) -> list[list[Statement]]:
    """The statements as they go into managed policies, in order; raises `Problem` when they would
    need more than a role may have."""
    bins: list[list[Statement]] = []
    for statement in made:
        if bins and length(document([*bins[-1], statement])) <= MANAGED * FULL:
            bins[-1].append(statement)
        else:
            bins.append([statement])
    if len(bins) > MOST_MANAGED or any(length(document(one)) > MANAGED * FULL for one in bins):
        raise Problem("A function's grants do not fit into the policies that a role may have.")
    return bins


def is_inline(made: list[Statement]) -> bool:
    return length(document(made)) <= INLINE * FULL


# The longest that AWS may put for what is known only there.
_LONGEST = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-2",
    "AWS::AccountId": "123456789012",
    "AWS::StackName": "a-shop-of-a-longer-name-prod",
    "App": "a-shop-of-a-longer-name",
    "Stage": "prod",
}
_ARN = "arn:aws-us-gov:dynamodb:ap-southeast-2:123456789012:table/a-shop-of-a-longer-name-prod-"


def length(policy: Mapping[str, Any]) -> int:
    """A policy's characters as IAM counts them, with names as long as AWS may make them."""
    return len(json.dumps(_resolved(policy), separators=(",", ":")))


def _resolved(node: Any) -> Any:
    if isinstance(node, list):
        return [_resolved(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "Fn::Sub" in node:
        return re.sub(r"\$\{([^}]*)\}", _substituted, node["Fn::Sub"])
    if "Fn::GetAtt" in node or "Ref" in node:
        named = node.get("Fn::GetAtt") or [node["Ref"]]
        stream = "/stream/2026-01-01T00:00:00.000" if named[-1] == "StreamArn" else ""
        return _ARN + named[0] + stream
    return {key: _resolved(value) for key, value in node.items()}


def _substituted(found: re.Match[str]) -> str:
    name = found.group(1)
    return _LONGEST.get(name) or _ARN + name.partition(".")[0]
