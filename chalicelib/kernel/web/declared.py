"""What a route says of itself: for the edge, the API document and the tests of all routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict, get_type_hints

from chalicelib.kernel.caller import Permission
from chalicelib.kernel.limits import Limit
from chalicelib.kernel.web import request as requests
from chalicelib.kernel.web.answers import Answer
from chalicelib.kernel.web.auth import Access

if TYPE_CHECKING:  # it is heavy, and a call that has no body needs none of it
    from pydantic import BaseModel

View = Callable[..., Answer]
BODY, QUERY = "body", "query"


@dataclass(frozen=True)
class Declared:
    """A route.

    `gives` is the data of the answer: the name of a class of the context's `schemas`, or
    `module.Class` of another module beside it; text, because schemas load when first used.
    `idempotent`: whether an `Idempotency-Key` answers the first answer again; `because` says why
    not. `also` are statuses that do not follow from the rest (409, 502). `summary` is one
    sentence.
    """

    method: str
    path: str
    view: View
    module: str
    access: Access | Permission
    gives: str | None = None
    status: int = 200
    limits: Sequence[Limit] = ()
    idempotent: bool = False
    because: str = ""
    also: tuple[int, ...] = ()
    summary: str = ""
    most_bytes: int = requests.MAX_BODY_BYTES
    # Whether the body may be a form's, which is answered with a redirect (303).
    form: bool = False
    # A GET that does more than read: HEAD, which looks whether something is there, leaves it be.
    effects: bool = False
    # Of a route for providers (SIGNED): the header that carries the signature over the raw body.
    signature: str = ""

    def __post_init__(self) -> None:
        for name in self._input_names:
            if not isinstance(self.view.__annotations__[name], str):
                raise TypeError(
                    f"{self.view.__module__} loads its schemas when it is imported: it lacks "
                    "`from __future__ import annotations`"
                )

    @property
    def name(self) -> str:
        return self.view.__name__

    @property
    def mutates(self) -> bool:
        return self.method != "GET"

    @property
    def path_is_secret(self) -> bool:
        """Whether the path itself opens what it names: a cart's id is unguessable."""
        return self.access is Access.HOLDER and "{cart_id}" in self.path

    @property
    def takes(self) -> type[BaseModel] | None:
        """The class of the body: what the view's parameter `body` is annotated with."""
        return self._inputs.get(BODY)

    @property
    def query(self) -> type[BaseModel] | None:
        """The class of the query string: what the view's parameter `query` is annotated with."""
        return self._inputs.get(QUERY)

    @cached_property
    def _inputs(self) -> Mapping[str, type[BaseModel]]:
        names = self._input_names
        hints = get_type_hints(self.view) if names else {}
        return {name: hints[name] for name in names}

    @property
    def _input_names(self) -> list[str]:
        # A view may be any callable, and those that tests make have no annotations.
        return [name for name in (BODY, QUERY) if name in getattr(self.view, "__annotations__", {})]


class Says(TypedDict, total=False):
    """What a route may say beside method, path and access; see `Declared`."""

    gives: str
    status: int
    limits: Sequence[Limit]
    idempotent: bool
    because: str
    also: tuple[int, ...]
    summary: str
    most_bytes: int
    form: bool
    effects: bool
    signature: str
