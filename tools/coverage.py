"""How much of each context the tests ran, branches counted: `python -m tools.coverage FILE`.

FILE is what `coverage json` writes; `make full` makes it.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def by_context(report: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """What was run and what there is (lines and branches together), by context."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for name, file in report["files"].items():
        parts = Path(name).parts
        context = parts[1] if len(parts) > 2 else parts[-1]
        summary = file["summary"]
        run = summary["covered_lines"] + summary.get("covered_branches", 0)
        there = summary["num_statements"] + summary.get("num_branches", 0)
        before = found[context]
        found[context] = (before[0] + run, before[1] + there)
    return dict(found)


def table(found: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """A line for each context, the least covered first."""
    shares = {name: run / there if there else 1.0 for name, (run, there) in found.items()}
    for name in sorted(shares, key=lambda each: shares[each]):
        yield f"{name:16} {shares[name]:7.1%} of {found[name][1]}"


def main(path: str) -> None:
    report = json.loads(Path(path).read_text(encoding="utf-8"))
    print("\n".join(table(by_context(report))))


if __name__ == "__main__":
    main(sys.argv[1])
