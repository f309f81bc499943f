"""Write docs/events.md from the models in each context's `events.py`: `python -m tools.events`.

A test says when the page has fallen behind.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from typing import Any

from chalicelib.kernel.messaging import listeners
from chalicelib.kernel.messaging.events import EventData

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "events.md"
HEAD = """# Events

Collected by `python -m tools.events` from the models in each context's `events.py`. How they come
from a table's stream to a listener stands in [architecture](architecture.md#events), and why so in
[decision {decision}](decisions/{file}).

```json
{{"id": "evt_…", "type": "order.paid", "v": 1, "at": "2026-11-29T10:00:00Z", "seq": 1,
 "correlationId": "…", "quiet": false, "data": {{}}}}
```

`id` is the same whenever the same thing is published again. Events come at least once, in no order:
`seq` is the place of an order's event among that order's, 0 where nothing counts. `quiet` ones mail
nobody. Amounts are integers in minor units of `currency`. Fields are only ever added; what would
break a listener is the type's next `v`, published beside this one for one release. A message for
one listener alone (tried again, or replayed) says so in `to`.
"""


def catalogue() -> dict[tuple[str, int], type[EventData]]:
    """Every model by its type and version. Raises ValueError where two are the same."""
    found: dict[tuple[str, int], type[EventData]] = {}
    for path in sorted((ROOT / "chalicelib").glob("*/events.py")):
        module = import_module(f"chalicelib.{path.parent.name}.events")
        for model in vars(module).values():
            if not _is_model(model, module.__name__):
                continue
            if (model.type, model.v) in found:
                raise ValueError(f"two models are {model.type} v{model.v}")
            found[model.type, model.v] = model
    return dict(sorted(found.items()))


def _is_model(value: Any, module: str) -> bool:
    """Whether it is one type's model, not a base or a part of others."""
    is_data = isinstance(value, type) and issubclass(value, EventData)
    return is_data and value.__module__ == module and "type" in vars(value)


def page() -> str:
    """The page as it should be."""
    record = next((ROOT / "docs" / "decisions").glob("*-events-from-streams.md"))
    parts = [HEAD.format(decision=record.name[:4].lstrip("0"), file=record.name)]
    heard = _heard()
    for (name, version), model in catalogue().items():
        about = " ".join((getdoc(model) or "").split())
        secret = " Carries personal data: for the mail's queue only." if model.personal else ""
        parts.append(f"## {name}{f' v{version}' if version > 1 else ''}\n\n{about}{secret}\n")
        parts += _table(model)
        if found := sorted(heard.get(name, ())):
            parts.append(f"Listeners: {', '.join(f'`{one}`' for one in found)}.\n")
    return "\n".join(parts)


def _table(model: type[EventData]) -> Iterator[str]:
    schema = model.model_json_schema(by_alias=True)
    fields = schema.get("properties", {})
    if fields:
        rows = [f"| `{name}` | {_kind(part, schema)} |" for name, part in fields.items()]
        yield "\n".join(["| field | is |", "|---|---|", *rows]) + "\n"


def _kind(described: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """A field's type in words: `integer`, `text, may be missing`, `list of (…)`."""
    if "anyOf" in described:
        (kind,) = [one for one in described["anyOf"] if one.get("type") != "null"]
        return f"{_kind(kind, schema)}, may be missing"
    if "$ref" in described:
        part = schema["$defs"][described["$ref"].rpartition("/")[2]]
        return "(" + ", ".join(f"`{name}`" for name in part["properties"]) + ")"
    if described["type"] == "array":
        return f"list of {_kind(described['items'], schema)}"
    return {"string": "text", "boolean": "true or false"}.get(
        described["type"], str(described["type"])
    )


def _heard() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for listener in listeners.found().values():
        for name in listener.types:
            found.setdefault(name, []).append(listener.name)
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
