"""What the documents allow, promise and weigh."""

import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.web import texts
from tools import storefront as modules
from tools.storefront import LANGUAGES, STOREFRONT, VENDOR, packed, pages, stylesheets

KIB = 1024
# Under gzip, in KiB; a page fetches the texts of one language.
HTML_BUDGET, CSS_BUDGET, SCRIPT_BUDGET, TEXT_BUDGET = 14, 8, 30, 4
# The checkout asks for an address as its country writes it. Of both pages half a KiB asks once more
# for a module that was lost, and says so if it stays lost.
SCRIPT_BUDGETS = {"account.html": 36, "checkout.html": 38, "order.html": 26}
PRIVATE = {"account.html", "checkout.html", "order.html", "404.html"}

POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
}

every_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)


class Document(HTMLParser):
    """Collects what a strict policy would refuse, and the named metas."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.metas: dict[str, str] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._inside = tag
        if tag == "style" or "style" in given or (tag == "script" and "src" not in given):
            self.faults.append(f"inline: <{tag}>")
        self.faults += [f"handler: <{tag} {name}>" for name in given if name.startswith("on")]
        address = given.get("src") or given.get("href") or ""
        if re.match(r"(https?:)?//|javascript:", address or ""):
            self.faults.append(f"elsewhere: {address}")
        if tag == "meta":
            name = given.get("name") or given.get("http-equiv") or ""
            self.metas[name.lower()] = given.get("content") or ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and data.strip():
            self.faults.append("inline: script text")


def read(page: Path) -> Document:
    return Document(page.read_text(encoding="utf-8"))


def built() -> None:
    if not (VENDOR / "ui.js").is_file():
        pytest.skip("storefront/vendor is not built; `make up` builds it")


@every_page
def test_nothing_in_a_page_is_inline_or_from_elsewhere(page: Path) -> None:
    assert read(page).faults == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>1</script>",
        "<p style='color:red'>",
        "<style>p{}</style>",
        "<a onclick='x()'>",
        "<script src='//cdn.example/x.js'></script>",
    ],
)
def test_what_the_policy_would_refuse_is_noticed(text: str) -> None:
    assert Document(text).faults


@every_page
def test_a_page_carries_the_strict_policy_itself(page: Path) -> None:
    policy = read(page).metas["content-security-policy"]
    assert {part.strip() for part in policy.split(";")} >= POLICY
    assert "unsafe" not in policy


@every_page
def test_only_pages_for_everybody_are_found_by_search_engines(page: Path) -> None:
    robots = read(page).metas.get("robots", "")
    assert robots == ("noindex" if page.name in PRIVATE else "")


@pytest.mark.parametrize("name", ["order.html", "account.html"])
def test_a_page_with_a_key_in_its_address_tells_it_to_no_other_site(name: str) -> None:
    assert read(STOREFRONT / name).metas["referrer"] == "no-referrer"


@every_page
def test_a_page_stays_within_its_bytes(page: Path) -> None:
    built()
    scripts = modules.walk(modules.entry_of(page))
    assert packed([page]) <= HTML_BUDGET * KIB
    assert packed(stylesheets(page)) <= CSS_BUDGET * KIB
    assert packed(scripts) <= SCRIPT_BUDGETS.get(page.name, SCRIPT_BUDGET) * KIB


def test_a_section_of_the_account_stays_within_the_bytes_of_its_page() -> None:
    built()
    entry = modules.entry_of(STOREFRONT / "account.html")
    sections = modules.imports_later(entry)
    assert sections, "the account has sections"
    page = set(modules.walk(entry))
    for section in sections:
        scripts = page | set(modules.walk(section))
        assert packed(sorted(scripts)) <= SCRIPT_BUDGETS["account.html"] * KIB, section.name


@pytest.mark.parametrize("folder", [texts.COMMON, texts.ACCOUNT, texts.ORDER])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_of_a_language_stay_within_their_bytes(language: str, folder: str) -> None:
    assert packed([texts.FOLDER / folder / f"{language}.json"]) <= TEXT_BUDGET * KIB


def test_the_bundled_libraries_are_named_with_version_licence_and_digest() -> None:
    built()
    manifest = json.loads((VENDOR / "VENDOR.json").read_text())
    wanted = json.loads((STOREFRONT / "package.json").read_text())["dependencies"]
    named = {one["name"]: one for one in manifest["libraries"]}
    assert wanted.items() <= {name: one["version"] for name, one in named.items()}.items()
    for one in named.values():
        assert one["licence"]
        assert (VENDOR / one["licenceFile"]).read_text().strip()
        assert re.fullmatch(r"[0-9a-f]{64}", one["sha256"])


def test_the_bundles_import_nothing_and_are_named_with_their_digest() -> None:
    built()
    manifest = json.loads((VENDOR / "VENDOR.json").read_text())
    assert {one["file"] for one in manifest["bundles"]} == {
        file.name for file in VENDOR.glob("*.js")
    }
    for one in manifest["bundles"]:
        bundle = (VENDOR / one["file"]).read_bytes()
        assert hashlib.sha256(bundle).hexdigest() == one["sha256"]
        assert not re.search(rb"\bimport\s*[\"'({*]|\bfrom\s*[\"']", bundle)


def test_the_lock_names_no_place_to_download_from() -> None:
    lock = json.loads((STOREFRONT / "package-lock.json").read_text())
    assert [name for name, one in lock["packages"].items() if "resolved" in one] == []


def test_library_versions_are_exact() -> None:
    package = json.loads((STOREFRONT / "package.json").read_text())
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert {n: v for n, v in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", v)} == {}


if __name__ == "__main__":
    for one in pages():
        walked = packed(modules.walk(modules.entry_of(one)))
        print(f"{one.name}: html {packed([one])}, css {packed(stylesheets(one))}, js {walked}")
