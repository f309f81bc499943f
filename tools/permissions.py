"""What infra/functions.toml allows each function, as (resource, action) pairs.

`python -m tools.permissions` writes them as a table into docs/security.md. The tests record what
each function really does: what is not granted fails, and so does what is granted and never used.

A resource is named as the stage names it, without its prefix: `orders`, `orders/index/by_customer`
is `orders/index`, `payment-events` is a queue, `shop-events` the topic, `parameters/stripe` a group
of SSM parameters.
"""

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

from localcloud.functions import grants, resources, rows
from localcloud.functions.rows import Function, Rows

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "security.md"
HEAD = "## What each function may do\n"
Pair = tuple[str, str]

READ_PARAMETERS = "ssm:GetParameters"


@functools.cache
def all_rows() -> Rows:
    return rows.read(ROOT / "infra" / "functions.toml")


@functools.cache
def _services() -> dict[str, str]:
    """The service of each table, queue and topic."""
    named = resources.names(all_rows(), ROOT / "infra")
    return {name: resource.service for name, resource in named.items()}


def functions() -> tuple[str, ...]:
    return tuple(row.name for row in all_rows().functions)


def granted(function: str) -> set[Pair]:
    """All that a function may do to tables, queues, topics and parameters.

    Logs and traces are written outside the code and stand in every policy.
    """
    row = all_rows().one(function)
    return _pairs(row.may) | automatic(row) | _parameters(rows.groups_of(row.parameters))


def automatic(row: Function) -> set[Pair]:
    """What follows from what starts a function: mostly Lambda itself does it."""
    return _pairs(grants.automatic(row)) | _parameters(row.reads) - _parameters(
        rows.groups_of(row.parameters)
    )


def _parameters(groups: Iterable[str]) -> set[Pair]:
    return {(f"parameters/{group}", READ_PARAMETERS) for group in groups}


def _pairs(given: Mapping[str, tuple[str, ...]]) -> set[Pair]:
    return {
        (resource, f"{_services()[resource.partition('/')[0]]}:{action}")
        for resource, actions in given.items()
        for action in actions
    }


def unused(function: str, used: set[Pair]) -> set[Pair]:
    """What is granted and was not used, but for what comes by itself with the trigger, what stands
    in a shared set, and parameters of providers: a process makes each provider once, and the tests
    are one process for all functions."""
    row = all_rows().one(function)
    shared = {pair for name in row.includes for pair in _pairs(all_rows().shared[name])}
    return (
        granted(function)
        - used
        - automatic(row)
        - shared
        - _parameters(rows.groups_of([rows.PROVIDERS]))
    )


def unused_shared(used: set[Pair]) -> dict[str, set[Pair]]:
    """What of each shared set no function used."""
    sets = {name: _pairs(may) - used for name, may in all_rows().shared.items()}
    return {name: left for name, left in sets.items() if left}


def table() -> str:
    """All grants, a row per function and table, as docs/security.md shows them."""
    lines = ["| function | resource | may |", "|---|---|---|"]
    for function in sorted(functions()):
        by_resource: dict[str, list[str]] = {}
        for resource, action in sorted(granted(function)):
            by_resource.setdefault(resource, []).append(action.partition(":")[2])
        lines += [
            f"| `{function}` | `{resource}` | {', '.join(actions)} |"
            for resource, actions in by_resource.items()
        ]
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with the table as it should be, under its heading."""
    before, _, after = text.partition(HEAD)
    words, _, rest = after.partition("| function |")
    _, _, rest = rest.partition("\n\n")
    return f"{before}{HEAD}{words}{table()}\n\n{rest}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
