"""What a provider is answered, without the envelope."""

from typing import ClassVar

from chalicelib.kernel.schema import Wire


class Received(Wire):
    bare: ClassVar[bool] = True

    received: bool
