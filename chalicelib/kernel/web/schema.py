"""Bases of requests and answers: camelCase outside, snake_case inside."""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from chalicelib.kernel.contact import characters
from chalicelib.kernel.i18n import localised
from chalicelib.kernel.ids import ID_PATTERN
from chalicelib.kernel.money import Money

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
# A deliberate bound: far above any real order, far below where sums could surprise.
Quantity = Annotated[int, Field(strict=True, ge=1, le=9999)]
QuantityOrNone = Annotated[int, Field(strict=True, ge=0, le=9999)]


def text_field(most: int, least: int = 1) -> Any:
    """Text, trimmed, of `least` to `most` characters, none of them a control character or one that
    turns the direction of the text around it."""
    return StringConstraints(
        strip_whitespace=True,
        min_length=least,
        max_length=most,
        pattern=r"^[^\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]*$",
    )


def _one_line(text: str) -> str:
    try:
        return characters.line(text)
    except characters.NotALine:
        raise PydanticCustomError("line", "not a line of text") from None


# Beside `text_field`: one line, with something to see in it.
ONE_LINE: Any = AfterValidator(_one_line)
Line = Annotated[str, text_field(120), ONE_LINE]


# `defer_build`: a call pays for the schemas that it uses, not for those of the whole shop.


class Body(BaseModel):
    """A request's JSON body: unknown fields are refused, so that nobody smuggles one in."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=False,
        extra="forbid",
        frozen=True,
        defer_build=True,
    )


class BlankIsAbsent(Body):
    """A form's body: a field that was left empty was not given."""

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: given
            for name, given in value.items()
            if not (isinstance(given, str) and not given.strip())
        }


class Query(BaseModel):
    """A query string: camelCase and snake_case, unknown names ignored as the web expects."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="ignore",
        defer_build=True,
    )


class Wire(BaseModel):
    """An answer's data."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, frozen=True, defer_build=True
    )

    def wire(self) -> dict[str, Any]:
        """As JSON-ready values with camelCase names."""
        return self.model_dump(mode="json", by_alias=True)


class MoneyAnswer(Wire):
    """`{"amount": 1999, "currency": "USD"}`: minor units, see kernel/money.py."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": 1999, "currency": "USD"}]})

    amount: int
    currency: Annotated[str, Field(json_schema_extra={"pattern": "^[A-Z]{3}$"})]

    @classmethod
    def of(cls, money: Money) -> "MoneyAnswer":
        return cls(amount=money.amount, currency=money.currency)

    @classmethod
    def maybe(cls, money: Money | None) -> "MoneyAnswer | None":
        return cls.of(money) if money else None


class Image(Wire):
    """A picture at its usual size; `srcset` has all sizes of a photograph, as HTML wants them."""

    url: str
    alt: str
    width: int
    height: int
    srcset: str | None = None

    @classmethod
    def of(cls, image: Any, locale: str) -> "Image":
        return cls(
            url=image["url"],
            alt=localised(image["alt"], locale),
            width=image["width"],
            height=image["height"],
            srcset=image.get("srcset"),
        )
