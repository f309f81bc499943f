"""The shop's local cloud: an AWS emulator, the packaged shop on it, and a payment sandbox.

``python -m localcloud run`` is for people, `Cloud` is for tests::

    with Cloud(state_dir=tmp, gateway_port=4700, sandbox_port=4701) as cloud:
        cloud.http.get("/api/products")

Nothing in this folder is packaged or deployed.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Cloud", "Problem"]


def __getattr__(name: str) -> Any:
    # Lazily, because `python -m localcloud` first runs on a Python without our libraries.
    if name == "Cloud":
        from localcloud.cloud import Cloud

        return Cloud
    if name == "Problem":
        from localcloud.problem import Problem

        return Problem
    raise AttributeError(name)
