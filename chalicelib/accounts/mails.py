"""What accounts tell the shop: events, from which listeners make mails.

`data.token` is the link's secret: it is in the event and in the mail, never in a log. An event of
the same operation has the same id, so that a call that is run again sends no second mail.
"""

from chalicelib.accounts import tickets
from chalicelib.accounts.rules import Purpose, User, Visit
from chalicelib.kernel import rates, telemetry
from chalicelib.kernel.ids import derived
from chalicelib.kernel.messaging import events
from chalicelib.kernel.messaging.events import Event

VERIFY = "account.verification_requested"
RESET = "account.password_reset_requested"
TAKEN = "account.email_taken"
UNKNOWN = "account.unknown_address"
CHANGED = "account.password_changed"
REUSED = "account.session_reused"


def verification(user: User, visit: Visit, now: int) -> None:
    """A link that proves the address."""
    _with_link(VERIFY, Purpose.VERIFY, user, visit, now)


def reset(user: User | None, visit: Visit, now: int) -> None:
    """A link to a new password. For nobody it is the same work, and no mail."""
    asked_from = rates.address(visit.address)
    kind = RESET if user else UNKNOWN
    _with_link(kind, Purpose.RESET, user, visit, now, asked_from=asked_from)


def taken(user: User | None, visit: Visit, now: int) -> None:
    """Somebody registered with an address that has an account: its owner is told, nobody else.

    The mail offers a new password. That is also how the owner of an address takes over an account
    that somebody else opened with it and never could verify.
    """
    _with_link(TAKEN if user else UNKNOWN, Purpose.RESET, user, visit, now)


def password_changed(user: User, visit: Visit, now: int) -> None:
    """A notice for the owner, in case it was not them."""
    _notice(_event(CHANGED, user, visit, now))


def session_reused(user_id: str, session_id: str, now: int) -> None:
    """A used refresh token was shown again, and its session ended for it."""
    data = {"userId": user_id, "sessionId": session_id}
    _notice(Event(derived("evt", REUSED, session_id), REUSED, now, data))


def _with_link(
    kind: str,
    purpose: Purpose,
    user: User | None,
    visit: Visit,
    now: int,
    *,
    asked_from: str | None = None,
) -> None:
    token = tickets.issue(purpose, user, now, asked_from=asked_from)
    events.publish(_event(kind, user, visit, now, token=token if user else ""))


def _notice(event: Event) -> None:
    """Tell what is done already: that it can't be told must not make it look undone."""
    try:
        events.publish(event)
    except Exception as error:
        telemetry.logger().warning("event not published", exc_info=error)


def _event(kind: str, user: User | None, visit: Visit, now: int, **more: str) -> Event:
    whose = {"userId": user.user_id, "email": user.email, "locale": user.locale} if user else {}
    event_id = derived("evt", kind, user.user_id if user else "", visit.operation)
    return Event(event_id, kind, now, {**whose, **more})
