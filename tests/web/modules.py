"""The storefront's pages and modules, walked the way a browser walks them.

python -m tests.web.modules      writes each page's `modulepreload` list from its imports
"""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

STOREFRONT = Path(__file__).parents[2] / "storefront"
VENDOR = STOREFRONT / "vendor"
LANGUAGES = ("en", "zh-CN")

IMPORT = re.compile(r'^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"', re.M)
LATER = re.compile(r'\b(?:import|late)\("([^"]+)"')
ENTRY = re.compile(r'<script type="module" src="/([^"]+)"></script>')
STYLE = re.compile(r'<link rel="stylesheet" href="/([^"]+)">')
PRELOAD = re.compile(r'<link rel="modulepreload" href="/([^"]+)" fetchpriority="low">')
PRELOAD_BLOCK = re.compile(r'(?:  <link rel="modulepreload"[^\n]*\n)+')


def pages() -> list[Path]:
    """The documents: every HTML file at the storefront's root."""
    return sorted(STOREFRONT.glob("*.html"))


def own_modules() -> list[Path]:
    """Every module that is served as it is written."""
    return sorted(
        path for folder in ("shop", "parts", "lib") for path in (STOREFRONT / folder).rglob("*.js")
    )


def imports(module: Path) -> list[Path]:
    """The files that a module imports, in its own order."""
    found = IMPORT.findall(module.read_text(encoding="utf-8"))
    return [(module.parent / (plain or bare)).resolve() for plain, bare in found]


def imports_later(module: Path) -> list[Path]:
    """The files that a module fetches only when they are needed."""
    found = LATER.findall(module.read_text(encoding="utf-8"))
    return [(module.parent / name).resolve() for name in found]


def walk(entry: Path) -> list[Path]:
    """An entry module and everything that it imports, each once, nearest first."""
    seen = [entry]
    for module in seen:
        if VENDOR not in module.parents:
            seen.extend(one for one in dict.fromkeys(imports(module)) if one not in seen)
    return seen


def entry_of(page: Path) -> Path:
    found = ENTRY.findall(page.read_text(encoding="utf-8"))
    assert len(found) == 1, f"{page.name} needs one entry module, has {found}"
    return STOREFRONT / found[0]


def name_of(path: Path) -> str:
    return path.relative_to(STOREFRONT).as_posix()


def wanted_preloads(page: Path) -> list[str]:
    """What the page should preload: all it will import, but not the entry itself."""
    return [name_of(module) for module in walk(entry_of(page))[1:]]


def preloads(page: Path) -> list[str]:
    return PRELOAD.findall(page.read_text(encoding="utf-8"))


def stylesheets(page: Path) -> list[Path]:
    return [STOREFRONT / name for name in STYLE.findall(page.read_text(encoding="utf-8"))]


def packed(paths: Iterator[Path] | list[Path]) -> int:
    """Bytes on the wire: each file by itself under gzip, as the CDN sends it."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def write_preloads(page: Path) -> None:
    # Low priority: at the normal one these files would be in the way of the first picture.
    block = "".join(
        f'  <link rel="modulepreload" href="/{name}" fetchpriority="low">\n'
        for name in wanted_preloads(page)
    )
    text = page.read_text(encoding="utf-8")
    if PRELOAD_BLOCK.search(text):
        text = PRELOAD_BLOCK.sub(block, text, count=1)
    else:
        text = ENTRY.sub(lambda found: block.strip() + "\n  " + found[0], text)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for page in pages():
        write_preloads(page)
        print(f"{page.name}: {len(preloads(page))} modules")
