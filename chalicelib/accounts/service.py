"""Who is calling; signing in, staying signed in, signing out."""

from dataclasses import dataclass

from pynamodb.expressions.condition import Condition

from chalicelib.accounts import (
    api_keys,
    challenges,
    mails,
    passwords,
    sessions,
    tokens,
    tries,
)
from chalicelib.accounts.rules import (
    ACCESS_SECONDS,
    AccountBanned,
    Session,
    SessionEnded,
    User,
    UserStatus,
    Visit,
    WrongCredentials,
    email_key,
    remembered,
)
from chalicelib.accounts.tables import EmailItem, UserItem
from chalicelib.kernel import audit, rates
from chalicelib.kernel.caller import GUEST, OWNER, ROLE_PERMISSIONS, Caller, CallerKind
from chalicelib.kernel.contact import emails
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import StaleState, TooMany, Unauthorized
from chalicelib.kernel.parameters import secrets
from chalicelib.kernel.rates import Spent
from chalicelib.kernel.web import security

_NOBODY = "nobody"


@dataclass(frozen=True)
class SignedIn:
    """A session with the tokens that go with it."""

    user: User
    session: Session
    access_token: str
    refresh_token: str
    seconds: int = ACCESS_SECONDS


def identify(bearer: str | None, api_key: str | None, *, now: int) -> Caller:
    """Who calls, by the credentials shown: none is a guest. Raises Unauthorized.

    Session and user are read each time: signing out, a ban, a new role count from the next call on.
    """
    if bearer and api_key:
        raise Unauthorized()
    if bearer:
        claims = tokens.read_access(bearer, now)
        session, user = sessions.living(claims.session_id, now)
        if user.user_id != claims.user_id:
            raise SessionEnded()
        return caller_of(user, session)
    if api_key:
        if security.same(api_key, secrets().required("admin/key")):
            return OWNER
        return api_keys.authenticate(api_key, now)
    return GUEST


def caller_of(user: User, session: Session) -> Caller:
    """A user on one of their sessions, as the rest of the shop sees them."""
    return Caller(
        kind=CallerKind.USER,
        user_id=user.user_id,
        role=user.role,
        permissions=ROLE_PERMISSIONS[user.role],
        session_id=session.session_id,
        signed_in_at=session.created_at,
    )


def find(email: str) -> UserItem | None:
    """The user whose e-mail it is, if any; the same reads either way."""
    owners = [dynamo.get(EmailItem, key) for key in emails.keys(email)]
    owner = next((one for one in owners if one is not None), None)
    return dynamo.get(UserItem, owner.user_id if owner else _NOBODY)


def sign_in(
    email: str, password: str, *, visit: Visit, now: int, answer: str | None = None
) -> SignedIn:
    """Open a session for who knows the password. `answer` is to the challenge, after a refusal.

    Raises TooMany (or ChallengeRequired, which is one) before any hash is verified;
    WrongCredentials, after one hash, whether there is no such account or another password;
    AccountBanned to who knows the password.
    """
    found = find(email)
    spent = _spend_try(found, email_key(email), visit, answer, now)
    right = passwords.matches(found.password_hash if found else None, password)
    if found is None or not right:
        record(GUEST, "sign-in", email_key(email), visit, now, WrongCredentials.code)
        raise WrongCredentials()
    tries.give_back(spent)
    user = found.as_user()
    if user.status is not UserStatus.ACTIVE:
        record(GUEST, "sign-in", email_key(email), visit, now, AccountBanned.code)
        raise AccountBanned()
    _remember(found, password, visit, now)
    session = sessions.start(user, device=visit.device, address=visit.address, now=now)
    record(caller_of(user, session), "sign-in", f"user:{user.user_id}", visit, now)
    return signed_in(user, session, now)


def _spend_try(
    found: UserItem | None, key: str, visit: Visit, answer: str | None, now: int
) -> list[Spent]:
    known, cleared = (found.known, found.cleared) if found else ({}, {})
    try:
        return tries.sign_in(key, known, cleared, visit.address, now=now)
    except TooMany as refused:
        return challenges.one_more_sign_in(refused, key, visit.address, answer, now=now)


def signed_in(user: User, session: Session, now: int) -> SignedIn:
    """A session's tokens, as they are now."""
    return SignedIn(user, session, tokens.access(user, session, now), tokens.refresh(session))


def refresh(refresh_token: str, *, visit: Visit, now: int) -> SignedIn:
    """New tokens for a refresh token; shown twice at once, the same ones twice.

    Raises TokenRefused, SessionEnded; and TokenReused for an older one, whose session ends.
    """
    session_id, n = tokens.read_refresh(refresh_token)
    try:
        session, user = sessions.rotate(session_id, n, address=visit.address, now=now)
    except sessions.TokenReused as reused:
        whose = reused.session
        record(GUEST, "session-reuse", f"user:{whose.user_id}", visit, now, "SESSION_ENDED")
        mails.session_reused(whose.user_id, whose.session_id, now)
        raise
    return signed_in(user, session, now)


def sign_out(caller: Caller, refresh_token: str | None, *, now: int) -> None:
    """End the session of the caller and the one of the refresh token; gone already is fine."""
    if caller.user_id and caller.session_id:
        sessions.end_own(caller.user_id, caller.session_id, now=now)
    if refresh_token:
        try:
            session_id, _ = tokens.read_refresh(refresh_token)
            session, _ = sessions.living(session_id, now)
        except Unauthorized:
            return
        sessions.end(session, now=now)


def sign_out_everywhere(caller: Caller, *, visit: Visit, now: int) -> None:
    """End all sessions of the caller, this one too, in one write."""
    session, user = _session_of(caller, now)
    sessions.end_all(user.user_id, session.epoch, now=now)
    record(caller, "sign-out-everywhere", f"user:{user.user_id}", visit, now)


def list_sessions(caller: Caller, *, now: int) -> list[Session]:
    """The caller's living sessions, newest first."""
    _, user = _session_of(caller, now)
    return sessions.of_user(user, now)


def end_session(caller: Caller, session_id: str, *, visit: Visit, now: int) -> None:
    """End one of the caller's sessions. Raises SessionNotFound when it is none of theirs."""
    sessions.end_own(str(caller.user_id), session_id, now=now)
    record(caller, "session-end", f"session:{session_id}", visit, now)


def _session_of(caller: Caller, now: int) -> tuple[Session, User]:
    return sessions.living(str(caller.session_id), now)


def _remember(found: UserItem, password: str, visit: Visit, now: int) -> None:
    """Know the address from now on, and hash the password anew when the parameters changed.

    Neither is needed to sign in: who loses the race against another change leaves it.
    """
    address = rates.address(visit.address)
    actions = []
    if address not in found.known:
        actions.append(UserItem.known.set(remembered(found.known, address, now)))
    if passwords.is_outdated(str(found.password_hash)):
        actions.append(UserItem.password_hash.set(passwords.hashed(password)))
    if not actions:
        return
    same_password: Condition = UserItem.password_hash == found.password_hash
    try:
        dynamo.update(
            UserItem(found.user_id),
            actions,
            condition=same_password,
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return


def record(
    actor: Caller, action: str, target: str, visit: Visit, now: int, outcome: str = audit.OK
) -> None:
    """Write a security action into the audit log, durable when this returns."""
    audit.record(
        actor,
        action,
        target,
        address=visit.address,
        request_id=visit.request_id,
        now=now,
        outcome=outcome,
    )
