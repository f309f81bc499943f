"""What monitors are answered, without the envelope."""

from typing import ClassVar, Literal

from chalicelib.kernel.web.schema import Wire


class ProviderStanding(Wire):
    """Whether a way to pay can be used; if not, which setting is to be mended."""

    on: bool
    why: str | None


class Details(Wire):
    """For administrators."""

    payments: dict[str, ProviderStanding]


class Health(Wire):
    bare: ClassVar[bool] = True

    status: Literal["healthy", "unhealthy"]
    timestamp: str
    services: dict[str, Literal["up", "down"]]
    checks: dict[str, bool]
    # Only for administrators.
    details: Details | None = None


class Ready(Wire):
    bare: ClassVar[bool] = True

    ready: bool
