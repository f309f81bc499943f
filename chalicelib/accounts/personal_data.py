"""What accounts keep about a person: themselves, where they signed in, where they live.

The user's own row is emptied by `erasure` in the write that begins it; here is all the rest.
"""

from typing import Any

from chalicelib.accounts import addresses, schemas, user_schemas, usernames
from chalicelib.accounts.rules import Session
from chalicelib.accounts.tables import SessionItem, TicketItem, UserItem
from chalicelib.kernel import audit, clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.personal_data import Person
from chalicelib.kernel.web import idempotency

# Deeds shown of the audit log: the newest ones. Nobody signs in more often in a year.
MAX_DEEDS = 1000


def export(person: Person, *, now: int) -> dict[str, Any]:
    """Profile, addresses, sessions, and what the log says that the person did."""
    item = dynamo.get(UserItem, person.user_id)
    sessions = SessionItem.by_user.query(person.user_id, scan_index_forward=False)
    return {
        "profile": schemas.UserAnswer.of(item.as_user()).wire() if item else None,
        "addresses": user_schemas.AddressList.of(addresses.read(person.user_id)).wire()["items"],
        "sessions": [_session_wire(each.as_session()) for each in sessions],
        "deeds": [
            {"at": clock.iso(entry.at), "action": entry.action, "outcome": entry.outcome}
            for entry in audit.of_actor(f"user:{person.user_id}", limit=MAX_DEEDS)
        ],
    }


def erase(person: Person, *, now: int) -> bool:
    """Delete sessions, tickets, the address book, names and answers kept for repeated calls."""
    for session in SessionItem.by_user.query(person.user_id):
        dynamo.delete(SessionItem(session.session_id))
    for ticket in TicketItem.by_user.query(person.user_id):
        dynamo.delete(TicketItem(ticket.digest))
    addresses.forget(person.user_id)
    usernames.release_all(person.user_id)
    idempotency.forget(f"user:{person.user_id}")
    return True


def _session_wire(session: Session) -> dict[str, Any]:
    """A session, the ended ones too, since they are kept."""
    ended = session.ended_at
    return {
        **schemas.SessionAnswer.of(session, None).wire(),
        "endedAt": None if ended is None else clock.iso(ended),
    }
