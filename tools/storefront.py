"""The storefront's documents, all with one head, and its modules, walked as a browser walks them.

    python -m tools.storefront      writes each page of PAGES with storefront.html around it

The files are served as they are written here. A test says when one has fallen behind.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template

STOREFRONT = Path(__file__).parents[1] / "storefront"
TEMPLATE = Path(__file__).with_name("storefront.html")
VENDOR = STOREFRONT / "vendor"
LANGUAGES = ("en", "zh-CN")

IMPORT = re.compile(r'^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"', re.M)
LATER = re.compile(r'\b(?:import|late)\("([^"]+)"')
ENTRY = re.compile(r'<script type="module" src="/([^"]+)"></script>')
STYLE = re.compile(r'<link rel="stylesheet" href="/([^"]+)">')
PRELOAD = re.compile(r'<link rel="modulepreload" href="/([^"]+)" fetchpriority="low">')


@dataclass(frozen=True)
class Page:
    """A document: what search engines show of it, its entry module, and styles besides the shared.

    `private`: search engines leave it out. `keyed`: its address holds a key, which no other site
    is told. `texts` is the folder of texts that it has besides the common ones.
    """

    name: str
    module: str
    description: str
    style: str | None = None
    private: bool = False
    keyed: bool = False
    texts: str | None = None


PAGES = (
    Page("404.html", "missing", "There is nothing at this address.", private=True),
    Page(
        "account.html",
        "account",
        "Sign in, your orders, addresses and data.",
        style="account",
        private=True,
        keyed=True,
        texts="account/",
    ),
    Page(
        "checkout.html",
        "checkout",
        "Contact, address, delivery and payment on one page.",
        style="purchase",
        private=True,
    ),
    Page(
        "index.html",
        "list",
        "Cars, devices and quiet everyday objects, with live stock.",
        style="shelf",
    ),
    Page(
        "order.html",
        "order",
        "How an order stands.",
        style="purchase",
        private=True,
        keyed=True,
        texts="order/",
    ),
    Page(
        "product.html",
        "product",
        "One product: pictures, choices, price and live stock.",
        style="shelf",
    ),
)
SHARED_STYLES = ("base", "parts", "frame")


def document(page: Page) -> str:
    """A page as it is served, with all the modules that it will import named in its head."""
    entry = STOREFRONT / "shop" / "pages" / f"{page.module}.js"
    styles = (*SHARED_STYLES, page.style) if page.style else SHARED_STYLES
    metas = {"robots": "noindex"} if page.private else {}
    metas |= {"referrer": "no-referrer"} if page.keyed else {}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        texts=f' data-texts="{page.texts}"' if page.texts else "",
        metas=_lines(
            f'<meta name="{name}" content="{content}">' for name, content in metas.items()
        ),
        description=page.description,
        styles=_lines(f'<link rel="stylesheet" href="/styles/{name}.css">' for name in styles),
        # Low priority: at the normal one these files would be in the way of the first picture.
        preloads=_lines(
            f'<link rel="modulepreload" href="/{name_of(each)}" fetchpriority="low">'
            for each in walk(entry)[1:]
        ),
        module=name_of(entry),
    )


def _lines(tags: Iterator[str]) -> str:
    return "".join(f"  {tag}\n" for tag in tags)


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
    return STOREFRONT / str(found[0])


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


if __name__ == "__main__":
    for one in PAGES:
        (STOREFRONT / one.name).write_text(document(one), encoding="utf-8")
