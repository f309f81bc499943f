"""The contexts' pydantic schemas as components of the document.

What a route takes is said by its view's annotations. What it gives is named (`gives="CartAnswer"`):
a bare name stands in `schemas` of the route's own context, a dotted one
(`stock_schemas.StockReport`) in that module beside it.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from chalicelib.kernel.web.http import Declared

Schema = dict[str, Any]

PREFIX = "#/components/schemas/"
ASKED: JsonSchemaMode = "validation"
TOLD: JsonSchemaMode = "serialization"


def given_by(route: Declared) -> type[BaseModel] | None:
    """The class of the route's answer. Raises LookupError when there is none of the name."""
    if route.gives is None:
        return None
    context = route.module.rpartition(".")[0]
    module, _, last = route.gives.rpartition(".")
    found = getattr(import_module(f"{context}.{module or 'schemas'}"), last, None)
    if isinstance(found, type) and issubclass(found, BaseModel):
        return found
    raise LookupError(f"{route.method} {route.path}: {context} has no schema {route.gives}")


class Models:
    """Every schema that the routes name, and where the document keeps it."""

    def __init__(self, routes: Iterable[Declared]) -> None:
        wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
        for route in routes:
            asked, answered = (route.takes, route.query), given_by(route)
            wanted |= dict.fromkeys((model, ASKED) for model in asked if model)
            if answered:
                wanted[answered, TOLD] = None
        found, whole = models_json_schema(
            list(wanted), ref_template=f"{PREFIX}{{model}}", schema_generator=_Generator
        )
        self._found = found
        self.schemas: dict[str, Schema] = {
            _short(name): _renamed(schema) for name, schema in whole.get("$defs", {}).items()
        }
        if len(self.schemas) != len(whole.get("$defs", {})):
            raise LookupError("two schemas of one context have the same name")

    def request(self, model: type[BaseModel]) -> Schema:
        """`{"$ref": …}` to what a route takes."""
        return self._reference(model, ASKED)

    def answer(self, model: type[BaseModel]) -> Schema:
        """`{"$ref": …}` to what a route gives."""
        return self._reference(model, TOLD)

    def open(self, reference: Schema) -> Schema:
        """The schema that a reference points to."""
        return self.schemas[reference["$ref"].removeprefix(PREFIX)]

    def _reference(self, model: type[BaseModel], mode: JsonSchemaMode) -> Schema:
        reference: Schema = _renamed(self._found[model, mode])
        return reference


class _Generator(GenerateJsonSchema):
    """Without titles that only repeat names; answers have the declared fields and no others."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: Any) -> Schema:
        made = super().model_schema(schema)
        made.pop("title", None)
        if self.mode == TOLD:
            made.setdefault("additionalProperties", False)
        return made


def _short(name: str) -> str:
    """`CheckoutAddress` for what pydantic calls `chalicelib__checkout__schemas__Address`."""
    parts = name.split("__")
    return parts[-1] if len(parts) < 3 else parts[1].title() + parts[-1]


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: PREFIX + _short(inner.removeprefix(PREFIX)) if key == "$ref" else _renamed(inner)
            for key, inner in value.items()
        }
    return [_renamed(inner) for inner in value] if isinstance(value, list) else value
