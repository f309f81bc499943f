"""Modules of the shop run when they are used; who looks at all of them has to use each."""

import pkgutil
from importlib import import_module

import chalicelib


def run_every_module() -> None:
    for found in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        assert import_module(found.name).__doc__, f"{found.name} says nothing of itself"
