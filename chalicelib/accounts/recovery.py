"""A new password: by a link when the old one is forgotten, by the old one when it is not."""

from contextlib import suppress

from pynamodb.expressions.update import Action

from chalicelib.accounts import mails, passwords, sessions, tickets, tries
from chalicelib.accounts.rules import (
    ChangedMeanwhile,
    LinkInvalid,
    Purpose,
    UserStatus,
    Visit,
    WrongPassword,
    check_password,
    email_key,
    remembered,
)
from chalicelib.accounts.service import SignedIn, caller_of, find, record, signed_in
from chalicelib.accounts.tables import SessionItem, UserItem
from chalicelib.kernel import rates
from chalicelib.kernel.caller import GUEST, Caller
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import Image
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import Unauthorized


def forgot(email: str, *, visit: Visit, now: int) -> None:
    """Mail a link to a new password. For an unknown address the same work is done, in vain.

    Raises TooMany.
    """
    tries.mail(email_key(email), now=now)
    found = find(email)
    active = found is not None and found.status == UserStatus.ACTIVE
    mails.reset(found.as_user() if found is not None and active else None, visit, now)


def reset(token: str, password: str, *, visit: Visit, now: int) -> None:
    """Set a new password by a link: one use, and all sessions end. It also proves the address.

    Run again with its operation it is done. Raises WeakPassword, LinkInvalid, LinkUsed.
    """
    check_password(password, "newPassword")
    try:
        user_id = _reset_once(token, password, visit, now)
    except tickets.Mine as mine:
        user_id = mine.user_id
    record(GUEST, "password-reset", f"user:{user_id}", visit, now)
    user = dynamo.get(UserItem, user_id)
    if user is not None:
        mails.password_changed(user.as_user(), visit, now)


def _reset_once(token: str, password: str, visit: Visit, now: int) -> str:
    ticket, item = tickets.read(Purpose.RESET, token, visit.operation, now)
    here = rates.address(visit.address)
    known = remembered(item.known, here, now)
    # Where the owner is, was before, and sat when the link was asked for.
    cleared = dict.fromkeys({*known, *([ticket.asked_from] if ticket.asked_from else [])}, now)
    with Transaction() as tx:
        tickets.use(tx, ticket, visit.operation, now)
        tx.update(
            UserItem(item.user_id),
            [
                *_new_password(passwords.hashed(password), now),
                UserItem.epoch.set(UserItem.epoch + 1),
                UserItem.email_verified_at.set(UserItem.email_verified_at | now),
                # Who reads the mailbox is the owner: strangers' guesses no longer keep them out.
                UserItem.known.set(known),
                UserItem.cleared.set(cleared),
            ],
            condition=(UserItem.email_key == ticket.email_key)
            & (UserItem.password_n == ticket.password_n)
            & (UserItem.status == UserStatus.ACTIVE),
            on_condition_failed=LinkInvalid(),
        )
    return item.user_id


def change(caller: Caller, current: str, password: str, *, visit: Visit, now: int) -> SignedIn:
    """Set a new password by the current one. All sessions end; the caller gets a new one.

    Of two at once one wins, the other is told ChangedMeanwhile. Raises WrongPassword, WeakPassword.
    """
    check_password(password, "newPassword")
    item = dynamo.get(UserItem, str(caller.user_id))
    if item is None:
        raise Unauthorized()
    if not passwords.matches(item.password_hash, current):
        record(caller, "password-change", f"user:{item.user_id}", visit, now, WrongPassword.code)
        raise WrongPassword()
    fresh = sessions.opened(
        item.as_user(),
        epoch=int(item.epoch) + 1,
        device=visit.device,
        address=visit.address,
        now=now,
    )
    _write_change(item, passwords.hashed(password), fresh, now)
    session = fresh.as_session()
    record(
        caller_of(item.as_user(), session), "password-change", f"user:{item.user_id}", visit, now
    )
    mails.password_changed(item.as_user(), visit, now)
    return signed_in(item.as_user(), session, now)


class _Landed(Exception):
    """The write is in the table already: this call's own first try, whose reply was lost."""


def _write_change(item: UserItem, password_hash: str, fresh: SessionItem, now: int) -> None:
    """The new hash and the new session at once, if the user is still as they were read."""

    def meaning(before: Image) -> Exception:
        # Every hash has a salt of its own.
        return _Landed() if before.get("password_hash") == password_hash else ChangedMeanwhile()

    with suppress(_Landed), Transaction() as tx:
        tx.update(
            UserItem(item.user_id),
            [*_new_password(password_hash, now), UserItem.epoch.set(fresh.epoch)],
            condition=(UserItem.password_hash == item.password_hash)
            & (UserItem.epoch == item.epoch)
            & (UserItem.status == UserStatus.ACTIVE),
            on_condition_failed=meaning,
        )
        tx.put(
            fresh,
            condition=SessionItem.session_id.does_not_exist(),
            on_condition_failed=ChangedMeanwhile(),
        )


def _new_password(password_hash: str, now: int) -> list[Action]:
    return [
        UserItem.password_hash.set(password_hash),
        UserItem.password_n.set(UserItem.password_n + 1),
        UserItem.updated_at.set(now),
    ]
