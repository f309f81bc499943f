"""What accounts tell the shop: events, from which listeners make mails.

`data.token` is the link's secret: it is in the event and in the mail, never in a log. An event of
the same operation has the same id, so that a call that is run again sends no second mail.
"""

from chalicelib.accounts import tickets
from chalicelib.accounts.events import (
    EmailTaken,
    PasswordChanged,
    PasswordResetRequested,
    SessionReused,
    UnknownAddress,
    VerificationRequested,
)
from chalicelib.accounts.rules import Purpose, User, Visit
from chalicelib.kernel import rates, telemetry
from chalicelib.kernel.ids import derived
from chalicelib.kernel.messaging import events
from chalicelib.kernel.messaging.events import Event, EventData

LinkMail = type[VerificationRequested] | type[PasswordResetRequested] | type[EmailTaken]


def verification(user: User, visit: Visit, now: int) -> None:
    """A link that proves the address."""
    _with_link(VerificationRequested, Purpose.VERIFY, user, visit, now)


def reset(user: User | None, visit: Visit, now: int) -> None:
    """A link to a new password. For nobody it is the same work, and no mail."""
    asked_from = rates.address(visit.address)
    _with_link(PasswordResetRequested, Purpose.RESET, user, visit, now, asked_from=asked_from)


def taken(user: User | None, visit: Visit, now: int) -> None:
    """Somebody registered with an address that has an account: its owner is told, nobody else.

    The mail offers a new password. That is also how the owner of an address takes over an account
    that somebody else opened with it and never could verify.
    """
    _with_link(EmailTaken, Purpose.RESET, user, visit, now)


def password_changed(user: User, visit: Visit, now: int) -> None:
    """A notice for the owner, in case it was not them."""
    data = PasswordChanged(user_id=user.user_id, email=user.email, locale=user.locale)
    _notice(_event(data, user, visit, now))


def session_reused(user_id: str, session_id: str, now: int) -> None:
    """A used refresh token was shown again, and its session ended for it."""
    data = SessionReused(user_id=user_id, session_id=session_id)
    _notice(events.made(data, id=derived("evt", data.type, session_id), at=now))


def _with_link(
    mail: LinkMail,
    purpose: Purpose,
    user: User | None,
    visit: Visit,
    now: int,
    *,
    asked_from: str | None = None,
) -> None:
    token = tickets.issue(purpose, user, now, asked_from=asked_from)
    data: EventData = UnknownAddress()
    if user:
        data = mail(user_id=user.user_id, email=user.email, locale=user.locale, token=token)
    events.publish(_event(data, user, visit, now))


def _notice(event: Event) -> None:
    """Tell what is done already: that it can't be told must not make it look undone."""
    try:
        events.publish(event)
    except Exception as error:
        telemetry.logger().warning("event not published", exc_info=error)


def _event(data: EventData, user: User | None, visit: Visit, now: int) -> Event:
    event_id = derived("evt", data.type, user.user_id if user else "", visit.operation)
    return events.made(data, id=event_id, at=now)
