"""Mutations: the shop with one of its guards taken out, which the tests must notice.

A test that passes may pass by chance, or because a second guard stands behind the first. Each row
of `mutations.toml` takes one guard out of one file and names the tests that fail without it. `make
mutants` proves all of them, in a copy of the project; `test_list.py` holds the list against the
code in every run, so that a row whose guard has moved is seen at once.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LIST = Path(__file__).with_name("mutations.toml")


@dataclass(frozen=True)
class Mutation:
    """One guard taken out: in `file`, `new` stands in the place of `old`, and `tests` fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def context(self) -> str:
        """The part of the shop whose guard it is."""
        return Path(self.file).parts[1]

    def applied(self, text: str) -> str:
        """The file's text without the guard. ValueError unless it stands there exactly once."""
        if (found := text.count(self.old)) != 1:
            raise ValueError(f"{self.file} has the guard {found} times")
        return text.replace(self.old, self.new)


def rows() -> list[Mutation]:
    """The list, in its own order."""
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))["mutation"]
    return [Mutation(**{**row, "tests": tuple(row["tests"])}) for row in listed]
