"""What the emulator leaves out of a deploy, done again by API; a newer one may need none of it.

Everything here is already in the template and works on AWS from there.
"""

from __future__ import annotations

from typing import Any

from localcloud.aws import Aws
from localcloud.pack import Template


def apply(aws: Aws, stack: str, template: Template) -> None:
    ids = physical_ids(aws, stack)
    time_to_live(aws, ids, template)
    reserved_concurrency(aws, ids, template)
    old_versions(aws, ids, template)


def physical_ids(aws: Aws, stack: str) -> dict[str, str]:
    """Logical id → physical id of everything in the stack."""
    pages = aws.client("cloudformation").get_paginator("list_stack_resources")
    return {
        each["LogicalResourceId"]: each.get("PhysicalResourceId", "")
        for page in pages.paginate(StackName=stack)
        for each in page["StackResourceSummaries"]
    }


def time_to_live(aws: Aws, ids: dict[str, str], template: Template) -> None:
    """TimeToLiveSpecification of a table is ignored."""
    dynamodb = aws.client("dynamodb")
    for name, resource in template["Resources"].items():
        wanted = resource.get("Properties", {}).get("TimeToLiveSpecification")
        if resource["Type"] != "AWS::DynamoDB::Table" or not wanted or name not in ids:
            continue
        now = dynamodb.describe_time_to_live(TableName=ids[name])["TimeToLiveDescription"]
        if now.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
            dynamodb.update_time_to_live(TableName=ids[name], TimeToLiveSpecification=wanted)


def reserved_concurrency(aws: Aws, ids: dict[str, str], template: Template) -> None:
    """ReservedConcurrentExecutions of a function is ignored."""
    for name, resource in template["Resources"].items():
        wanted: Any = resource.get("Properties", {}).get("ReservedConcurrentExecutions")
        if isinstance(wanted, int) and name in ids:
            aws.client("lambda").put_function_concurrency(
                FunctionName=ids[name], ReservedConcurrentExecutions=wanted
            )


def old_versions(aws: Aws, ids: dict[str, str], template: Template) -> None:
    """An old version's process stays for ever, 40 MB for each saved file; on AWS it costs nothing.

    There the old versions stay, for a rollback; here the last file is rolled back in an editor.
    """
    functions = aws.client("lambda")
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function" or name not in ids:
            continue
        live = functions.get_alias(FunctionName=ids[name], Name="live")["FunctionVersion"]
        for each in functions.list_versions_by_function(FunctionName=ids[name])["Versions"]:
            if each["Version"] not in ("$LATEST", live):
                functions.delete_function(FunctionName=ids[name], Qualifier=each["Version"])
