"""Who is kept out: addresses of the net and accounts, until a time, for a reason.

There are few blocks, so each function keeps all of them: a call costs no read, and a new block
holds everywhere within five seconds. Administrators block by address, network or user; the shop
itself pauses an identity (`signals`), of which it knows the digest only.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chalicelib.kernel import cache, rates
from chalicelib.kernel.caller import OWNER, Caller
from chalicelib.kernel.db import dynamo, mapping
from chalicelib.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, StaleState
from chalicelib.kernel.ids import derived, identity
from chalicelib.security.tables import ALL, BlockItem

MEMORY_SECONDS = 5
# Each function reads them all: some 150 KB at most.
MAX_BLOCKS = 1_000
# A slip of the finger must not shut out a country.
WIDEST = {4: 16, 6: 32}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BlockKind(StrEnum):
    ADDRESS = "ADDRESS"  # an address or a network: `203.0.113.0/24`
    ACCOUNT = "ACCOUNT"  # a user's id
    IDENTITY = "IDENTITY"  # what `ids.identity` makes of either


class Blocked(Forbidden):
    """Not let in, whatever is asked."""

    code = "BLOCKED"


class BlocksYourself(Conflict):
    code = "BLOCKS_YOURSELF"


class BlockNotFound(NotFound):
    code = "BLOCK_NOT_FOUND"


class TooManyBlocks(Conflict):
    code = "TOO_MANY_BLOCKS"


@dataclass(frozen=True)
class Block:
    """Keeps `value` out until `until` (epoch seconds)."""

    block_id: str
    kind: BlockKind
    value: str
    reason: str
    until: int
    created_by: str
    created_at: int


@dataclass(frozen=True)
class _Known:
    """All blocks, sorted for the check."""

    blocks: Sequence[Block]
    # (kind, value) of those that are compared; `networks` are looked through.
    exact: dict[tuple[BlockKind, str], int]
    networks: Sequence[tuple[Network, int]]


# Out of reach, the blocks as they were hold on: shutting the shop would be the attacker's gain.
_remembered: cache.Memory[_Known] = cache.Memory(seconds=MEMORY_SECONDS, size=1)


def check(caller: Caller, source_ip: str, *, now: int) -> None:
    """Let somebody in or raise Blocked. The owner's key always opens: who else could mend it?"""
    if caller.key_id == OWNER.key_id:
        return
    known = _remembered.get_or_fetch(ALL, _read)
    found = [(BlockKind.IDENTITY, rates.address(source_ip))]
    if caller.user_id:
        found += [
            (BlockKind.ACCOUNT, caller.user_id),
            (BlockKind.IDENTITY, account(caller.user_id)),
        ]
    if any(known.exact.get(each, 0) > now for each in found):
        raise Blocked()
    address = _address(source_ip)
    if address and any(address in network and until > now for network, until in known.networks):
        raise Blocked()


def block(
    kind: BlockKind,
    value: str,
    reason: str,
    *,
    until: int,
    caller: Caller,
    source_ip: str,
    now: int,
) -> Block:
    """Keep an address, a network or an account out; blocked already, the new time and reason hold.

    Raises Invalid for a network that is none or too wide, BlocksYourself, TooManyBlocks.
    """
    value = str(_network(value)) if kind is BlockKind.ADDRESS else value
    made = _new(kind, value, reason, until, caller.name, now)
    if _covers(made, caller, source_ip):
        raise BlocksYourself()
    _make_room(made, now)
    # What an administrator says last holds, so there is nothing to compare with.
    dynamo.put(_item(made), condition=None, on_condition_failed=StaleState())
    _remembered.delete(ALL)
    return made


def pause(who: str, reason: str, *, until: int, now: int) -> bool:
    """Keep an identity (`rates.address`, `account`) out for a while; answers False when the list
    is full.

    A pause is never shortened by another one.
    """
    made = _new(BlockKind.IDENTITY, who, reason, until, "shop", now)
    try:
        _make_room(made, now)
        dynamo.put(
            _item(made),
            condition=BlockItem.block_id.does_not_exist() | (BlockItem.until < until),
            on_condition_failed=StaleState(),
        )
    except TooManyBlocks:
        return False
    except StaleState:
        pass  # out for as long already; maybe by this very call, whose reply was lost
    _remembered.delete(ALL)
    return True


def unblock(block_id: str) -> Block:
    """Let somebody in again; answers the block that was. Raises BlockNotFound."""
    item = dynamo.get(BlockItem, ALL, block_id)
    if item is None:
        raise BlockNotFound()
    dynamo.delete(item)
    _remembered.delete(ALL)
    return mapping.loaded(Block, item)


def current(now: int) -> list[Block]:
    """All blocks that hold, those that end last first; read as they are now."""
    _remembered.delete(ALL)
    found = [each for each in _remembered.get_or_fetch(ALL, _read).blocks if each.until > now]
    return sorted(found, key=lambda each: (-each.until, each.block_id))


def account(user_id: str) -> str:
    """The identity of an account, as limits and signals count it."""
    return identity("user", user_id)


def _read() -> _Known:
    items = BlockItem.query(ALL, consistent_read=True)
    blocks = [mapping.loaded(Block, item) for item in items]
    networks = [
        (_network(each.value), each.until) for each in blocks if each.kind is BlockKind.ADDRESS
    ]
    exact = {(each.kind, each.value): each.until for each in blocks}
    return _Known(blocks, exact, networks)


def _make_room(made: Block, now: int) -> None:
    """Drop what is over; raises TooManyBlocks when that is not enough.

    Two at once may both find the last place: the bound is for the size of the list, a few more do
    no harm.
    """
    known = _remembered.get_or_fetch(ALL, _read)
    if len(known.blocks) < MAX_BLOCKS:
        return
    over = [each for each in known.blocks if each.until <= now]
    for each in over:
        try:
            dynamo.delete(
                BlockItem(ALL, each.block_id),
                condition=BlockItem.block_id.does_not_exist() | (BlockItem.until <= now),
                on_condition_failed=StaleState(),
            )
        except StaleState:
            continue  # renewed meanwhile
    _remembered.delete(ALL)
    if not over and made.block_id not in {each.block_id for each in known.blocks}:
        raise TooManyBlocks(limit=MAX_BLOCKS)


def _new(kind: BlockKind, value: str, reason: str, until: int, by: str, now: int) -> Block:
    return Block(derived("blk", kind, value), kind, value, reason, until, by, now)


def _item(made: Block) -> BlockItem:
    return BlockItem(
        ALL,
        made.block_id,
        kind=made.kind,
        value=made.value,
        reason=made.reason,
        until=made.until,
        created_by=made.created_by,
        created_at=made.created_at,
    )


def _covers(made: Block, caller: Caller, source_ip: str) -> bool:
    if made.kind is BlockKind.ACCOUNT:
        return made.value == caller.user_id
    address = _address(source_ip)
    return address is not None and address in _network(made.value)


def _address(text: str) -> Any:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if found.version == 6 else found


def _network(text: str) -> Network:
    """`203.0.113.7` or `203.0.113.0/24`; raises Invalid for anything else and for too wide ones."""
    try:
        found = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise Invalid(FieldError("address", "field.network")) from error
    if found.prefixlen < WIDEST[found.version]:
        raise Invalid(FieldError("address", "field.network_wide", {"most": WIDEST[found.version]}))
    return found
