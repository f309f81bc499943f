"""Answers that are none: what a caller gets from a provider that is broken or behind a broken wire.

The same at every provider; what it says in its own words (500, 503, 429) is its package's.
"""

import socket
from contextlib import suppress

from flask import Response, request

from localcloud.sandbox.faults import Fault
from localcloud.sandbox.world import World


def before(world: World, fault: Fault) -> Response | None:
    """Go wrong before the call is carried out (hang, reset, garbage); None: not this fault."""
    if fault.fault in ("hang", "reset"):
        return cut(world, fault.seconds if fault.fault == "hang" else 0)
    if fault.fault == "garbage":
        return Response("<html><h1>502 Bad Gateway</h1></html>", 502, mimetype="text/html")
    return None


def after(world: World, fault: Fault) -> Response | None:
    """Lose the answer of a call that was carried out; None: not this fault."""
    if fault.fault in ("timeout_after", "reset_after"):
        return cut(world, fault.seconds if fault.fault == "timeout_after" else 0)
    return None


def cut(world: World, seconds: float) -> Response:
    """Say nothing for a while, then close the connection."""
    request.get_data()  # for the list of calls: once it is cut nothing more can be read
    world.stopping.wait(seconds)
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        with suppress(OSError):  # the caller may have hung up first
            connection.shutdown(socket.SHUT_RDWR)
    return Response(status=204)
