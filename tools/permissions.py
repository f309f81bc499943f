"""What the policies in .chalice/ allow each function, as (resource, action) pairs.

`python -m tools.permissions` writes them as a table into docs/security.md. The tests record what
each function really does: what is not granted fails, and so does what is granted and never used.

A resource is named as the stage names it, without its prefix: `orders`, `orders/index/by_customer`
is `orders/index`, `payment-events` is a queue, `shop-events` the topic.
"""

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalice.package import YAMLTemplateSerializer

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "security.md"
HEAD = "## What each function may do\n"
Pair = tuple[str, str]

# A resource's own name in the template, by its type.
_NAMED = ("TableName", "QueueName", "TopicName")
_PREFIX = "cartwright-${Stage}-"

# What Lambda itself does with a function's rights: it reads the function's queue or stream. Logs
# and traces are written outside the code, parameters are checked by their own tests.
BY_LAMBDA = frozenset(
    {
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    }
)
_NOT_RECORDED = ("logs:", "xray:", "ssm:", "kms:", "cloudwatch:")


@functools.cache
def _names() -> dict[str, str]:
    """Logical id to name, of every table, queue and topic."""
    found = {}
    for path in sorted((ROOT / "infra").glob("*.yaml")):
        template = YAMLTemplateSerializer().load_template(path.read_text(), str(path))
        for logical, resource in template.get("Resources", {}).items():
            properties = resource.get("Properties", {})
            for key in _NAMED:
                name = properties.get(key)
                if isinstance(name, dict):
                    found[logical] = str(name["Fn::Sub"]).removeprefix(_PREFIX)
    return found


def resource_of(arn: Any) -> str:
    """The short name of what a policy's resource points at."""
    if isinstance(arn, dict) and "Fn::GetAtt" in arn:
        logical = arn["Fn::GetAtt"]
        logical = logical.partition(".")[0] if isinstance(logical, str) else logical[0]
        return _names()[logical]
    if isinstance(arn, dict) and "Ref" in arn:
        return _names()[arn["Ref"]]
    text = arn["Fn::Sub"] if isinstance(arn, dict) else str(arn)
    logical, _, rest = text.removeprefix("${").partition(".Arn}")
    if logical in _names():
        return _names()[logical] + {"/index/*": "/index", "/stream/*": "/stream"}.get(rest, rest)
    return str(text)


def functions() -> dict[str, str]:
    """Each function's policy file, by the function's name in Chalice."""
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    declared = config["stages"]["prod"]["lambda_functions"]
    return {name: row["iam_policy_file"] for name, row in declared.items()}


def _statements(function: str) -> Iterator[tuple[list[str], list[Any]]]:
    path = ROOT / ".chalice" / functions()[function]
    for statement in json.loads(path.read_text(encoding="utf-8"))["Statement"]:
        actions, resources = statement["Action"], statement["Resource"]
        yield (
            actions if isinstance(actions, list) else [actions],
            resources if isinstance(resources, list) else [resources],
        )


def granted(function: str) -> set[Pair]:
    """All that a function may do to tables, queues and topics.

    An index knows Query and Scan only: other actions that one statement names beside the table's
    index say nothing about it.
    """
    return {
        (resource, action)
        for actions, arns in _statements(function)
        for resource in map(resource_of, arns)
        for action in actions
        if not action.startswith(_NOT_RECORDED)
        if not resource.endswith("/index") or action in {"dynamodb:Query", "dynamodb:Scan"}
    }


def unused(function: str, used: set[Pair]) -> set[Pair]:
    """What is granted and was not used, but for what Lambda uses itself."""
    return {pair for pair in granted(function) - used if not _is_lambdas(function, *pair)}


def _is_lambdas(function: str, resource: str, action: str) -> bool:
    """Whether Lambda needs this right on the function's behalf: to read its queue or stream, and to
    put what of a stream it gives up on the dead letters."""
    if function == "api_handler":
        return False
    if resource.endswith("-dead"):
        return action == "sqs:SendMessage"
    return action in BY_LAMBDA


def table() -> str:
    """All grants, a row per function and table, as docs/security.md shows them."""
    rows = ["| function | resource | may |", "|---|---|---|"]
    for function in sorted(functions()):
        by_resource: dict[str, list[str]] = {}
        for resource, action in sorted(granted(function)):
            by_resource.setdefault(resource, []).append(action.partition(":")[2])
        rows += [
            f"| `{function}` | `{resource}` | {', '.join(actions)} |"
            for resource, actions in by_resource.items()
        ]
    return "\n".join(rows)


def page(text: str) -> str:
    """The page with the table as it should be, under its heading."""
    before, _, after = text.partition(HEAD)
    words, _, rest = after.partition("| function |")
    _, _, rest = rest.partition("\n\n")
    return f"{before}{HEAD}{words}{table()}\n\n{rest}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
