"""Pages of a list, newest first.  Source: docs.stripe.com/api/pagination."""

from typing import Any

from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe.calls import Call
from localcloud.sandbox.stripe.errors import BadParameter, no_such
from localcloud.sandbox.stripe.expand import listing

USUAL, MOST = 10, 100


def page(call: Call, found: list[Document], url: str) -> Document:
    """The page that `limit`, `starting_after`, `ending_before` and `created` ask for."""
    given = call.given
    limit = given.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        raise BadParameter(
            f"This value must be between 1 and {MOST}.",
            code="parameter_invalid_integer",
            param="limit",
        )
    found = [item for item in found if _created_fits(item["created"], given.get("created"))]
    if "starting_after" in given:
        found = found[_index(found, given["starting_after"], "starting_after") + 1 :]
    if "ending_before" in given:
        found = found[: _index(found, given["ending_before"], "ending_before")]
        return listing(found[-limit:], url, more=len(found) > limit)
    return listing(found[:limit], url, more=len(found) > limit)


def _created_fits(created: int, wanted: Any) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return created == wanted
    tests = {
        "gt": created.__gt__, "gte": created.__ge__, "lt": created.__lt__, "lte": created.__le__,
    }  # fmt: skip
    return all(tests[name](value) for name, value in wanted.items())


def _index(found: list[Document], identifier: str, param: str) -> int:
    for index, item in enumerate(found):
        if item["id"] == identifier:
            return index
    raise no_such("object", identifier, param)
