"""What the route of the document answers."""

from typing import Any, ClassVar

from chalicelib.kernel.web.schema import Wire


class Document(Wire):
    """An OpenAPI 3.1 document, bare: tools read it as it is."""

    bare: ClassVar[bool] = True

    openapi: str
    info: dict[str, Any]
    servers: list[dict[str, str]]
    tags: list[dict[str, str]]
    paths: dict[str, Any]
    components: dict[str, Any]
