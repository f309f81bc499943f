"""Whose a user name is: one row for each, under the digest of its folded form.

Whoever registers with an address that has an account already is told nothing, and the name is taken
all the same: for the account's owner. Were it still free afterwards, that would tell. So a name is
reserved first, in either case, for some minutes where the account is still to be opened.
"""

from contextlib import suppress

from pynamodb.expressions.condition import Condition

from chalicelib.accounts.rules import LISTINGS, UsernameTaken, folded_name
from chalicelib.accounts.tables import UserItem, UsernameItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.ids import identity

# Longer than any call runs.
RESERVED_SECONDS = 900


def key(name: str) -> str:
    """The digest that makes a name unique."""
    return identity("username", folded_name(name))


def is_of(name: str | None, user_id: str) -> bool:
    """Whether the name is this user's already."""
    item = dynamo.get(UsernameItem, key(name)) if name else None
    return item is not None and item.user_id == user_id


def check_never_had(name: str, user_id: str) -> None:
    """Raises UsernameTaken when another account has the name and no row of it: one from before
    there were such rows, whose owner has not saved their profile since."""
    for listed in LISTINGS:
        for found in UserItem.by_name.query(listed, UserItem.find_name == folded_name(name)):
            # The index may show the name that somebody has just left.
            owner = dynamo.get(UserItem, found.user_id) if found.user_id != user_id else None
            if owner is not None and owner.username and key(owner.username) == key(name):
                raise UsernameTaken()


def reserve(name: str, owner_id: str, *, account: str, opens: bool, now: int) -> None:
    """Keep a name before anybody knows whether `account` will be opened.

    It is kept for `owner_id`; with `opens`, who is to be that account itself, for some minutes
    only: until the transaction that opens it takes the name. Raises UsernameTaken.
    """
    check_never_had(name, owner_id)
    dynamo.put(
        UsernameItem(
            key(name),
            user_id=owner_id,
            reserved_for=account,
            expires_at=now + RESERVED_SECONDS if opens else None,
        ),
        condition=_free_or_of(account, now) | (UsernameItem.reserved_for == account),
        on_condition_failed=UsernameTaken(),
    )


def take(tx: Transaction, name: str, user_id: str, *, now: int) -> None:
    """Make the name this user's, in the transaction that gives it to them. UsernameTaken when it is
    another one's."""
    tx.put(
        UsernameItem(key(name), user_id=user_id),
        condition=_free_or_of(user_id, now),
        on_condition_failed=UsernameTaken(),
    )


def release(tx: Transaction, name: str, user_id: str) -> None:
    """Give the name back, in the transaction that takes another; StaleState when it is not
    theirs."""
    tx.delete(
        UsernameItem(key(name)),
        condition=UsernameItem.user_id == user_id,
        on_condition_failed=StaleState(),
    )


def release_all(user_id: str) -> None:
    """Give back every name that is theirs or kept for them."""
    for found in UsernameItem.by_user.query(user_id):
        # The index may show what was: a name that another one has by now is left.
        with suppress(StaleState):
            dynamo.delete(
                UsernameItem(found.name_key),
                condition=UsernameItem.user_id == user_id,
                on_condition_failed=StaleState(),
            )


def _free_or_of(user_id: str, now: int) -> Condition:
    found: Condition = (
        UsernameItem.name_key.does_not_exist()
        | (UsernameItem.user_id == user_id)
        | (UsernameItem.expires_at <= now)
    )
    return found
