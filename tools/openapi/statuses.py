"""Which errors a route can really answer, from what it declares.

Everything that is not said here a route says itself (`also=`): a state that forbids (409), a
provider that fails (502). A class of errors has its number in kernel/web/answers.py.
"""

from chalicelib.kernel import errors
from chalicelib.kernel.errors import ShopError
from chalicelib.kernel.web.answers import STATUS
from chalicelib.kernel.web.auth import Access, reads_credentials
from chalicelib.kernel.web.http import Declared

SEE_OTHER, NOT_MODIFIED, SERVER_ERROR, UNWELL = 303, 304, 500, 503


def possible(route: Declared) -> list[int]:
    """All statuses but the success itself, in order."""
    kinds = [
        *_of_access(route),
        *_of_path(route),
        *_of_query(route),
        *_of_body(route),
        *_of_key(route),
        *([errors.TooMany] if route.limits else []),
        errors.Unavailable,
    ]
    others = (*route.also, SEE_OTHER) if route.form else route.also
    return sorted({*(STATUS[kind] for kind in kinds), *others, SERVER_ERROR} - {route.status})


def _of_access(route: Declared) -> list[type[ShopError]]:
    if route.access is Access.SIGNED:
        return [errors.Malformed]  # a signature that does not match
    if not reads_credentials(route.method, route.access):
        return []
    # Anybody may be kept out; a key is no user, and a user may lack the permission.
    return [errors.Unauthorized, errors.Forbidden]


def _of_path(route: Declared) -> list[type[ShopError]]:
    return [errors.NotFound] if "{" in route.path else []


def _of_query(route: Declared) -> list[type[ShopError]]:
    return [errors.Invalid] if route.query else []


def _of_body(route: Declared) -> list[type[ShopError]]:
    if not route.mutates:
        return []
    if not route.takes:
        return [errors.BodyTooLarge]
    return [errors.BodyTooLarge, errors.Malformed, errors.UnsupportedMediaType, errors.Invalid]


def _of_key(route: Declared) -> list[type[ShopError]]:
    return [errors.Malformed, errors.Conflict, errors.Invalid] if route.idempotent else []
