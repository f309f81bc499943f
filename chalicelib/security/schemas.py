"""Requests and answers of the block list and the audit log."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.kernel import clock
from chalicelib.kernel.audit import Entry
from chalicelib.kernel.web.schema import Body, Id, Query, Wire, text_field
from chalicelib.security.audit_log import AuditFilter
from chalicelib.security.blocks import Block

YEAR_MINUTES = 366 * 24 * 60
MAX_ENTRIES = 100


class BlockRequest(Body):
    """Whom to keep out, an address (or network) or a user, for how long and why."""

    address: Annotated[str, text_field(49)] | None = None
    user_id: Id | None = None
    minutes: Annotated[int, Field(strict=True, ge=1, le=YEAR_MINUTES)]
    reason: Annotated[str, text_field(200)]

    @model_validator(mode="after")
    def _one_of_them(self) -> "BlockRequest":
        if (self.address is None) == (self.user_id is None):
            raise PydanticCustomError("one_of", "an address or a user")
        return self


class BlockAnswer(Wire):
    id: str
    kind: Literal["ADDRESS", "ACCOUNT", "IDENTITY"]
    value: str
    reason: str
    until: str
    created_by: str
    created_at: str

    @classmethod
    def of(cls, block: Block) -> "BlockAnswer":
        return cls(
            id=block.block_id,
            kind=block.kind.value,
            value=block.value,
            reason=block.reason,
            until=clock.iso(block.until),
            created_by=block.created_by,
            created_at=clock.iso(block.created_at),
        )


class BlockList(Wire):
    items: list[BlockAnswer]


class AuditQuery(Query):
    """Filters of the audit log; `from` and `to` are times (or days) in ISO 8601."""

    actor: Annotated[str, text_field(100)] | None = None
    action: Annotated[str, text_field(100)] | None = None
    target: Annotated[str, text_field(200)] | None = None
    since: Annotated[datetime | None, Field(alias="from")] = None
    until: Annotated[datetime | None, Field(alias="to")] = None
    page_size: Annotated[int, Field(ge=1, le=MAX_ENTRIES)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class EntryAnswer(Wire):
    id: str
    at: str
    actor: str
    action: str
    target: str
    outcome: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str
    request_id: str

    @classmethod
    def of(cls, entry: Entry) -> "EntryAnswer":
        return cls(
            id=entry.entry_id,
            at=clock.iso(entry.at),
            actor=entry.actor,
            action=entry.action,
            target=entry.target,
            outcome=entry.outcome,
            before=dict(entry.before) if entry.before is not None else None,
            after=dict(entry.after) if entry.after is not None else None,
            address=entry.address,
            request_id=entry.request_id,
        )


class AuditPage(Wire):
    """The newest first. A page may be short, even empty, and still go on: what it looks through
    is bounded, what it finds depends on the filters."""

    items: list[EntryAnswer]
    next_cursor: str | None


def wanted(query: AuditQuery) -> AuditFilter:
    """The filters as the log takes them."""
    return AuditFilter(
        actor=query.actor,
        action=query.action,
        target=query.target,
        since=_seconds(query.since),
        until=_seconds(query.until),
    )


def _seconds(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    # A time without a zone is one of the shop's: UTC.
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
