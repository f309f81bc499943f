"""docs/sandbox.md names every control call, action and fault, and its examples can be sent."""

import json
import re
import shlex

import pytest

from localcloud.environments import ROOT
from localcloud.sandbox import Sandbox
from localcloud.sandbox.client import ControlError
from localcloud.sandbox.control import FIELDS
from localcloud.sandbox.faults import FAULTS

PAGE = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^curl .*_control.*$", PAGE, re.M)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


def parsed(example: str) -> tuple[str, str, dict]:
    """Method, path below /_control and body of a curl line."""
    words = shlex.split(example)
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    body = json.loads(words[words.index("-d") + 1]) if "-d" in words else {}
    (address,) = [word for word in words if "_control" in word]
    return method, address.partition("/_control/")[2], body


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_call_that_the_sandbox_takes(sandbox, example):
    method, path, body = parsed(example)
    assert refusal_of(sandbox, method, path, body) in (None, "No such")


def refusal_of(sandbox, method: str, path: str, body: dict) -> str | None:
    """Why it is not taken. The payments and events of the page are not there: `No such`."""
    try:
        sandbox._call(method, path, body)
    except ControlError as refusal:
        return "No such" if "No such" in str(refusal) else str(refusal)
    return None


def test_every_control_call_has_an_example(sandbox):
    application = sandbox._application
    rules = {
        (method, rule.rule)
        for rule in application.url_map.iter_rules()
        if rule.rule.startswith("/_control/")
        for method in rule.methods & {"GET", "POST", "DELETE"}
    }
    shown = {parsed(example)[:2] for example in EXAMPLES}
    for method, rule in rules:
        pattern = re.sub(r"<\w+>", "[^/]+", rule.removeprefix("/_control/"))
        assert any(m == method and re.fullmatch(pattern, path) for m, path in shown), (method, rule)


def test_every_action_fault_and_field_is_named(sandbox):
    words = set(re.findall(r"`([\w-]+)`", PAGE)) | set(re.findall(r'"(\w+)":', PAGE))
    actions = {action for each in sandbox.providers.values() for action in each.actions}
    payable = {kind for each in sandbox.providers.values() for kind in each.payable_kinds}
    assert actions <= words, actions - words
    assert set(FAULTS) <= words, set(FAULTS) - words
    assert FIELDS.keys() <= words, FIELDS.keys() - words
    assert sandbox.providers.keys() <= words
    assert all(f"`{kind}`" in PAGE for kind in payable)
