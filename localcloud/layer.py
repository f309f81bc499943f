"""The dependency layer: built once per content of requirements.txt, the same bytes each time."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from localcloud import bytecode
from localcloud.problem import Problem

# The Lambda runtime brings these three; with them the layer would be twice the size.
PROVIDED = ("boto3", "botocore", "s3transfer")

# Raised whenever this file would build another layer from the same requirements.
RECIPE = "2"

_EPOCH = (1980, 1, 1, 0, 0, 0)
_RUNTIME = "python{}.{}".format(*sys.version_info[:2])


class Recipe:
    """One project's layer: planted into Chalice's cache before packaging, harvested after it.

    Chalice keeps layers inside the project by the hash of requirements.txt; ours lie in
    `cache`, so that a fresh checkout of the sources still finds them.
    """

    def __init__(self, root: Path, stage: str, cache: Path) -> None:
        self.requirements = root / "requirements.txt"
        # Wheels for Lambda load on Linux/x86-64 only; elsewhere the local shop gets its own.
        self.native = stage == "local" and not runs_lambda_wheels()
        kind = f"{sys.platform}-{platform.machine()}" if self.native else "lambda"
        key = hashlib.sha256(self.requirements.read_bytes() + (RECIPE + kind).encode())
        self.kept = cache / f"layer-{key.hexdigest()[:16]}-{_RUNTIME}.zip"

    def plant(self, project: Path) -> None:
        if not self.kept.exists() and self.native:
            build_native(self.requirements, self.kept)
        if self.kept.exists():
            digest = hashlib.md5(self.requirements.read_bytes(), usedforsecurity=False).hexdigest()
            target = project / ".chalice/deployments" / f"managed-layer-{digest}-{_RUNTIME}.zip"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.kept, target)

    def harvest(self, built: Path) -> None:
        if not self.kept.exists():
            normalise(built, drop=is_provided)
            _keep(built, self.kept)


def is_provided(name: str) -> bool:
    """Whether a file of the layer belongs to a package that the Lambda runtime brings."""
    return name.removeprefix("python/").split("/")[0].split("-")[0] in PROVIDED


def normalise(path: Path, drop: Callable[[str], bool] = lambda name: False) -> None:
    """Rewrite a zip in sorted order with one date, so that equal content means equal bytes, and
    with the bytecode of each module."""
    rewritten = path.with_suffix(".tmp")
    with (
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(rewritten, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in sorted(set(old.namelist())):
            # Lambda looks in python/ too, and the emulator would look into the longer
            # folder only after its own libraries.
            short = name.replace(f"python/lib/{_RUNTIME}/site-packages/", "python/")
            if drop(short) or name.endswith(("/", ".pyc")):
                continue
            content = old.read(name)
            _add(new, short, content)
            if short.endswith(".py") and (made := bytecode.compiled(short, content)) is not None:
                _add(new, bytecode.place_of(short), made)
    rewritten.replace(path)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    # Scripts are never run from a layer, but extension modules want the x bit.
    info.external_attr = (0o755 if ".so" in name else 0o644) << 16
    archive.writestr(info, content)


def runs_lambda_wheels() -> bool:
    """Whether this machine can load what Lambda loads: x86-64 Linux with glibc."""
    return (
        sys.platform == "linux"
        and platform.machine() == "x86_64"
        and platform.libc_ver()[0] == "glibc"
    )


def build_native(requirements: Path, target: Path) -> None:
    """A layer of this machine's own wheels, for the local shop only; raises `Problem`."""
    with tempfile.TemporaryDirectory(prefix="cartwright-layer-") as temporary:
        packages = Path(temporary) / "python"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"),
                *("--disable-pip-version-check", "--target", str(packages)),
                *("-r", str(requirements)),
            ],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1:] or ["pip gave no reason"]
            raise Problem(f"Could not build the dependency layer: {reason[0]}")
        plain = Path(temporary) / "layer.zip"
        with zipfile.ZipFile(plain, "w") as archive:
            for file in packages.rglob("*"):
                if file.is_file():
                    archive.write(file, file.relative_to(temporary).as_posix())
        normalise(plain, drop=is_provided)
        _keep(plain, target)


def _keep(built: Path, kept: Path) -> None:
    # Written beside and renamed: two starts at once must not see half a layer.
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as beside:
        beside.write(built.read_bytes())
    Path(beside.name).chmod(0o644)
    Path(beside.name).replace(kept)
