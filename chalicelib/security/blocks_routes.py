"""The block list over HTTP, for administrators."""

from __future__ import annotations

from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Answer, Change, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.security import blocks, schemas

routes = Routes(__name__)


@routes.get("/api/admin/blocks", access=Permission.MANAGE_BLOCKS, gives="BlockList")
def list_blocks(request: Request) -> Answer:
    """Addresses, networks and accounts that are kept out now."""
    found = [schemas.BlockAnswer.of(each) for each in blocks.current(clock.now())]
    return Answer(schemas.BlockList(items=found))


@routes.post(
    "/api/admin/blocks",
    access=Permission.MANAGE_BLOCKS,
    gives="BlockAnswer",
    status=201,
    also=(409,),
)
def make_block(request: Request, body: schemas.BlockRequest) -> Answer:
    """Keep an address, a network or an account out for a while."""
    now = clock.now()
    kind = blocks.BlockKind.ADDRESS if body.address else blocks.BlockKind.ACCOUNT
    made = blocks.block(
        kind,
        body.address or body.user_id or "",
        body.reason,
        until=now + body.minutes * 60,
        caller=request.caller,
        source_ip=request.source_ip,
        now=now,
    )
    answer = schemas.BlockAnswer.of(made)
    return Answer(answer, change=Change(f"block:{made.block_id}", after=answer.wire()))


@routes.delete(
    "/api/admin/blocks/{block_id}",
    access=Permission.MANAGE_BLOCKS,
    gives="BlockAnswer",
)
def end_block(request: Request, block_id: str) -> Answer:
    """Let somebody in again."""
    answer = schemas.BlockAnswer.of(blocks.unblock(block_id))
    return Answer(answer, change=Change(f"block:{block_id}", before=answer.wire()))
