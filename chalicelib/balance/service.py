"""The use cases of balances: what is there, and moving it, each movement once.

A movement is one transaction of two writes: its entry, which is written only once, and the balance,
which must still be in the version in which it was read. So no movement is made twice, none takes
what is not there, and what the ledger says before and after is what was.
"""

from typing import Any

from chalicelib.balance.rules import Balance, BalanceTooLow, Entry, Movement, Reason
from chalicelib.balance.rules import entry_id as entry_id_of
from chalicelib.balance.tables import BalanceItem, EntryItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.money import Money
from chalicelib.kernel.web import cursor as cursors


def read(user_id: str, currency: str) -> Balance:
    """What a user has in a currency; nothing where there never was anything."""
    item = dynamo.get(BalanceItem, user_id, currency)
    return item.as_balance() if item else Balance(user_id, Money(0, currency))


def read_all(user_id: str) -> list[Balance]:
    """What a user has, by currency."""
    found = BalanceItem.query(user_id, consistent_read=True)
    return [item.as_balance() for item in found]


def find(entry_id: str) -> Entry | None:
    """The movement of that id, if it was made, or closed."""
    item = dynamo.get(EntryItem, entry_id)
    return item.as_entry() if item else None


def move(tx: Transaction, movement: Movement, *, now: int, on: Balance | None = None) -> None:
    """Make a movement as a part of somebody's transaction; `on` is the balance as it was read.

    Raises BalanceTooLow. StaleState when the balance has moved since, or this movement is made
    already: whoever opened the transaction reads anew. One of a balance to a transaction.
    """
    balance = on or read(movement.user_id, movement.amount.currency)
    after = balance.amount + movement.amount
    if after.amount < 0:
        raise BalanceTooLow(there=balance.amount.decimal())
    version = balance.version + 1
    entry = EntryItem(
        movement.entry_id,
        user_id=movement.user_id,
        place=f"{now:012d}#{after.currency}#{version:09d}",
        currency=after.currency,
        amount=movement.amount.amount,
        reason=movement.reason,
        reference=movement.reference,
        operator=movement.operator,
        note=movement.note,
        before=balance.amount.amount,
        after=after.amount,
        version=version,
        at=now,
    )
    tx.put(entry, condition=_not_made(), on_condition_failed=StaleState())
    tx.update(
        BalanceItem(movement.user_id, after.currency),
        [
            BalanceItem.amount.set(after.amount),
            BalanceItem.version.set(version),
            BalanceItem.updated_at.set(now),
        ],
        condition=_unmoved(balance),
        on_condition_failed=StaleState(),
    )


def make(movement: Movement, *, now: int) -> Entry:
    """Make a movement by itself; made already, nothing more happens. Answers its entry, which is
    `closed` when it can't be made any more. Raises BalanceTooLow."""

    def attempt() -> Entry:
        made = find(movement.entry_id)
        if made is not None:
            return made
        try:
            with Transaction() as tx:
                move(tx, movement, now=now)
        except BalanceTooLow:
            # Another run of this very movement may have taken it since.
            made = find(movement.entry_id)
            if made is None:
                raise
        return made or _made(movement.entry_id)

    return retry_on_conflict(attempt)


def adjust(user_id: str, amount: Money, *, note: str, by: str, operation: str, now: int) -> Entry:
    """An administrator's hand: the same `operation` moves once. Raises BalanceTooLow."""
    movement = Movement(
        entry_id_of("adjust", operation),
        user_id,
        amount,
        Reason.ADMIN_ADJUST,
        operation,
        operator=by,
        note=note,
    )
    return make(movement, now=now)


def close(entry_id: str, currency: str, *, now: int) -> Entry:
    """See to it that a movement which was not made never will be; answers how it stands."""
    item = EntryItem(
        entry_id,
        currency=currency,
        amount=0,
        reason=Reason.CLOSED,
        reference=entry_id,
        at=now,
    )
    try:
        dynamo.put(item, condition=_not_made(), on_condition_failed=StaleState())
    except StaleState:
        return _made(entry_id)
    return item.as_entry()


def give_back(payment: Entry, amount: Money, *, entry_id: str, now: int) -> Entry | None:
    """Give something of a payment from a balance back into it, once; None when that would be more
    than was paid."""
    if payment.user_id is None:
        return None
    user_id = payment.user_id

    def attempt() -> Entry | None:
        made = find(entry_id)
        paid = _made(payment.entry_id)
        if made is not None:
            return made
        after = paid.refunded + amount
        if Money(0, amount.currency) - paid.amount < after:
            return None
        back = Movement(entry_id, user_id, amount, Reason.REFUND, payment.reference)
        with Transaction() as tx:
            move(tx, back, now=now)
            tx.update(
                EntryItem(paid.entry_id),
                [EntryItem.refunded.set(after.amount)],
                condition=_not_more(paid),
                on_condition_failed=StaleState(),
            )
        return _made(entry_id)

    return retry_on_conflict(attempt)


def page(user_id: str, *, size: int, cursor: str | None) -> tuple[list[Entry], str | None]:
    """A user's movements, the newest first, and where the list goes on. Raises CursorInvalid."""
    scope = f"balance#{user_id}"
    after = cursors.unseal(scope, cursor) if cursor else None
    place = dynamo.position(user_id=user_id, entry_id=after[0], place=after[1]) if after else None
    found = EntryItem.by_user.query(
        user_id, scan_index_forward=False, limit=size, last_evaluated_key=place
    )
    items = list(found)
    entries = [item.as_entry() for item in items]
    if not items or found.last_evaluated_key is None:
        return entries, None
    return entries, cursors.seal(scope, [items[-1].entry_id, items[-1].place])


def _made(entry_id: str) -> Entry:
    entry = find(entry_id)
    if entry is None:
        raise RuntimeError(f"balance entry {entry_id} is gone: entries are never deleted")
    return entry


def _not_made() -> Any:
    """This movement was neither made nor closed."""
    return EntryItem.entry_id.does_not_exist()


def _unmoved(balance: Balance) -> Any:
    """Nothing has moved since it was read: what was enough then is enough now."""
    if balance.version == 0:
        return BalanceItem.user_id.does_not_exist()
    return BalanceItem.version == balance.version


def _not_more(paid: Entry) -> Any:
    """No more of this payment went back than when it was read."""
    return EntryItem.refunded == paid.refunded.amount
