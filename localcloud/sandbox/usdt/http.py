"""What both stand-ins share: a fault asked for, and the list of calls."""

import json
import time
from collections.abc import Callable
from typing import Any

from flask import Response, request

from localcloud.sandbox import breakage
from localcloud.sandbox.stripe import ids
from localcloud.sandbox.world import World

STATUSES = {"500": 500, "500_after": 500, "503": 503, "429": 429, "lock": 403}


def answer(
    world: World,
    kind: str,
    body: str,
    work: Callable[[], tuple[int, Any]],
    refuse: Callable[..., Any],
) -> Response:
    """Carry a call out, or let it go wrong as was asked for; `refuse` words a status."""
    fault = world.faults.take(kind)
    status, data = 200, {}
    early = breakage.before(world, fault) if fault else None
    if early is None:
        if fault and fault.fault == "slow":
            world.stopping.wait(fault.seconds)
        if fault and fault.fault in STATUSES:
            status = STATUSES[fault.fault]
            data = refuse(status)
        else:
            status, data = work()
    world.requests.append(
        {
            "id": ids.new("req", 14),
            "at": time.time(),
            "kind": kind,
            "method": request.method,
            "path": request.path,
            "query": request.query_string.decode(),
            "body": body,
            "idempotencyKey": None,
            "version": None,
            "status": early.status_code if early else status,
            "answer": data if isinstance(data, dict) else {},
            "replayed": False,
            "fault": fault.fault if fault else None,
        }
    )
    late = breakage.after(world, fault) if fault and early is None else None
    return early or late or Response(json.dumps(data), status, mimetype="application/json")
