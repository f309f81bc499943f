"""Write docs/openapi.json from the routes and their schemas: `python -m tools.openapi`.

The storefront's bucket serves that file at `/api/openapi.json`; a test says when it falls behind.
"""

from tools.openapi import document

if __name__ == "__main__":
    document.FILE.write_text(document.text(), encoding="utf-8")
