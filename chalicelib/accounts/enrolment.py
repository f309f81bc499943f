"""Registering, and proving that an e-mail address is one's own."""

from contextlib import suppress

from chalicelib.accounts import mails, passwords, tickets, tries, usernames
from chalicelib.accounts.rules import (
    LinkInvalid,
    Purpose,
    UserStatus,
    Visit,
    check_password,
    checked_email,
    email_key,
    listing,
)
from chalicelib.accounts.rules import username as checked_name
from chalicelib.accounts.service import find
from chalicelib.accounts.tables import EmailItem, UserItem
from chalicelib.kernel.caller import Caller, Role
from chalicelib.kernel.contact import emails
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import Unauthorized
from chalicelib.kernel.ids import derived


class _Taken(Exception):
    """The address has an account, maybe by this very call's first run."""


def register(email: str, password: str, username: str | None, *, visit: Visit, now: int) -> None:
    """Open an account, or tell the owner of the one that the address has; by mail, either way.

    Whoever registers learns nothing: both cases hash one password, write, and send one mail. Run
    again, it finds its own account (the id follows from the operation) and mails the link again.
    Raises WeakPassword, Invalid (address, name), UsernameTaken and TooMany.
    """
    email = checked_email(email)
    check_password(password)
    username = None if username is None else checked_name(username)
    # Looked for before it is known to be needed: a new address takes as long as a taken one.
    found = find(email)
    if username is not None:
        _reserve(username, found, _user_id(email, visit), now)
    tries.mail(email_key(email), now=now)
    item = _new_user(email, password, username, visit, now)
    try:
        with Transaction() as tx:
            # The address first: it is what decides.
            for key in emails.keys(email):
                tx.put(
                    EmailItem(key, user_id=item.user_id),
                    condition=EmailItem.email_key.does_not_exist(),
                    on_condition_failed=_Taken(),
                )
            if username is not None:
                usernames.take(tx, username, item.user_id, now=now)
            tx.put(item, condition=UserItem.user_id.does_not_exist(), on_condition_failed=_Taken())
    except _Taken:
        if username is not None and found is None:
            # Opened by another call in this moment: the name stays with the account there is.
            _reserve(username, find(email), item.user_id, now)
        found = found or find(email)
        _answer_the_owner(found, item.user_id, visit, now)
        return
    mails.verification(item.as_user(), visit, now)


def ask_verification(caller: Caller, *, visit: Visit, now: int) -> None:
    """Mail the link again. For a verified address there is nothing to do. Raises TooMany."""
    item = dynamo.get(UserItem, str(caller.user_id))
    if item is None:
        raise Unauthorized()
    user = item.as_user()
    if user.verified or user.email_key is None:
        return
    tries.mail(user.email_key, now=now)
    mails.verification(user, visit, now)


def verify_email(token: str, *, operation: str, now: int) -> None:
    """Believe that the address is its user's: the link was in a mail to it.

    Run again with its `operation` it is done. Raises LinkInvalid, LinkUsed.
    """
    # Done by this call's first run: nothing is left to do.
    with suppress(tickets.Mine):
        ticket, item = tickets.read(Purpose.VERIFY, token, operation, now)
        with Transaction() as tx:
            tickets.use(tx, ticket, operation, now)
            tx.update(
                UserItem(item.user_id),
                [
                    UserItem.email_verified_at.set(UserItem.email_verified_at | now),
                    UserItem.updated_at.set(now),
                ],
                # Another address by now, or nobody any more: the link proves nothing of them.
                condition=(UserItem.email_key == ticket.email_key)
                & (UserItem.status == UserStatus.ACTIVE),
                on_condition_failed=LinkInvalid(),
            )


def _answer_the_owner(found: UserItem | None, own_id: str, visit: Visit, now: int) -> None:
    owner = found.as_user() if found and found.status == UserStatus.ACTIVE else None
    if owner is not None and owner.user_id == own_id:
        mails.verification(owner, visit, now)
    else:
        mails.taken(owner, visit, now)


def _reserve(username: str, found: UserItem | None, account: str, now: int) -> None:
    """Keep the name for the account that the address has or, without one, is to have."""
    owner_id = found.user_id if found else account
    usernames.reserve(username, owner_id, account=account, opens=found is None, now=now)


def _user_id(email: str, visit: Visit) -> str:
    return derived("usr", email_key(email), visit.operation)


def _new_user(email: str, password: str, username: str | None, visit: Visit, now: int) -> UserItem:
    user_id = _user_id(email, visit)
    return UserItem(
        user_id,
        email=email,
        email_key=email_key(email),
        find_email=email.lower(),
        password_hash=passwords.hashed(password),
        username=username,
        find_name=username.lower() if username else None,
        locale=visit.locale,
        role=Role.USER,
        status=UserStatus.ACTIVE,
        created_at=now,
        updated_at=now,
        listing=listing(user_id),
    )
