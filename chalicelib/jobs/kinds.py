"""What a context says of a kind of job. It stands in the context's `job_kinds.py`, as `KINDS`:

    KINDS = (
        RowKind(
            name="products.status", permission=Permission.EDIT_PRODUCT,
            row=schemas.StatusRow, key="productId", apply=apply, undo=undo,
        ),
    )

    def apply(row: StatusRow, step: RowStep) -> Result:
        before = read(row.product_id)                 # raises ProductNotFound: a failed row
        result = Result(f"product:{…}", before=…, after=…)
        if not step.dry_run:
            with Transaction() as tx:
                write(tx, …)
                step.done(tx, result)                 # the row's result: with its effect, or not
        return result

`apply` may run again for the same row, after a crash or a lost reply. What it writes together with
`step.done` happens once. What can't be in one transaction (a provider's call) goes by
`step.operation`, which is the same on each try, and must find what an earlier try did.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel

from chalicelib.kernel.caller import Permission
from chalicelib.kernel.db.transaction import ExtraWrites, Transaction
from chalicelib.kernel.messaging.rows import ROW_SECONDS
from chalicelib.kernel.web.schema import Body

Json = Mapping[str, Any]


class NoParams(Body):
    """A kind of job that takes no parameters."""


@dataclass(frozen=True)
class Result:
    """What came of a row: what it was about (`product:<id>`), and its values before and after, as
    far as they changed; plain values without fractions. An inverse goes by `before`."""

    target: str
    before: Json = field(default_factory=dict)
    after: Json = field(default_factory=dict)


class RowStep(Protocol):
    """What a row's work may know of its job. `operation` is the row's own name, the same on each
    try; `actor` is who began the job (`user:<id>`)."""

    @property
    def dry_run(self) -> bool: ...
    @property
    def operation(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def now(self) -> int: ...

    def done(self, tx: Transaction, result: Result) -> None:
        """Add the row's result, and its entry in the audit log, to the transaction of its effect.
        The transaction fails with AlreadyWritten when the row was done before."""


@dataclass(frozen=True)
class Walked:
    """What one slice of a walk came to: where it goes on (None at the end), how many rows of it
    went well and failed, and rows that are to be worked on, each by itself."""

    cursor: Json | None
    done: int = 0
    failed: int = 0
    rows: Sequence[Json] = ()


class WalkStep(Protocol):
    """What a slice's work may know of its job."""

    @property
    def job_id(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def now(self) -> int: ...

    def done(self, tx: Transaction, walked: Walked) -> None:
        """Add how far the walk came to the transaction of what the slice wrote. It fails with
        StaleState when another worker has done the slice."""


@dataclass(frozen=True)
class Beginning:
    """A job that is about to begin."""

    job_id: str
    actor: str
    params: Any
    now: int


@dataclass(frozen=True)
class Due:
    """A job that the schedule begins: under this name it begins once."""

    operation: str
    params: Json = field(default_factory=dict)


def _nothing_more(beginning: Beginning) -> ExtraWrites:
    return lambda tx: None


def _never(now: int) -> Due | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of job. `params` is the schema of its parameters.

    `begin` may refuse a job, and adds writes to the transaction that begins it. `due` is what the
    schedule begins by itself, if anything is due at this time.
    """

    name: str
    permission: Permission
    params: type[BaseModel] = NoParams
    begin: Callable[[Beginning], ExtraWrites] = _nothing_more
    due: Callable[[int], Due | None] = _never


@dataclass(frozen=True, kw_only=True)
class RowKind(Kind):
    """Each row by itself, and each has a result. Rows are worked on in no order, many at once.

    `row` is a row's schema, and `key` the field (as it is sent) that names what the row is about:
    no two rows of a job have the same. `undo` takes a row back, by the result that it had.
    `select` makes the rows where nobody sends them: the page of them after a cursor.
    """

    row: type[BaseModel]
    key: str
    apply: Callable[[Any, RowStep], Result]
    undo: Callable[[Any, Result, RowStep], Result] | None = None
    select: Callable[[Any, Json | None], Walked] | None = None


@dataclass(frozen=True, kw_only=True)
class WalkKind(Kind):
    """A walk through something large, a slice at a time, whose rows have no results of their own.
    A slice that was cut off is done again, after the same cursor. No slice begins with less time
    left than `seconds`."""

    walk: Callable[[Any, Json | None, WalkStep], Walked]
    seconds: float = ROW_SECONDS
