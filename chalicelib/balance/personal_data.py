"""What balances keep about a person: what they have, how it moved, and what was written to it.

Forgotten is what somebody wrote; the amounts stay under the owner's id, which tells nobody who it
was once the account is empty. What was left stays owed in the books: nobody can spend it any more,
but erasing must not take anybody's money, and the owner of the shop can still pay it out.
"""

from typing import Any

from chalicelib.balance import schemas, service
from chalicelib.balance.tables import EntryItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.personal_data import Person

LOCALE = "en"


def export(person: Person, *, now: int) -> dict[str, Any]:
    """The balances, and all movements, the newest first."""
    found = EntryItem.by_user.query(person.user_id, scan_index_forward=False)
    entries = [schemas.MovementAnswer.of(item.as_entry(), LOCALE).wire() for item in found]
    return {
        "balances": [one.amount.wire() for one in service.read_all(person.user_id)],
        "movements": entries,
    }


def erase(person: Person, *, now: int) -> bool:
    """Take out of each movement what somebody wrote about it."""
    for found in EntryItem.by_user.query(person.user_id):
        if found.note is not None:
            dynamo.update(
                EntryItem(found.entry_id),
                [EntryItem.note.remove()],
                condition=EntryItem.entry_id.exists(),
                on_condition_failed=StaleState(),
            )
    return True
