"""What stock keeps about a person: how much of their allowance of open holds they use."""

from chalicelib.inventory.tables import AllowanceItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.ids import identity
from chalicelib.kernel.personal_data import Person


def export(person: Person, *, now: int) -> int:
    """How many holds are noted in their name."""
    items = (dynamo.get(AllowanceItem, name) for name in _names(person))
    return sum(len(item.open_holds or ()) for item in items if item)


def erase(person: Person, *, now: int) -> bool:
    """Delete the notes: what they count has ended with the carts and orders."""
    for name in _names(person):
        dynamo.delete(AllowanceItem(name))
    return True


def _names(person: Person) -> list[str]:
    return [identity("user", person.user_id), *person.email_keys]
