"""Put a package onto the local cloud through CloudFormation, as a deploy to AWS does."""

from __future__ import annotations

import copy
import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud import fixups
from localcloud.aws import Aws
from localcloud.pack import Package, Template
from localcloud.problem import Problem

STACK = "cartwright-local"
ARTIFACTS = "cartwright-local-artifacts"


def deploy(aws: Aws, package: Package, values: Mapping[str, str]) -> dict[str, str]:
    """Create or update the stack and return its outputs; raises `Problem` with the reason."""
    template = _with_artifacts(aws, package)
    _apply(aws, template, values)
    fixups.apply(aws, STACK, template)
    described = aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}


def is_deployed(aws: Aws) -> bool:
    """Whether there is a stack whose resources may hold data."""
    return _status(aws.client("cloudformation")) is not None


def _with_artifacts(aws: Aws, package: Package) -> Template:
    """Upload the zips and name them in the template, as `aws cloudformation package` would."""
    places = {
        "./deployment.zip": _upload(aws, package.code),
        "./layer-deployment.zip": _upload(aws, package.layer),
    }
    template = copy.deepcopy(package.template)
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for name in ("CodeUri", "ContentUri"):
            if properties.get(name) in places:
                properties[name] = places[properties[name]]
    return template


def _upload(aws: Aws, path: Path) -> dict[str, str]:
    content = path.read_bytes()
    key = f"{path.stem}/{hashlib.sha256(content).hexdigest()}.zip"
    _put(aws, key, content)
    return {"Bucket": ARTIFACTS, "Key": key}


def _upload_text(aws: Aws, text: str) -> str:
    _put(aws, "template.json", text.encode(), again=True)
    return f"{aws.endpoint}/{ARTIFACTS}/template.json"


def _put(aws: Aws, key: str, content: bytes, again: bool = False) -> None:
    s3 = aws.client("s3")
    try:
        s3.head_object(Bucket=ARTIFACTS, Key=key)
        if not again:
            return
    except s3.exceptions.ClientError:
        s3.create_bucket(Bucket=ARTIFACTS)
    s3.put_object(Bucket=ARTIFACTS, Key=key, Body=content)


def _apply(aws: Aws, template: Template, values: Mapping[str, str]) -> None:
    cloudformation = aws.client("cloudformation")
    request: dict[str, Any] = {
        "StackName": STACK,
        # In a request a template may have 51,200 bytes, in a bucket a million.
        "TemplateURL": _upload_text(aws, json.dumps(template)),
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in values.items()
        ],
    }
    status = _status(cloudformation)
    try:
        if status is None:
            cloudformation.create_stack(**request)
        else:
            cloudformation.update_stack(**request)
    except cloudformation.exceptions.ClientError as error:
        message = error.response["Error"]["Message"]
        if "No updates are to be performed" in message:
            return
        raise Problem(f"CloudFormation refused the template: {message[:400]}") from error
    _wait(cloudformation)


def _status(cloudformation: Any) -> str | None:
    try:
        stacks = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    except cloudformation.exceptions.ClientError:
        return None
    status: str = stacks[0]["StackStatus"]
    if status in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"):
        # Such a stack takes no update; nothing of it is left to lose.
        cloudformation.delete_stack(StackName=STACK)
        _wait(cloudformation)
        return None
    return None if status == "DELETE_COMPLETE" else status


def _wait(cloudformation: Any) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        except cloudformation.exceptions.ClientError:
            return  # deleted
        status = stack["StackStatus"]
        if not status.endswith("_IN_PROGRESS"):
            if "ROLLBACK" in status or status.endswith("FAILED"):
                raise Problem(f"The deploy failed and was rolled back: {_cause(cloudformation)}")
            return
        time.sleep(0.1)
    raise Problem("The deploy did not end within two minutes: `make logs` shows what it is doing.")


def _cause(cloudformation: Any) -> str:
    """The first failure of the last attempt; what follows it is only its echo."""
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = []
    for event in events:  # newest first
        own = event["LogicalResourceId"] == STACK
        if own and event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
            break
        if event["ResourceStatus"].endswith("FAILED"):
            failed.append(event)
    if not failed:
        return "CloudFormation gave no reason."
    first = failed[-1]
    return f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason', 'no reason given')}"
