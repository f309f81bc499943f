"""Writes .chalice/functions.json from infra/functions.toml: `python -m tools.functions`.

A test holds the two equal; the packager merges the file into what Chalice writes.
"""

import json
from pathlib import Path

from localcloud.functions import resources, rows

ROOT = Path(__file__).parent.parent
PAGE = ROOT / ".chalice" / "functions.json"


def made(root: Path = ROOT) -> str:
    """The file as it should be."""
    read = rows.read(root / "infra" / "functions.toml")
    return json.dumps(resources.template(read, root / "infra"), indent=1) + "\n"


if __name__ == "__main__":
    PAGE.write_text(made(), encoding="utf-8")
