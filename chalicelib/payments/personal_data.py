"""What payments keep about a person: whom the providers know them as."""

from typing import Any

from chalicelib.kernel.personal_data import Person
from chalicelib.payments import customers


def export(person: Person, *, now: int) -> list[dict[str, Any]]:
    """The person's ids at the providers."""
    return customers.export(person.user_id)


def erase(person: Person, *, now: int) -> bool:
    """Have the providers forget the person; what was paid stays in their books as in ours."""
    customers.forget(person.user_id)
    return True
