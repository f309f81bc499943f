"""Records what each function does to AWS while the tests run in process, and holds it against the
function's policy: what is used and not granted fails the test that did it; what is granted and was
never used fails a whole run, and is listed at its end.

The emulators allow everything to everybody, so without this a missing right is seen on AWS first.
A call belongs to the function whose handler is running; the API has three of them, by path. Tests
that call a job's service straight are told apart by that service (`SERVICES`).
"""

import functools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from botocore.client import BaseClient
from chalice.app import Chalice, DecoratorAPI

from chalicelib.kernel.parameters import Parameters
from chalicelib.privacy.contexts import PERSONAL_DATA
from tools import permissions as policies
from tools.permissions import Pair

# Where tests enter a function below its handler: the job's own service, by module and name.
SERVICES = {
    ("chalicelib.subscriptions.following", "handle_event"): "settle",
    ("chalicelib.settlement.expire", "sweep"): "sweep",
    ("chalicelib.settlement.expire", "end"): "sweep",
    ("chalicelib.settlement.reconcile", "run"): "reconcile",
    ("chalicelib.settlement.reconcile", "poll_open_payments"): "reconcile",
    ("chalicelib.settlement.reconcile", "compare"): "reconcile",
    ("chalicelib.jobs.work", "work"): "jobs",
    ("chalicelib.jobs.sweep", "sweep"): "sweep_jobs",
    ("chalicelib.subscriptions.reconciling", "run"): "reconcile",
    ("chalicelib.privacy.erasure", "go_on"): "erase",
    ("chalicelib.inventory.ledger.entries", "record"): "ledger",
    **{(str(vars(each)["__name__"]), "erase"): "erase" for each in PERSONAL_DATA.values()},
}
ELSEWHERE = "elsewhere"
RECORD = policies.ROOT / ".local" / "permissions.json"
_IN_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}

_running: ContextVar[str | None] = ContextVar("running", default=None)
# By function; and what the running test did beyond its function's rights.
used: dict[str, set[Pair]] = {}
refused: list[str] = []
_granted: dict[str, set[Pair]] = {}
_entered: dict[Any, str | None] = {}


@contextmanager
def running(function: str) -> Iterator[None]:
    """Calls inside belong to `function`, unless another one's handler runs already."""
    token = _running.set(_running.get() or function)
    try:
        yield
    finally:
        _running.reset(token)


@contextmanager
def elsewhere() -> Iterator[None]:
    """Calls inside are somebody else's: a test lets another worker act while one is running."""
    token = _running.set(ELSEWHERE)
    try:
        yield
    finally:
        _running.reset(token)


def _caller() -> str | None:
    """The function that is running, else the one whose service a test called, else None."""
    if (known := _running.get()) is not None:
        return known if known != ELSEWHERE else None
    found, frame = None, sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code not in _entered:
            _entered[code] = SERVICES.get((frame.f_globals.get("__name__", ""), code.co_name))
        found = _entered[code] or found
        frame = frame.f_back  # type: ignore[assignment]
    return found


def pairs_of(service: str, operation: str, sent: Mapping[str, Any]) -> set[Pair]:
    """What a call needs: (resource, action) pairs, as `policies` names them."""
    if service == "dynamodb":
        return _of_tables(operation, sent)
    if service == "sqs":
        name = str(sent.get("QueueUrl") or sent["QueueName"]).rpartition("/")[2]
        return {(_short(name), f"sqs:{operation.removesuffix('Batch')}")}
    if service == "sns":
        topic = _short(str(sent["TopicArn"]).rpartition(":")[2])
        # One action allows both (docs.aws.amazon.com/sns, "API permissions").
        return {(topic, f"sns:{operation.removesuffix('Batch')}")}
    return set()


def _of_tables(operation: str, sent: Mapping[str, Any]) -> set[Pair]:
    if operation in {"TransactWriteItems", "TransactGetItems"}:
        return {
            (_short(request["TableName"]), f"dynamodb:{_IN_TRANSACTION[kind]}")
            for entry in sent["TransactItems"]
            for kind, request in entry.items()
        }
    if operation in {"BatchGetItem", "BatchWriteItem"}:
        return {(_short(name), f"dynamodb:{operation}") for name in sent["RequestItems"]}
    name = _short(sent["TableName"]) + ("/index" if "IndexName" in sent else "")
    return {(name, f"dynamodb:{operation}")}


def _short(name: str) -> str:
    """`cartwright-test-orders` as the template tells it: `orders`."""
    parts = name.split("-", 2)
    return parts[2] if len(parts) == 3 and parts[0] == "cartwright" else name


def note(function: str, pairs: set[Pair]) -> None:
    """Remember what a function did, and what of it its policy does not allow."""
    if function not in _granted:
        _granted[function] = policies.granted(function)
    used.setdefault(function, set()).update(pairs)
    refused.extend(
        f"{function} may not {action} on {resource}"
        for resource, action in sorted(pairs - _granted[function])
    )


def _install() -> None:
    call, look_up = BaseClient._make_api_call, Parameters.__getitem__

    def recorded(self: Any, operation: str, sent: Any) -> Any:
        function = _caller()
        if function is not None:
            service = self.meta.service_model.service_name
            note(function, pairs_of(service, operation, sent))
        return call(self, operation, sent)

    def looked_up(self: Any, name: str) -> str:
        function = _caller()
        if function is not None:
            group = f"parameters/{name.partition('/')[0]}"
            note(function, {(group, policies.READ_PARAMETERS)})
        return look_up(self, name)

    BaseClient._make_api_call = recorded
    Parameters.__getitem__ = looked_up
    _around_app()
    _around_workers()


def function_of(path: str) -> str:
    """The function that answers an API path."""
    return policies.all_rows().answering(path).name


def _around_app() -> None:
    call = Chalice.__call__

    def entered(self: Any, event: Any, context: Any) -> Any:
        with running(function_of(event["requestContext"]["resourcePath"])):
            return call(self, event, context)

    Chalice.__call__ = entered


def _around_workers() -> None:
    """Each worker that a module declares from now on is entered as its function."""
    declare = DecoratorAPI.lambda_function

    def lambda_function(self: Any, name: str) -> Callable[[Any], Any]:
        def register(handler: Any) -> Any:
            work = declare(self, name)(handler)

            @functools.wraps(handler)
            def entered(event: Any, context: Any = None) -> Any:
                with running(name):
                    return work(event, context)

            return entered

        return register

    DecoratorAPI.lambda_function = lambda_function


_install()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    refused.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    if refused:
        pytest.fail("; ".join(sorted(set(refused))), pytrace=False)
    return result


def _is_whole(config: pytest.Config) -> bool:
    """Every test was asked for: what never happened in a part of them says nothing."""
    options = config.option
    chosen = options.keyword or options.markexpr or getattr(options, "lf", False)
    chosen = chosen or options.collectonly
    return not chosen and config.args == config.getini("testpaths")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["used"] = [
            [function, *pair] for function, pairs in used.items() for pair in pairs
        ]
        return
    _keep()
    if exitstatus == pytest.ExitCode.OK and _is_whole(config) and _never_used():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _keep() -> None:
    """What was used, for whoever writes a policy."""
    recorded = {
        function: sorted(f"{resource} {action}" for resource, action in pairs)
        for function, pairs in sorted(used.items())
    }
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(recorded, indent=2) + "\n", encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    for function, resource, action in getattr(node, "workeroutput", {}).get("used", []):
        used.setdefault(function, set()).add((resource, action))


def _never_used() -> list[str]:
    by_all = {pair for pairs in used.values() for pair in pairs}
    left = {name: policies.unused(name, used.get(name, set())) for name in policies.functions()}
    left |= policies.unused_shared(by_all)
    return [
        f"{name} may {action} on {resource} and was not seen to do it"
        for name, pairs in sorted(left.items())
        for resource, action in sorted(pairs)
    ]


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    if not hasattr(config, "workerinput") and _is_whole(config):
        for line in _never_used():
            terminalreporter.write_line(f"permissions: {line}")
