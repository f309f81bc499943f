"""What can go wrong, by category. `kernel/web/http.py` alone knows which HTTP status each one is.

An error carries a stable `code`, the parameters of its text (kernel/texts) and, where a field is
to blame, one `FieldError` per field. Contexts subclass a category and set `code`.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One field's complaint: `text` is a name in kernel/texts, `facts` travel to the client."""

    field: str
    text: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class ShopError(Exception):
    """Base of everything the shop answers with a code of its own."""

    code = "INTERNAL_ERROR"
    retry_after: int | None = None

    def __init__(self, *fields: FieldError, **params: Any) -> None:
        super().__init__(self.code, params)
        self.fields = list(fields)
        self.params = params


class Malformed(ShopError):
    """The request can't be read at all."""

    code = "MALFORMED_REQUEST"


class Invalid(ShopError):
    """The request can be read, a field of it is wrong."""

    code = "VALIDATION_FAILED"


class Unauthorized(ShopError):
    code = "UNAUTHORIZED"


class Forbidden(ShopError):
    code = "FORBIDDEN"


class NotFound(ShopError):
    """Not there, or not the caller's: both look the same."""

    code = "NOT_FOUND"


class MethodNotAllowed(ShopError):
    """The path is there, and takes other methods."""

    code = "METHOD_NOT_ALLOWED"


class Conflict(ShopError):
    """The state of the shop forbids it."""

    code = "CONFLICT"


class TooMany(ShopError):
    """More than one may; later it is allowed again."""

    code = "TOO_MANY_REQUESTS"
    retry_after = 60


class BodyTooLarge(ShopError):
    code = "BODY_TOO_LARGE"


class UnsupportedMediaType(ShopError):
    code = "UNSUPPORTED_MEDIA_TYPE"


class ProviderFailed(ShopError):
    """A provider answered, and the answer was no use."""

    code = "PROVIDER_FAILED"


class Unavailable(ShopError):
    """A dependency is down or too busy; asking again later is right."""

    code = "UNAVAILABLE"
    retry_after = 2


class ProviderBusy(Unavailable):
    """A provider is down, slow or limiting us."""

    code = "PROVIDER_BUSY"
    retry_after = 5


class ProviderDown(ProviderBusy):
    """A provider can't be reached, does not answer in time, or says itself that it is broken."""


class NotAsked(ProviderBusy):
    """A provider that is known to be down was not even asked; a job will, before long."""

    retry_after = 60


class StaleState(Exception):
    """The state moved since it was read, maybe by an earlier run of this very work.

    Never reaches a client: whoever opened the transaction reads again and decides anew
    (`transaction.retry_on_conflict`).
    """


class AlreadyWritten(Exception):
    """This very write has happened: its reply was lost, and the SDK sent it again.

    Never reaches a client: whoever writes takes it for success.
    """
