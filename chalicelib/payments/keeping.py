"""What payments keep about a person: whom the providers know them as."""

from typing import Any

from chalicelib.kernel.person import Person
from chalicelib.payments import customers


def export(person: Person, *, now: int) -> list[dict[str, Any]]:
    """The person's ids at the providers."""
    return customers.export(person.user_id)


def forget(person: Person, *, now: int) -> bool:
    """Have the providers forget the person; what was paid stays in their books as in ours."""
    customers.forget(person.user_id)
    return True
