"""Write docs/data.md from the heads of the modules with tables: `python -m tools.datadoc`.

The access patterns stand where the tables are defined; this page only collects them, and a test
says when it has fallen behind.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "data.md"
HEAD = """# Tables and access patterns

Collected by `python -m tools.datadoc` from the heads of the modules that define tables.
Tables are made by `infra/tables.yaml`; their names begin with `cartwright-<stage>-`.
"""


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    library = ROOT / "chalicelib"
    for path in sorted(library.rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        lead, patterns_follow, rest = (ast.get_docstring(module) or "").partition(
            "Access patterns\n"
        )
        if not patterns_follow:
            continue
        patterns, _, notes = rest.partition("\n\n")
        context, *rest_of_path = path.relative_to(library).with_suffix("").parts
        within = "/".join(part for part in rest_of_path if part != "tables")
        name = f"{context}: {within}" if within else context
        parts.append(
            f"## {name}\n\n{lead.strip()}\n\nTables: {_tables(module)}.\n\n"
            f"```text\n{patterns}\n```\n"
        )
        if notes.strip():
            parts.append(f"{notes.strip()}\n")
    return "\n".join(parts)


def _tables(module: ast.Module) -> str:
    names = [
        str(node.value.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "table"
        and isinstance(node.value, ast.Constant)
    ]
    # Several shapes may lie in one table.
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
