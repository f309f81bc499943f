"""How people are reached, as requests say it: an e-mail address, a postal address."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from chalicelib.kernel.schema import Body, text_field

MAX_EMAIL = 254  # RFC 5321's longest path, less its brackets


def _email(text: str) -> str:
    """One address, told by its shape alone; whether it is read, the mail will show."""
    local, at, domain = text.strip().rpartition("@")
    plain = text.isprintable() and not any(letter in text for letter in ' ,;<>()[]"\\')
    labels = domain.split(".")
    if not (at and local and "@" not in local and plain and len(labels) > 1 and all(labels)):
        raise PydanticCustomError("email", "not an e-mail address")
    return f"{local}@{domain.lower()}"


Email = Annotated[
    str,
    Field(max_length=MAX_EMAIL, json_schema_extra={"format": "email"}),
    AfterValidator(_email),
]
Line = Annotated[str, text_field(120)]


class Address(Body):
    """Where a parcel goes."""

    name: Line
    phone: Annotated[str, text_field(40)] | None = None
    line1: Line
    line2: Line | None = None
    city: Line
    region: Line | None = None
    postal_code: Annotated[str, text_field(20)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
