"""What `make lint` looks for weaknesses with: `python -m tools.scan PACKAGED.json`.

bandit reads the code that is deployed, checkov the template as production gets it: with prod's
conditions decided, because a scanner takes an undecided `Fn::If` for a missing setting.
`python -m tools.scan --advisories` asks pip-audit for known faults of what is packaged; that needs
the network, so it is a command of its own.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.packaging.templates import resolve

ROOT = Path(__file__).parent.parent
PROGRAMS = ROOT / ".local" / "scan-venv" / "bin"


def decided(template: Path) -> Path:
    """The template with prod's conditions decided, written beside it."""
    whole = json.loads(template.read_text(encoding="utf-8"))
    kept = {"Resources": resolve(whole, {"Stage": "prod"}), "Transform": whole["Transform"]}
    made = template.with_name("decided.json")
    made.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return made


def commands(template: Path) -> list[list[str]]:
    """What is run, each as its own process."""
    return [
        [str(PROGRAMS / "bandit"), "-q", "-c", "pyproject.toml", "-r", "chalicelib", "app.py"],
        [
            # The descriptions of checks are not worth a call to their maker.
            *(str(PROGRAMS / "checkov"), "--config-file", ".checkov.yaml", "--skip-download"),
            *("--file", str(decided(template))),
        ],
    ]


def advisories() -> list[str]:
    return [
        *(str(PROGRAMS / "pip-audit"), "--no-deps", "--disable-pip", "--strict"),
        *("-r", "requirements.txt"),
    ]


def run(command: list[str]) -> int:
    """Run one; say what it said if it found something."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
    return done.returncode


def main(arguments: list[str]) -> int:
    if arguments == ["--advisories"]:
        return run(advisories())
    with ThreadPoolExecutor() as pool:
        return max(pool.map(run, commands(Path(arguments[0]))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
