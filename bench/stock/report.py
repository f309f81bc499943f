"""The tables at the end, and the same figures as JSON."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from localcloud.environments import LOCAL

Row = dict[str, Any]


class Report:
    """Tables of rows, what was wrong with them, and the conditions they were measured under."""

    def __init__(self, **conditions: Any) -> None:
        self.conditions = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 1),
            **conditions,
        }
        self.tables: dict[str, list[Row]] = {}
        self.notes: list[str] = []
        self.wrong: list[str] = []

    def add(self, table: str, row: Row, wrong: Sequence[str] = ()) -> None:
        self.tables.setdefault(table, []).append(row)
        self.wrong += [f"{table} {_name(row)}: {what}" for what in wrong]

    def note(self, text: str) -> None:
        self.notes.append(text)

    def show(self) -> None:
        """Print all tables, then what was wrong."""
        self.conditions["load_after"] = round(os.getloadavg()[0], 1)
        for title, rows in self.tables.items():
            print(f"\n{title}")
            print(_aligned(rows))
        print()
        for line in self.notes:
            print(line)
        print(", ".join(f"{name} {value}" for name, value in self.conditions.items()))
        for line in self.wrong:
            print(f"WRONG {line}")

    def keep(self, name: str) -> Path:
        """Write everything as JSON; answers where."""
        path = LOCAL / "bench" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {
            "conditions": self.conditions,
            "tables": self.tables,
            "notes": self.notes,
            "wrong": self.wrong,
        }
        path.write_text(json.dumps(whole, indent=1) + "\n")
        return path


def _name(row: Row) -> str:
    return " ".join(f"{key} {row[key]}" for key in ("form", "seed", "lines") if key in row)


def _aligned(rows: list[Row]) -> str:
    """Rows as columns of text; what is a table in itself (`faults`) is left to the JSON."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    names = [name for name in names if not any(isinstance(row.get(name), dict) for row in rows)]
    cells = [[_text(row.get(name)) for name in names] for row in rows]
    heads = [name.replace("_", " ") for name in names]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = [heads, *cells]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
