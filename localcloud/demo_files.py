"""Which files of the demo shop the local shop has loaded, so that a start loads what is new.

What the owner changes by the API stays as it is over a restart: a file is loaded again only when it
was edited. The record lies with the shop's data and is lost with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from localcloud.aws import Aws
from localcloud.deploy import ARTIFACTS

KEY = "demo.json"
_LOADED = ("shop.json", "categories.json", "products/*.json", "photos/*")


def digests(root: Path) -> dict[str, str]:
    """Each file that `tools.seed` loads, by its path from `root`."""
    folder = root / "tools" / "demo"
    found = (path for pattern in _LOADED for path in sorted(folder.glob(pattern)))
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
        if path.is_file()
    }


def loaded(aws: Aws) -> dict[str, str] | None:
    """The files as they were when they were loaded; None in a new shop."""
    s3 = aws.client("s3")
    try:
        body = s3.get_object(Bucket=ARTIFACTS, Key=KEY)["Body"].read()
    except s3.exceptions.ClientError:
        return None
    known: dict[str, str] = json.loads(body)
    return known


def changed(now: Mapping[str, str], before: Mapping[str, str]) -> list[str]:
    """The files that are new or other than before. One that is gone changes nothing: a product
    that is taken out of the files stays in the shop."""
    return sorted(name for name, digest in now.items() if before.get(name) != digest)


def remember(aws: Aws, now: Mapping[str, str]) -> None:
    aws.client("s3").put_object(Bucket=ARTIFACTS, Key=KEY, Body=json.dumps(now).encode())
