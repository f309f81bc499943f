"""No module needs one that needs it: neither in Python nor among the storefront's modules.

Imports inside of functions, for types only, and those of a page that come later count as well.
"""

import ast
from collections.abc import Mapping, Set
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.stage import ROOT
from tools import storefront as modules

FOLDERS = ("chalicelib", "localcloud", "tools", "bench")
Graph = Mapping[str, set[str]]


def circle_in(graph: Graph) -> list[str]:
    """The modules of one circle, each importing the one before it; [] when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def python_modules(root: Path, folders: tuple[str, ...] = ("",)) -> Graph:
    """Module → the modules that it imports, of all Python in these folders of `root`."""
    paths = [path for folder in folders for path in sorted((root / folder).rglob("*.py"))]
    files = {_name(path.relative_to(root)): path for path in paths}
    return {name: _imported(path, files.keys()) - {name} for name, path in files.items()}


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path, known: Set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports are not looked through"
            inner = {f"{node.module}.{each.name}" for each in node.names}
            # `from package import module`, or a name out of a module.
            found |= (inner & known) or {str(node.module)}
    return found & known


def storefront_modules() -> Graph:
    def needed(module: Path) -> set[str]:
        return {str(each) for each in modules.imports(module) + modules.imports_later(module)}

    return {str(module): needed(module) for module in modules.own_modules()}


def test_python_modules_form_no_circle():
    graph = python_modules(ROOT, FOLDERS)
    assert len(graph) > 400
    assert circle_in(graph) == []


def test_storefront_modules_form_no_circle():
    graph = storefront_modules()
    assert len(graph) > 80 and sum(map(len, graph.values())) > 300
    assert circle_in(graph) == []


@pytest.mark.parametrize(
    "back",
    [
        "from package.first import thing",
        "import package.first",
        "def later():\n    from package import first",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from package.first import Thing",
    ],
    ids=["names", "module", "in a function", "for types"],
)
def test_control_a_circle_of_two_is_seen(tmp_path, back):
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "first.py").write_text("from package import second\n")
    (folder / "second.py").write_text("import json\n")
    assert circle_in(python_modules(tmp_path)) == []
    (folder / "second.py").write_text(f"{back}\n")
    assert set(circle_in(python_modules(tmp_path))) == {"package.first", "package.second"}


@pytest.mark.parametrize(
    "back",
    ['import { a } from "./a.js";', 'const a = () => import("./a.js");', 'late("./a.js", here);'],
    ids=["import", "import()", "late()"],
)
def test_control_a_circle_of_storefront_modules_is_seen(tmp_path, monkeypatch, back):
    folder = tmp_path.resolve() / "lib"
    folder.mkdir()
    (folder / "a.js").write_text('import { b } from "./b.js";\n')
    (folder / "b.js").write_text(f"{back}\n")
    monkeypatch.setattr(modules, "STOREFRONT", folder.parent)
    assert {Path(each).name for each in circle_in(storefront_modules())} == {"a.js", "b.js"}
