"""What a provider is answered, without the envelope."""

from typing import ClassVar

from chalicelib.kernel.web.schema import Wire


class Received(Wire):
    bare: ClassVar[bool] = True

    received: bool


class Ok(Wire):
    """Two letters as plain text: whatever else OxaPay gets, it sends the callback again."""

    bare: ClassVar[bool] = True
    plain: ClassVar[str] = "ok"
