"""What the pages of all providers have in common: where their forms may lead, and nothing kept."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Response


def confine(answer: Response, addresses: Iterable[str | None]) -> Response:
    """Let a page's forms lead to the sandbox itself and to the origins of these addresses alone.

    `form-action` also governs where a form's redirect may lead: back to the shop.
    """
    targets = ["'self'"]
    for address in addresses:
        parts = urlsplit(address or "")
        if parts.netloc and (origin := f"{parts.scheme}://{parts.netloc}") not in targets:
            targets.append(origin)
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; form-action {' '.join(targets)}"
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
