"""Compiled modules beside their sources: Lambda mounts a package read-only, so without them every
cold start compiles all that it imports.
"""

from __future__ import annotations

import functools
import marshal
import sys
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import PurePosixPath

# By the hash of the source, and not held against it at each start (PEP 552): nothing changes in a
# package, and the times in a zip say nothing.
_UNCHECKED = (0b01).to_bytes(4, "little")
# The newest form without references, which differ from run to run: equal sources, equal bytes.
_MARSHAL = 2


def place_of(name: str) -> str:
    """Where Python looks for the bytecode of the module at `name` in a zip."""
    path = PurePosixPath(name)
    return str(path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc")


@functools.lru_cache(maxsize=8192)
def compiled(name: str, source: bytes) -> bytes | None:
    """A module of a package as bytecode of this interpreter, which the package is for; None for a
    file that it can't compile: libraries bring some for other ones.
    """
    mounted = "/opt" if name.startswith("python/") else "/var/task"
    try:
        code = compile(source, f"{mounted}/{name}", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return MAGIC_NUMBER + _UNCHECKED + source_hash(source) + marshal.dumps(code, _MARSHAL)
