"""Package one stage: ``python -m localcloud package STAGE OUT``.

Chalice writes the template and the zip; this adds what it cannot do: several merge
files, three functions behind the API, a new version whenever anything changed, and
zips that come out the same from the same content.  OUT then holds ``sam.json``,
``deployment.zip`` and ``layer-deployment.zip``, ready for CloudFormation.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud import at_home, layer
from localcloud.environments import ROOT
from localcloud.functions import gateway, rows
from localcloud.problem import Problem

Template = dict[str, Any]

# What Chalice reads; nothing else of the project gets near the package.
SOURCES = ("app.py", "chalicelib", "requirements.txt", ".chalice", "vendor")


@dataclass(frozen=True)
class Package:
    """One packaged stage in `folder`; `release` changes when code, layer, template or values do."""

    stage: str
    folder: Path
    template: Template
    release: str

    @property
    def code(self) -> Path:
        return self.folder / "deployment.zip"

    @property
    def layer(self) -> Path:
        return self.folder / "layer-deployment.zip"


def package(
    stage: str,
    out: Path,
    root: Path = ROOT,
    cache: Path | None = None,
    values: Mapping[str, str] | None = None,
) -> Package:
    """Package `stage` of the project at `root` into `out`.

    `cache` keeps dependency layers by the content of requirements.txt; `values` are the
    CloudFormation parameters, which count as part of the release because a changed value
    would otherwise publish no new version.  Raises `Problem` with Chalice's own reason.
    """
    cache, out = cache or root / ".local" / "cache", out.resolve()
    with tempfile.TemporaryDirectory(prefix="cartwright-pack-") as temporary:
        project = Path(temporary)
        copy_sources(root, project)
        described = rows.read(root / "infra" / "functions.toml")
        generated = project / ".chalice" / "functions.json"
        merged = merge([*sorted((root / "infra").glob("*.yaml")), generated])
        (project / ".chalice" / "merged.json").write_text(json.dumps(merged))
        seed = layer.Recipe(root, stage, cache)
        seed.plant(project)
        out.mkdir(parents=True, exist_ok=True)
        _chalice(stage, project, out)
        layer.normalise(out / "deployment.zip")
        seed.harvest(out / "layer-deployment.zip")
    template = gateway.split(json.loads((out / "sam.json").read_text()), described)
    if stage == "local":
        template = at_home.adapted(template)
    return _finish(stage, out, template, dict(values or {}))


def merge(files: list[Path]) -> Template:
    """All infra files as one; raises `Problem` when two define the same name."""
    from chalice.package import TemplateDeepMerger, YAMLTemplateSerializer

    merged: Template = {}
    for path in files:
        try:
            part = YAMLTemplateSerializer().load_template(path.read_text(), str(path)) or {}
        except Exception as error:  # the YAML library raises kinds of its own
            reason = " ".join(str(error).split())
            raise Problem(f"{path.name} is not valid YAML: {reason}") from error
        for section, names in part.items():
            if not isinstance(names, dict):
                continue
            twice = set(names) & set(merged.get(section, {}))
            if twice:
                raise Problem(f"{path.name} defines {section} {sorted(twice)} a second time.")
        merged = TemplateDeepMerger().merge(part, merged)
    return merged


def check_intrinsics(node: Any, path: str = "") -> None:
    """Raise `Problem` where a merge left two intrinsic functions in one place.

    Chalice writes some values as intrinsics, merging ours adds a second key beside the
    first, and CloudFormation would only say that the template is invalid.
    """
    if isinstance(node, dict):
        names = [key for key in node if key == "Ref" or key.startswith("Fn::")]
        if names and len(node) > 1:
            raise Problem(f"The merged template has more than one value at {path}: {sorted(node)}.")
        for key, value in node.items():
            check_intrinsics(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            check_intrinsics(value, f"{path}/{index}")


def _finish(stage: str, out: Path, template: Template, values: Mapping[str, str]) -> Package:
    check_intrinsics(template)
    digest = hashlib.sha256(json.dumps([template, values], sort_keys=True).encode())
    for name in ("deployment.zip", "layer-deployment.zip"):
        digest.update((out / name).read_bytes())
    release = digest.hexdigest()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["AutoPublishCodeSha256"] = release
    (out / "sam.json").write_text(json.dumps(template, indent=1, sort_keys=True) + "\n")
    return Package(stage, out, template, release)


def copy_sources(root: Path, project: Path) -> None:
    skip = shutil.ignore_patterns("__pycache__", "*.pyc", "deployments", "merged.json", ".*.sw?")
    for name in SOURCES:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=skip)
        elif source.exists():
            shutil.copy2(source, project / name)


def _chalice(stage: str, project: Path, out: Path) -> None:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.environ.get("HOME", str(project)),
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        # Chalice zips whatever lies in chalicelib/, caches of compiled modules included.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # Behind a company's proxy or mirror the layer's downloads need the same settings as ours.
    for name, value in os.environ.items():
        if name.lower().startswith("pip_") or name.lower().endswith(("_proxy", "ca_bundle")):
            environment[name] = value
    done = subprocess.run(
        [
            *(sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())"),
            *("--project-dir", str(project), "package", "--stage", stage),
            *("--merge-template", str(project / ".chalice" / "merged.json"), str(out)),
        ],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise Problem(f"Packaging failed: {_reason(done.stderr, project)}")


def _reason(output: str, project: Path) -> str:
    """The last file of ours in the traceback, and the error itself."""
    text = output.replace(str(project) + os.sep, "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    places = re.findall(r'File "((?:app|chalicelib)[^"]*)", line (\d+)', text)
    place = f" ({places[-1][0]} line {places[-1][1]})" if places else ""
    return (lines[-1] if lines else "Chalice gave no reason.") + place


def main(stage: str, out: Path) -> None:
    made = package(stage, out)
    print(
        f"{made.folder}: {len(made.template['Resources'])} resources, release {made.release[:12]}"
    )
