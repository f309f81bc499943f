"""Whose a user name is: one row for each, under the digest of its folded form.

Access patterns
    read   whose a name is          Get     usernames (name_key), consistent
    write  take a name              Put     with the user in one transaction, once or one's own
    write  give it back             Delete  conditional on its user
    read   a person's names         Query   usernames by_user (user_id): to give all of them back

Whoever registers with an address that has an account already is told nothing, and takes the name
all the same: for the account's owner. Were it still free afterwards, that would tell.
"""

from contextlib import suppress

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import KeysOnlyProjection

from chalicelib.accounts.rules import UsernameTaken, folded_name
from chalicelib.kernel import dynamo
from chalicelib.kernel.dynamo import Document, Index
from chalicelib.kernel.errors import LostRace
from chalicelib.kernel.ids import identity
from chalicelib.kernel.transaction import Transaction


class ByUser(Index["UsernameItem"]):
    class Meta:
        index_name = "by_user"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True)


class UsernameItem(Document):
    class Meta:
        table = "usernames"

    name_key = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    # The account that was asked for when the name was taken for the owner of its address.
    taken_for = UnicodeAttribute(null=True)

    by_user = ByUser()


def key(name: str) -> str:
    """The digest that makes a name unique."""
    return identity("username", folded_name(name))


def is_of(name: str | None, user_id: str) -> bool:
    """Whether the name is this user's already."""
    item = dynamo.get(UsernameItem, key(name)) if name else None
    return item is not None and item.user_id == user_id


def check_free(name: str, user_id: str) -> None:
    """Raises UsernameTaken when the name is another one's; not for a call that runs again."""
    item = dynamo.get(UsernameItem, key(name))
    if item is not None and user_id not in (item.user_id, item.taken_for):
        raise UsernameTaken()


def take(tx: Transaction, name: str, user_id: str) -> None:
    """Make the name this user's, in the transaction that gives it to them. UsernameTaken when it is
    another one's."""
    tx.put(
        UsernameItem(key(name), user_id=user_id),
        condition=_free_or_of(user_id),
        otherwise=UsernameTaken(),
    )


def release(tx: Transaction, name: str, user_id: str) -> None:
    """Give the name back, in the transaction that takes another; LostRace when it is not theirs."""
    tx.delete(
        UsernameItem(key(name)), condition=UsernameItem.user_id == user_id, otherwise=LostRace()
    )


def reserve(name: str, user_id: str, *, taken_for: str) -> None:
    """Keep a name for a user, who may not know; nothing happens when it is another one's by now."""
    with suppress(UsernameTaken):
        dynamo.put(
            UsernameItem(key(name), user_id=user_id, taken_for=taken_for),
            condition=UsernameItem.name_key.does_not_exist(),
            otherwise=UsernameTaken(),
        )


def release_all(user_id: str) -> None:
    """Give back every name that is theirs or kept for them."""
    for found in UsernameItem.by_user.query(user_id):
        # The index may show what was: a name that another one has by now is left.
        with suppress(LostRace):
            dynamo.delete(
                UsernameItem(found.name_key),
                condition=UsernameItem.user_id == user_id,
                otherwise=LostRace(),
            )


def _free_or_of(user_id: str) -> Condition:
    free_or_theirs: Condition = UsernameItem.name_key.does_not_exist() | (
        UsernameItem.user_id == user_id
    )
    return free_or_theirs
