"""How people are reached, as requests say it: an e-mail address, a phone, a postal address."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from chalicelib.kernel.contact import addresses, emails
from chalicelib.kernel.contact.emails import MAX_EMAIL
from chalicelib.kernel.contact.phones import MAX_PHONE
from chalicelib.kernel.errors import FieldError
from chalicelib.kernel.web.schema import BlankIsAbsent, Line, text_field

# What is pasted has spaces around it; the address itself is bounded by its own rules.
_MAX_TYPED = MAX_EMAIL + 20


def _email(text: str) -> str:
    try:
        return emails.normal(text)
    except emails.NotMailable:
        raise PydanticCustomError("email", "not an e-mail address") from None


Email = Annotated[
    str,
    Field(max_length=_MAX_TYPED, json_schema_extra={"format": "email", "maxLength": MAX_EMAIL}),
    AfterValidator(_email),
]


class Address(BlankIsAbsent):
    """Where a parcel goes. Which fields are needed depends on the country: see kernel/addresses."""

    name: Line
    phone: Annotated[str, text_field(MAX_PHONE)] | None = None
    line1: Line
    line2: Line | None = None
    # Below the town, where a country has such: a district, a townland, a neighbourhood.
    district: Line | None = None
    city: Line | None = None
    region: Line | None = None
    postal_code: Annotated[str, text_field(20)] | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]

    @model_validator(mode="after")
    def _as_its_country_writes_it(self) -> Self:
        found, wrong = addresses.checked(self.wire())
        if wrong:
            raise _refusal(wrong, found)
        names = {field.alias or name: name for name, field in type(self).model_fields.items()}
        return self.model_copy(update={names[alias]: value for alias, value in found.items()})

    def wire(self) -> dict[str, str]:
        """The address as orders and address books keep it."""
        own = set(Address.model_fields)
        found: dict[str, str] = self.model_dump(by_alias=True, exclude_none=True, include=own)
        return found


def _refusal(wrong: Sequence[FieldError], found: Mapping[str, Any]) -> ValidationError:
    """Complaints as pydantic tells those of any field."""
    details = [
        InitErrorDetails(
            type=PydanticCustomError(
                entry.text.removeprefix("field."), "not as its country writes it", {**entry.params}
            ),
            loc=(entry.field,),
            input=found.get(entry.field),
        )
        for entry in wrong
    ]
    return ValidationError.from_exception_data("Address", details)
