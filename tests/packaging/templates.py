"""Reading packaged templates as CloudFormation would, for one stage's parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

GONE = object()  # what AWS::NoValue leaves


def resolve(template: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """The template's resources with conditions decided and parameters filled in.

    References to resources stay as they are.
    """
    parameters = {
        name: values.get(name, parameter.get("Default"))
        for name, parameter in template.get("Parameters", {}).items()
    }
    decided = _Resolver(parameters, template.get("Conditions", {}))
    return {
        name: decided.value(resource)
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or decided.condition(resource["Condition"])
    }


class _Resolver:
    def __init__(self, parameters: dict[str, Any], conditions: dict[str, Any]) -> None:
        self.parameters, self.conditions = parameters, conditions

    def condition(self, test: Any) -> bool:
        if isinstance(test, str):
            return self.condition(self.conditions[test])
        ((kind, given),) = test.items()
        if kind == "Condition":
            return self.condition(given)
        if kind == "Fn::Not":
            return not self.condition(given[0])
        if kind == "Fn::Equals":
            return bool(self.value(given[0]) == self.value(given[1]))
        all_or_any = {"Fn::And": all, "Fn::Or": any}[kind]
        return all_or_any(self.condition(each) for each in given)

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [made for each in node if (made := self.value(each)) is not GONE]
        if not isinstance(node, dict):
            return node
        if set(node) == {"Ref"} and node["Ref"] == "AWS::NoValue":
            return GONE
        if set(node) == {"Ref"} and node["Ref"] in self.parameters:
            return self.parameters[node["Ref"]]
        if set(node) == {"Fn::If"}:
            test, yes, no = node["Fn::If"]
            return self.value(yes if self.condition(test) else no)
        return {key: made for key, each in node.items() if (made := self.value(each)) is not GONE}


def of_type(resources: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Name → properties of all resources of a type."""
    return {
        name: resource.get("Properties", {})
        for name, resource in resources.items()
        if resource["Type"] == kind
    }


def events(resources: dict[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(function, properties) of all event sources of a kind: SQS, DynamoDB, Schedule."""
    for name, function in of_type(resources, "AWS::Serverless::Function").items():
        for event in function.get("Events", {}).values():
            if event["Type"] == kind:
                yield name, event["Properties"]


def statements(resources: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(role or policy, statement) of everything that says what a function may do."""
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
    for name, policy in of_type(resources, "AWS::IAM::Policy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            yield name, statement


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
