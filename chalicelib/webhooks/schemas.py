"""What a provider is answered, without the envelope."""

from typing import ClassVar

from chalicelib.kernel.web.schema import Wire


class Received(Wire):
    bare: ClassVar[bool] = True

    received: bool


class Ok(Wire):
    """Two letters as plain text, for a provider that sends again whatever else it gets."""

    bare: ClassVar[bool] = True
    plain: ClassVar[str] = "ok"
