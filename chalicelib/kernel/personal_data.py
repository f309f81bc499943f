"""Somebody whose traces are to be shown to them, or to be removed.

Each context that keeps anything about people has a `personal_data.py`, which knows
its own tables; `privacy` lists them. Each can be asked again and again.
"""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Person:
    """`email_key` is the digest of an e-mail that they proved to be theirs, else None: what was
    bought with an address that somebody only claims to have is not theirs to see or to erase."""

    user_id: str
    email_key: str | None
    # Digests under which older rows may know the same mailbox (kernel/contact/emails.py).
    older_keys: tuple[str, ...] = ()

    @property
    def email_keys(self) -> tuple[str, ...]:
        return (self.email_key, *self.older_keys) if self.email_key else ()


class PersonalData(Protocol):
    def export(self, person: Person, *, now: int) -> Any:
        """All that is kept about the person, for reading: plain values with camelCase names."""

    def erase(self, person: Person, *, now: int) -> bool:
        """Remove all that tells who the person is; True when nothing of it is left.

        False when something must come to its end first, e.g. a payment that is on its way.
        """
