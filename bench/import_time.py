"""How much of a cold start is ours: `import app` beside the libraries that it stands on.

    make bench-import

Each figure is the import alone, in a fresh interpreter with warm files, the two kinds in turn so
that both meet the same machine. The verdict is on CPU time, which a busy neighbour hardly changes;
the wall clock is shown beside it. Exits 1 above the limit and writes the figures as JSON to
.local/bench/import_time.json.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / ".local" / "bench" / "import_time.json"
LIMIT = 1.3
PAIRS = 9

LIBRARIES = "import chalice, pydantic, pynamodb.models, aws_lambda_powertools.logging"
APP = "import app"

# Times itself, so that the interpreter's own start counts for neither.
TIMED = """
import json, time
wall, cpu = time.perf_counter(), time.process_time()
{statement}
print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]))
"""


def measure(statement: str) -> tuple[float, float]:
    """One import in a fresh interpreter: wall and CPU milliseconds."""
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(statement=statement)],
        cwd=ROOT,
        # As in a function: what is there for the packager alone is left out.
        env={**os.environ, "PYTHONPATH": str(ROOT), "AWS_LAMBDA_FUNCTION_NAME": "shop"},
        capture_output=True,
        text=True,
        check=True,
    )
    wall, cpu = json.loads(done.stdout)
    return wall * 1000, cpu * 1000


def compare(pairs: int = PAIRS) -> dict[str, float]:
    """Medians over interleaved pairs in milliseconds, and the ratios of the medians."""
    kinds: dict[str, list[tuple[float, float]]] = {LIBRARIES: [], APP: []}
    for statement in kinds:
        measure(statement)  # compiled and in the page cache from here on
    for _ in range(pairs):
        for statement, figures in kinds.items():
            figures.append(measure(statement))
    (base_wall, base_cpu), (app_wall, app_cpu) = (
        [statistics.median(column) for column in zip(*figures, strict=True)]
        for figures in kinds.values()
    )
    return {
        "libraries_wall_ms": base_wall,
        "libraries_cpu_ms": base_cpu,
        "app_wall_ms": app_wall,
        "app_cpu_ms": app_cpu,
        "wall_ratio": app_wall / base_wall,
        "cpu_ratio": app_cpu / base_cpu,
    }


def main() -> int:
    found = compare()
    print(f"{'median of ' + str(PAIRS):<14}{'CPU ms':>10}{'wall ms':>10}")
    for name in ("libraries", "app"):
        print(f"{name:<14}{found[name + '_cpu_ms']:>10.1f}{found[name + '_wall_ms']:>10.1f}")
    print(f"{'ratio':<14}{found['cpu_ratio']:>10.2f}{found['wall_ratio']:>10.2f}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    conditions = {
        "python": platform.python_version(),
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "pairs": PAIRS,
        "limit": LIMIT,
    }
    RESULT.write_text(json.dumps({**found, **conditions}, indent=1) + "\n")
    if found["cpu_ratio"] > LIMIT:
        print(f"Importing the app costs more than {LIMIT} times its libraries.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
