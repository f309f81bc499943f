"""The page a person looks at: what was sold, what was paid, which webhooks arrived."""

import time
from typing import Any

from flask import Blueprint, Response, render_template

from localcloud.sandbox.provider import Provider
from localcloud.sandbox.stripe.texts import money
from localcloud.sandbox.world import World

NEWEST = 60
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self';"
    " base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)


def blueprint(world: World, providers: dict[str, Provider]) -> Blueprint:
    """`GET /`."""
    pages = Blueprint("overview", __name__, template_folder="templates")

    @pages.get("/")
    def index() -> Response:
        html = render_template(
            "overview.html",
            providers={name: _newest(provider.state()) for name, provider in providers.items()},
            deliveries=world.deliveries.listing(NEWEST),
            pending=world.deliveries.pending(),
            faults=world.faults.waiting(),
            calls=list(world.requests)[: -NEWEST - 1 : -1],
            webhook_url=world.deliveries.url,
            shop=world.shop_origin,
            money=money,
            ago=ago,
        )
        answer = Response(html)
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return pages


def _newest(state: dict[str, list[Any]]) -> dict[str, Any]:
    return {
        **{name: found[:NEWEST] for name, found in state.items()},
        "counts": {name: len(found) for name, found in state.items()},
    }


def ago(moment: float) -> str:
    """`12 s`, `5 min`, `3 h`, `2 d`: how long since a Unix time."""
    seconds = max(0, int(time.time() - moment))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
