"""Sessions: opened at sign-in, rotated by refresh tokens, ended here or everywhere.

A session names the user's epoch it was opened in; raising the epoch ends all of them in one write,
whatever an index may not have seen yet.
"""

from itertools import islice

from chalicelib.accounts.rules import (
    REFRESH_SECONDS,
    SESSION_SECONDS,
    USES_KEPT,
    Rotation,
    Session,
    SessionEnded,
    User,
    rotation,
)
from chalicelib.accounts.tables import SessionItem, UserItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import Image
from chalicelib.kernel.db.transaction import retry_on_conflict
from chalicelib.kernel.errors import NotFound, StaleState
from chalicelib.kernel.ids import token

MAX_SHOWN = 100
MAX_READ = 500
MAX_DEVICE = 200


class SessionNotFound(NotFound):
    code = "SESSION_NOT_FOUND"


class TokenReused(SessionEnded):
    """A refresh token that was used before is shown again: somebody has a copy."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session


def opened(user: User, *, epoch: int, device: str, address: str, now: int) -> SessionItem:
    """A new session, to be stored."""
    return SessionItem(
        token("ses"),
        user_id=user.user_id,
        epoch=epoch,
        n=1,
        device=device[:MAX_DEVICE],
        address=address,
        created_at=now,
        last_seen=now,
        expires_at=now + REFRESH_SECONDS,
        ends_at=now + SESSION_SECONDS,
    )


def start(user: User, *, device: str, address: str, now: int) -> Session:
    """Open a session. Run again it is another one, which its user sees and can end."""
    item = opened(user, epoch=user.epoch, device=device, address=address, now=now)
    try:
        dynamo.put(
            item,
            condition=SessionItem.session_id.does_not_exist(),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        # The id is new: it can only be this very write, repeated by the SDK.
        return item.as_session()
    return item.as_session()


def living(session_id: str, now: int) -> tuple[Session, User]:
    """A session that is in force, and its user: two consistent reads. Raises SessionEnded."""
    session = dynamo.get(SessionItem, session_id)
    user = dynamo.get(UserItem, session.user_id) if session else None
    if session is None or user is None:
        raise SessionEnded()
    found, whose = session.as_session(), user.as_user()
    if not found.lives(whose, now):
        raise SessionEnded()
    return found, whose


def rotate(session_id: str, n: int, *, address: str, now: int) -> tuple[Session, User]:
    """Use the n-th refresh token up; answers the session with its next count.

    Of many at once one rotates, the others are told the same. Raises TokenReused, after ending the
    session, when the token's time was over already; SessionEnded when the session's is.
    """

    def attempt() -> tuple[Session, User]:
        session, user = living(session_id, now)
        match rotation(session, n, now):
            case Rotation.ROTATE:
                return _rotated(session, address, now), user
            case Rotation.REPEAT:
                return session, user
            case Rotation.REUSE:
                end(session, now=now)
                raise TokenReused(session)

    return retry_on_conflict(attempt)


def _rotated(session: Session, address: str, now: int) -> Session:
    item = dynamo.update(
        SessionItem(session.session_id),
        [
            SessionItem.n.set(session.n + 1),
            SessionItem.used_at.set([*session.used_at, now][-USES_KEPT:]),
            SessionItem.last_seen.set(now),
            SessionItem.address.set(address),
            SessionItem.expires_at.set(min(now + REFRESH_SECONDS, session.ends_at)),
        ],
        # Not ended since it was read; and the count is the one whose token was shown.
        condition=(SessionItem.n == session.n) & SessionItem.ended_at.does_not_exist(),
        on_condition_failed=StaleState(),
    )
    return item.as_session()


def end(session: Session, *, now: int) -> None:
    """End a session; that it had ended is no error."""
    try:
        dynamo.update(
            SessionItem(session.session_id),
            [SessionItem.ended_at.set(now)],
            condition=SessionItem.session_id.exists() & SessionItem.ended_at.does_not_exist(),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return


def end_own(user_id: str, session_id: str, *, now: int) -> None:
    """End one of a user's sessions. Raises SessionNotFound when it is not theirs."""

    def meaning(before: Image) -> Exception:
        return _Ended() if before.get("user_id") == user_id else SessionNotFound()

    try:
        dynamo.update(
            SessionItem(session_id),
            [SessionItem.ended_at.set(now)],
            condition=(SessionItem.user_id == user_id) & SessionItem.ended_at.does_not_exist(),
            on_condition_failed=meaning,
        )
    except _Ended:
        return


def end_all(user_id: str, epoch: int, *, now: int) -> None:
    """End all sessions of this epoch; that they had ended is no error."""
    try:
        dynamo.update(
            UserItem(user_id),
            [UserItem.epoch.set(epoch + 1), UserItem.updated_at.set(now)],
            condition=UserItem.epoch == epoch,
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return


def of_user(user: User, now: int) -> list[Session]:
    """A user's living sessions, newest first, a hundred at most. For showing."""
    found = SessionItem.by_user.query(user.user_id, scan_index_forward=False, limit=MAX_READ)
    living_ones = (each for each in map(SessionItem.as_session, found) if each.lives(user, now))
    return list(islice(living_ones, MAX_SHOWN))


class _Ended(Exception):
    """It had ended before."""
