"""A request as views see it: read, bounded and validated, each failure with its own code."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

from chalicelib.kernel import errors, i18n
from chalicelib.kernel.caller import GUEST, Caller
from chalicelib.kernel.errors import FieldError

if TYPE_CHECKING:
    from pydantic import BaseModel

B = TypeVar("B", bound="BaseModel")

MAX_BODY_BYTES = 64 * 1024  # API Gateway takes 10 MB, and parsing that is an attack of its own
MAX_FORM_FIELDS = 100
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """What a view needs to know of the call."""

    method: str
    path: str
    headers: Mapping[str, str]
    parameters: Mapping[str, str]
    raw_body: bytes
    locale: str
    # The gateway's word, or our CDN's (kernel/web/address.py); anybody can send X-Forwarded-For.
    source_ip: str
    request_id: str
    # The caller, as authorization found; a guest where nobody asks.
    caller: Caller = GUEST
    # This call's own name: the same again when the call is repeated with its `Idempotency-Key`, so
    # that a second run finds what the first one did.
    operation: str = ""

    def header(self, name: str) -> str | None:
        return self.headers.get(name.lower())

    def json(self, model: type[B]) -> B:
        """The body as `model`; an empty body counts as `{}`.

        Raises UnsupportedMediaType, BodyTooLarge, Malformed (MALFORMED_JSON) or Invalid.
        """
        if not self.raw_body.strip():
            return validated(model, {})
        self._expect(JSON)
        return validated(model, parse_json(self.raw_body))

    def json_or_form(self, model: type[B]) -> B:
        """The body as `model`, from JSON or from an HTML form (`address.line1=…` nests)."""
        if self.is_form:
            return validated(model, parse_form(self.raw_body))
        return self.json(model)

    def query(self, model: type[B]) -> B:
        """The query string as `model`."""
        return validated(model, dict(self.parameters))

    @property
    def is_head(self) -> bool:
        return self.method == "HEAD"

    @property
    def order_token(self) -> str | None:
        """What opens an order without an account; in the query for links that send no headers."""
        return self.header("x-order-token") or self.parameters.get("token")

    @property
    def is_form(self) -> bool:
        return self._media_type() == FORM

    def _expect(self, media_type: str) -> None:
        if self._media_type() != media_type:
            raise errors.UnsupportedMediaType(expected=media_type)

    def _media_type(self) -> str:
        return (self.header("content-type") or JSON).partition(";")[0].strip().lower()


def check_size(body: bytes, most: int = MAX_BODY_BYTES) -> None:
    """Raises BodyTooLarge when the body has more than `most` bytes."""
    if len(body) > most:
        raise errors.BodyTooLarge(limit=most)


class MalformedJson(errors.Malformed):
    code = "MALFORMED_JSON"


def parse_json(body: bytes) -> Any:
    """Strict JSON in UTF-8: no NaN, no doubled key, no depth that exhausts the stack."""
    try:
        return json.loads(
            body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_doubles
        )
    except (ValueError, RecursionError) as error:
        raise MalformedJson() from error


def parse_form(body: bytes) -> dict[str, Any]:
    """Form fields as nested objects; whole numbers where the schema wants them stay text here."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=False, max_num_fields=MAX_FORM_FIELDS
        )
    except ValueError as error:
        raise errors.Malformed() from error
    form: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = name.split(".")
        target = form
        for part in path[:5]:
            target = target.setdefault(part, {})
            if not isinstance(target, dict):
                raise errors.Malformed()
        # A form has only text; a quantity of digits is the number it spells.
        target[last] = int(value) if last == "quantity" and _whole(value) else value
    return form


def validated(model: type[B], value: Any) -> B:
    """`value` as `model`, or Invalid with one entry per wrong field."""
    # Here and not above, for the calls and workers that validate nothing.
    from pydantic import ValidationError

    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise errors.Invalid(*[_complaint(entry) for entry in error.errors()]) from error


def _complaint(entry: Any) -> FieldError:
    """A pydantic complaint in the shop's own words; its parameters are bounds, never the input."""
    params = {
        key: value for key, value in entry.get("ctx", {}).items() if isinstance(value, int | str)
    }
    name = ".".join(str(part) for part in entry["loc"]) or "body"
    return FieldError(name, _text_for(entry["type"]), params)


def _text_for(kind: str) -> str:
    """The text for a kind of pydantic's; a general one for those that have none of their own."""
    # Of a moment it knows some twenty: what is wrong with it, and in which part.
    name = "field.datetime" if kind.startswith("datetime_") else f"field.{kind}"
    return name if name in i18n.texts(i18n.FALLBACK) else "field.value_error"


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found
