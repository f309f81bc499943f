"""The house rules that imports and files can be asked about. docs/architecture.md tells why.

Who may import whom stands in pyproject.toml, as contracts of import-linter.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import grimp
import pytest
from importlinter import cli

from tests.stage import ROOT

LIB = ROOT / "chalicelib"
CONTRACTS = ROOT / "pyproject.toml"
MAX_LINES = 300


def modules() -> list[Path]:
    return sorted(path for path in LIB.rglob("*.py") if path.name != "__init__.py")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def is_entry_point(module: str) -> bool:
    return module.rpartition(".")[2].rpartition("_")[2] in ("routes", "workers")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("chalicelib", cache_dir=None)


@pytest.fixture
def kept(tmp_path) -> Callable[[str], bool]:
    """Whether the code keeps contracts that are written so."""

    def check(contracts: str) -> bool:
        config = tmp_path / "pyproject.toml"
        config.write_text(contracts, encoding="utf-8")
        return cli.lint_imports(str(config), no_cache=True) == cli.EXIT_STATUS_SUCCESS

    return check


def test_imports_obey_the_contracts(kept):
    assert kept(text_of(CONTRACTS))


@pytest.mark.parametrize(
    ("of", "broken"),
    [
        ('"settlement | subscriptions",\n  "cart | orders",',
         '"cart | orders",\n  "settlement | subscriptions",'),
        ('"jobs",\n  "kernel",', '"kernel",\n  "jobs",'),
        ('"(service)",\n  "(tables)",', '"(tables)",\n  "(service)",'),
        ('modules = ["chalicelib.payments.providers.*"]',
         'modules = ["chalicelib.payments.providers", "chalicelib.payments.ports"]'),
        ('  "chalicelib.payments.service",', '  "chalicelib.payments.ports",'),
    ],
)  # fmt: skip
def test_control_a_contract_that_the_code_breaks_is_seen(kept, of, broken):
    contracts = text_of(CONTRACTS)
    assert contracts.count(of) == 1
    assert not kept(contracts.replace(of, broken))


def test_nobody_imports_an_entry_point(graph):
    importers = {
        name: graph.find_modules_that_directly_import(name)
        for name in graph.modules
        if is_entry_point(name)
    }
    assert len(importers) > 20
    assert {name for name, found in importers.items() if found} == set()


def test_only_entry_points_are_free_of_the_arrows():
    ignored = [line for line in text_of(CONTRACTS).splitlines() if "-> chalicelib.**" in line]
    assert len(ignored) > 5
    assert all(is_entry_point(line.split('"')[1].split(" ->")[0]) for line in ignored)


def test_only_its_provider_knows_in_payments_that_there_is_a_store_balance(graph):
    seeing = {
        one
        for one in graph.modules
        if one.startswith("chalicelib.payments")
        and any(
            name.startswith("chalicelib.balance")
            for name in graph.find_modules_directly_imported_by(one)
        )
    }
    assert seeing == {"chalicelib.payments.providers.balance.provider"}


def long_files() -> Iterator[tuple[str, int]]:
    for folder in ("chalicelib", "tests", "tools", "localcloud", "bench"):
        for path in (ROOT / folder).rglob("*.py"):
            lines = len(text_of(path).splitlines())
            if lines > MAX_LINES:
                yield str(path.relative_to(ROOT)), lines


def test_a_file_does_one_thing_and_stays_short():
    assert dict(long_files()) == {}


def test_only_config_reads_the_environment():
    readers = [
        path.name
        for path in modules()
        if "os.environ" in text_of(path) or "getenv" in text_of(path)
    ]
    assert readers == ["config.py"]


# Providers that are down are some rows at most: the sweeper reads them all.
def test_only_the_nightly_check_reads_whole_tables():
    def using(call: str) -> set[str]:
        return {str(path.relative_to(LIB)) for path in modules() if call in text_of(path)}

    assert using(".scan(") == {"kernel/db/scanning.py"}
    assert using("everything(") == {
        "kernel/db/scanning.py", "balance/check.py", "kernel/outages.py",
    }  # fmt: skip
    assert using("scanning.page(") == {"integrity/check.py"}


def test_no_float_touches_money():
    names = {
        node.id
        for node in ast.walk(ast.parse(text_of(LIB / "kernel" / "money.py")))
        if isinstance(node, ast.Name)
    }
    assert "float" not in names


def test_every_table_says_what_is_read_and_written():
    tables = list(LIB.rglob("tables.py"))
    assert len(tables) >= 8
    silent = [
        path
        for path in tables
        if "Access patterns" not in (ast.get_docstring(ast.parse(text_of(path))) or "")
    ]
    assert silent == []
