"""Write docs/openapi.json from the routes and their schemas: `python -m tools.openapi`.

The running shop serves the same at `/api/openapi.json`; a test says when the page falls behind.
"""

import importlib
import json
from pathlib import Path

from chalicelib.docs import service

PAGE = Path(__file__).parent.parent / "docs" / "openapi.json"


def page() -> str:
    """The page as it should be: for people too, so with a line to each value."""
    importlib.import_module("app")  # what is imported is declared
    return json.dumps(service.document(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
