"""What monitors are answered, without the envelope."""

from typing import ClassVar, Literal

from chalicelib.kernel.schema import Wire


class Health(Wire):
    bare: ClassVar[bool] = True

    status: Literal["healthy", "unhealthy"]
    timestamp: str
    services: dict[str, Literal["up", "down"]]
    checks: dict[str, bool]


class Ready(Wire):
    bare: ClassVar[bool] = True

    ready: bool
