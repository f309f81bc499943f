"""A saved file is live within seconds: look, check, package, deploy.

One that is broken changes nothing: the shop goes on with what it had, and says so.
"""

from __future__ import annotations

import time
from pathlib import Path

from localcloud import site
from localcloud.cloud import Cloud
from localcloud.problem import Problem

Seen = dict[Path, tuple[int, int]]

_INTERVAL = 0.4  # seconds; some 300 files are looked at in 3 ms


def snapshot(root: Path) -> Seen:
    """File → (time, size) of everything that the running shop is made from."""
    found = [root / "app.py", root / "requirements.txt"]
    found += (root / "chalicelib").rglob("*")
    found += (root / ".chalice").glob("*.json")
    found += (root / "infra").glob("*.yaml")
    found += site.walk(root / "storefront")
    found += demo_files(root)
    found += [root / "storefront" / name for name in ("package-lock.json", "build-vendor.mjs")]
    found.append(root / site.DOCUMENT[1])
    seen: Seen = {}
    for path in found:
        if path.suffix == ".pyc" or path.name == "merged.json":
            continue
        try:
            about = path.stat()
        except OSError:
            continue  # removed between listing and looking
        if path.is_file():
            seen[path] = (about.st_mtime_ns, about.st_size)
    return seen


def demo_files(root: Path) -> list[Path]:
    """What the owner edits of the demo shop: its products, settings, categories, photographs."""
    demo = root / "tools" / "demo"
    photographs = [path for path in (demo / "photos").glob("*") if path.name[0] != "."]
    return [*demo.glob("*.json"), *(demo / "products").glob("*.json"), *photographs]


class Watcher:
    """Keeps a running `Cloud` up to date with the files it is made from."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.seen = snapshot(cloud.root)

    def look(self) -> set[Path]:
        """One look: bring what has changed since the last one live, and return it."""
        now = snapshot(self.cloud.root)
        changed = {path for path in self.seen.keys() | now.keys()
                   if self.seen.get(path) != now.get(path)}  # fmt: skip
        if changed:
            self.seen = now
            self._apply(changed)
        return changed

    def run(self) -> None:
        """Look until something raises; raises `Problem` when the emulator or sandbox has ended."""
        while True:
            time.sleep(_INTERVAL)
            for child in (self.cloud.emulator, self.cloud.sandbox):
                if child and not child.running():
                    last = child.last_line()
                    raise Problem(f"The {child.name} has stopped ({last}): see {child.log}.")
            self.look()

    def _apply(self, changed: set[Path]) -> None:
        started = time.monotonic()
        names = ", ".join(sorted(path.name for path in changed)[:3])
        names += f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        storefront = self.cloud.root / "storefront"
        try:
            if any(path.name == "requirements.txt" for path in changed):
                raise Problem("new libraries are installed at the next start")
            document = self.cloud.root / site.DOCUMENT[1]
            shop = {path for path in changed if storefront in path.parents or path == document}
            demo = {path for path in changed if self.cloud.root / "tools" in path.parents}
            if sources := changed - shop - demo:
                check_syntax(sources, self.cloud.root)
                self.cloud.put_up(self.cloud.pack())
            if demo:
                self._load(demo)
            if shop:
                site.bundle_libraries(storefront, self.cloud.cache)
                self.cloud.upload_site()
        except Problem as problem:
            self.cloud.say(f"  ✗ {names}: {problem} The shop goes on with what it had.")
        else:
            self.cloud.say(f"  ✓ {names} live after {time.monotonic() - started:.1f} s")

    def _load(self, demo: set[Path]) -> None:
        """Bring products, settings and pictures live; pictures first, for pages show them."""
        self.cloud.tool("tools.demo")
        self.cloud.upload_site()
        there = sorted(str(path) for path in demo if path.exists())
        if there:
            self.cloud.tool("tools.seed", *there)
            self.cloud.remember_demo()


def check_syntax(paths: set[Path], root: Path) -> None:
    """Raise `Problem` naming file and line of the first Python file that does not parse."""
    for path in sorted(paths):
        if path.suffix == ".py" and path.exists():
            try:
                compile(path.read_bytes(), str(path), "exec")
            except (SyntaxError, ValueError) as error:
                line = getattr(error, "lineno", None) or 1
                reason = getattr(error, "msg", error)
                raise Problem(f"{path.relative_to(root)} line {line}: {reason}.") from error
