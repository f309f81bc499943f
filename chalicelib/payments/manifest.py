"""What a provider's folder says of itself: its payment methods, its webhook, its parameters.

Each folder (or file, while it is small) in `providers/` has a `MANIFEST`. What needs to know which
providers there are reads these: the registry, the webhooks' routes, what is read from SSM. It is
read at cold start, so a folder's `__init__.py` imports nothing but this.
"""

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from chalicelib.payments import providers


@dataclass(frozen=True)
class Webhook:
    """Where a provider sends its webhooks. `method` is the payment method that verifies and reads
    them, `signature` the header that carries the signature over the raw body."""

    method: str
    # Under /api/, or the CDN needs a behaviour of its own for it (infra/edge.yaml).
    path: str
    signature: str
    # Whether `verify` may take a call out, which is spent from an allowance of whoever posts.
    counted: bool = False
    # Whether the provider wants the text `ok`, in place of JSON.
    answers_ok: bool = False


@dataclass(frozen=True)
class Manifest:
    """A provider, whose `name` is for people.

    `methods` are its payment methods, each with the module in the folder that has `make()`; ""
    is the folder (or file) itself. `billing` likewise, for those that take money again and again.
    `capabilities` is the module that says what all of them can do, as `CAPABILITIES`, without
    loading what speaks to the provider: a page that only offers its methods asks for it as well.
    `parameters` are the names in SSM that it reads, ten at most: one call reads them all.
    """

    name: str
    methods: Mapping[str, str]
    webhook: Webhook | None = None
    billing: Mapping[str, str] | None = None
    capabilities: str = "capabilities"
    parameters: Sequence[str] = ()


@cache
def found() -> Mapping[str, Manifest]:
    """Every provider's manifest, by the name of its module."""
    names = sorted(f"{providers.__name__}.{each.name}" for each in _modules())
    return {name: import_module(name).MANIFEST for name in names}


def _modules() -> list[pkgutil.ModuleInfo]:
    return list(pkgutil.iter_modules(providers.__path__))
