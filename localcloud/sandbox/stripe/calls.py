"""One call of Stripe's API, and what an endpoint of it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe.aftermath import Aftermath
from localcloud.sandbox.stripe.errors import no_such
from localcloud.sandbox.stripe.payer import Payer
from localcloud.sandbox.world import World


@dataclass(frozen=True)
class Call:
    """One API call: typed parameters, ids from its address, and who asks."""

    world: World
    payer: Payer
    aftermath: Aftermath
    given: dict[str, Any]
    path: dict[str, str]
    request_id: str
    key: str | None

    def found(self, kind: str, noun: str, param: str) -> Document:
        """The object that the address names; raises a 404 refusal."""
        identifier = self.path[param]
        document = self.world.store.get(kind, identifier)
        if document is None:
            raise no_such(noun, identifier, param, status=404)
        return document


Work = Callable[[Call], Document]


@dataclass(frozen=True)
class Endpoint:
    """`kind` is the call's name in faults and logs; `check` refuses before execution begins."""

    kind: str
    method: str
    path: str
    shape: type
    work: Work
    check: Callable[[dict[str, Any]], None] = lambda given: None
