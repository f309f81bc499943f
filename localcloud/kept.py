"""What the local shop's data was made for: data of another shape is not taken over in silence.

A table that changes its name or key is a new, empty one to the emulator, and the old one's rows are
gone without a word. Before the first release stored names change; after it they do not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud.functions import rules
from localcloud.problem import Problem

FILE = "template.json"
# What an update does to no data.
_HARMLESS = ("index", "at once")


def check(state: Path, template: Mapping[str, Any]) -> None:
    """Raise `Problem` when what is kept in `state` would be lost under this template."""
    try:
        before = json.loads((state / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise _problem("it was made by an older version of the shop") from None
    lost = [
        one
        for one in rules.dangers(before["Resources"], template["Resources"])
        if not any(word in one for word in _HARMLESS)
    ]
    if lost:
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        raise _problem(f"{lost[0]}{more}")


def remember(state: Path, template: Mapping[str, Any]) -> None:
    """Write down what the data is kept under from now on."""
    (state / FILE).write_text(json.dumps(template), encoding="utf-8")


def _problem(why: str) -> Problem:
    return Problem(
        f"The local shop's data does not fit this version ({why}). `make reset` begins anew, "
        "without its orders and stock; the version that made it can still open it."
    )
