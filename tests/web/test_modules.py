"""How the storefront's modules hang together."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.web import node
from tools import storefront as modules
from tools.storefront import STOREFRONT, name_of, own_modules, pages

MOST_LINES = 150

# What a module of a folder may import; shop's own files may import one another, pages nobody.
ARROWS = {
    "shop": ("shop/", "parts/", "lib/", "vendor/"),
    "parts": ("parts/", "lib/locale.js", "lib/money.js", "vendor/"),
    "lib": ("lib/", "vendor/"),
}


def forbidden(importer: str, imported: str) -> bool:
    """Whether the arrow from one module to another is against the rules of the house."""
    if imported.startswith("shop/pages/"):
        return True
    return not imported.startswith(ARROWS[importer.split("/")[0]])


def test_modules_import_along_the_arrows_only() -> None:
    wrong = [
        f"{name_of(module)} -> {name_of(imported)}"
        for module in own_modules()
        for imported in modules.imports(module)
        if forbidden(name_of(module), name_of(imported))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("parts/card.js", "lib/cart.js"),
        ("lib/cart.js", "parts/card.js"),
        ("shop/layout.js", "shop/pages/list.js"),
        ("parts/card.js", "shop/layout.js"),
    ],
)
def test_an_arrow_the_other_way_is_noticed(importer: str, imported: str) -> None:
    assert forbidden(importer, imported)


def test_every_import_leads_to_a_file() -> None:
    missing = [
        f"{name_of(module)} -> {imported}"
        for module in own_modules()
        for imported in modules.imports(module)
        if modules.VENDOR not in imported.parents and not imported.is_file()
    ]
    assert missing == []


def test_every_module_is_reached_from_a_page() -> None:
    reached = {module for page in pages() for module in modules.walk(modules.entry_of(page))}
    # What is fetched only when it is asked for, with all that it needs.
    waiting = list(reached)
    while waiting:
        for later in modules.imports_later(waiting.pop()):
            more = set(modules.walk(later)) - reached
            reached |= more
            waiting += more
    assert [name_of(module) for module in own_modules() if module not in reached] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_page_has_the_layout_which_says_how_calls_are_signed(page: Path) -> None:
    layout = STOREFRONT / "shop" / "layout.js"
    assert layout in modules.walk(modules.entry_of(page))
    assert 'signedBy(() => import("../lib/session.js"))' in layout.read_text(encoding="utf-8")


def test_no_module_is_longer_than_a_reader_likes() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in own_modules()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_every_module_parses() -> None:
    tool = node.path()
    files = [*own_modules(), STOREFRONT / "build-vendor.mjs"]
    faults = []
    for path in files:
        run = subprocess.run([tool, "--check", str(path)], capture_output=True, text=True)
        if run.returncode:
            faults.append(run.stderr)
    assert faults == []


def test_no_module_writes_markup_from_text() -> None:
    words = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(")
    found = [
        f"{name_of(path)}: {word}"
        for path in own_modules()
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_preloads_exactly_what_it_will_import(page: Path) -> None:
    assert modules.preloads(page) == modules.wanted_preloads(page)


def test_the_documents_are_those_that_are_generated() -> None:
    generated = {page.name: modules.document(page) for page in modules.PAGES}
    served = {page.name: page.read_text(encoding="utf-8") for page in pages()}
    assert served.keys() == generated.keys()
    behind = [name for name in served if served[name] != generated[name]]
    assert behind == [], "run `python -m tools.storefront`"


def test_control_a_page_of_another_description_is_another_document() -> None:
    first, *_ = modules.PAGES
    assert modules.document(replace(first, description="Other.")) != modules.document(first)
