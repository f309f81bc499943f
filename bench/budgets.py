"""What things may cost: the rows of bench/budgets.toml, and what is measured against them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "budgets.toml"
# A row may be this much dearer than it says before somebody has to say why.
SLACK = 0.05


@dataclass(frozen=True)
class Found:
    """What was measured, in units."""

    write_units: float
    read_units: float


@dataclass(frozen=True)
class Budget:
    """One row: what it costs now, and what it cost when it was first measured."""

    name: str
    write_units: float
    read_units: float
    at_first: float

    def dearer(self, found: Found) -> list[str]:
        """What costs more than SLACK above the row, each as a sentence."""
        problems = []
        for kind in ("write_units", "read_units"):
            now, may = getattr(found, kind), getattr(self, kind)
            if now > may * (1 + SLACK):
                problems.append(f"{self.name}: {now:g} {kind}, {may:g} in {FILE.name}")
        return problems

    def shown(self, found: Found) -> dict[str, Any]:
        """The row as a benchmark prints it."""
        return {
            "row": self.name,
            "writes": found.write_units,
            "kept": self.write_units,
            "at_first": self.at_first,
            "reads": found.read_units,
            "reads_kept": self.read_units,
        }


def read(file: Path = FILE) -> dict[str, Budget]:
    """All rows by name."""
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: Budget(name, **row) for name, row in rows.items()}
