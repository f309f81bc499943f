"""What the functions log, in order of time and one line each."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from localcloud.aws import Aws
from localcloud.problem import Problem


def show(pid: int | None, addresses: Path, follow: bool) -> int:
    """Print the last hour's lines of all functions; with `follow`, go on until Ctrl-C."""
    if not pid or not addresses.exists():
        raise Problem("The shop is not running: `make run` or `make up` opens it.")
    port = urlsplit(json.loads(addresses.read_text())["shop"]).port
    client = Aws(port or 0).client("logs")
    since = int(time.time() * 1000) - 3_600_000
    seen: set[tuple[Any, ...]] = set()
    while True:
        for event in _events(client, since):
            # The emulator gives its events no ids.
            key = (event["timestamp"], event["logStreamName"], event["message"])
            if key not in seen:
                seen.add(key)
                print(_line(event), flush=True)
        if not follow:
            return 0
        since = max(since, int(time.time() * 1000) - 60_000)
        time.sleep(1)


def _events(client: Any, since: int) -> list[dict[str, Any]]:
    found = []
    groups = client.get_paginator("describe_log_groups").paginate()
    for name in [group["logGroupName"] for page in groups for group in page["logGroups"]]:
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=name, startTime=since
        )
        for page in pages:
            found += [{**event, "group": name} for event in page["events"]]
    return sorted(found, key=lambda event: event["timestamp"])


def _line(event: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
    function = event["group"].rsplit("/", 1)[-1].removeprefix("cartwright-local-").split("-")[0]
    return f"{at}  {function:<12} {event['message'].rstrip()}"
