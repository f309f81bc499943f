"""What mails carry: a token for one purpose, one user, one use and a short time."""

import hashlib
from contextlib import suppress

from chalicelib.accounts.rules import (
    RESET_SECONDS,
    VERIFY_SECONDS,
    LinkInvalid,
    LinkUsed,
    Purpose,
    User,
    UserStatus,
)
from chalicelib.accounts.tables import TicketItem, UserItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import Image
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.ids import token

SECONDS = {Purpose.VERIFY: VERIFY_SECONDS, Purpose.RESET: RESET_SECONDS}
NOBODY = "nobody"
MAX_TOKEN = 64


def made(
    purpose: Purpose, user: User | None, now: int, *, asked_from: str | None = None
) -> tuple[str, TicketItem]:
    """A new token and the ticket to store for it; without a user it is good for nothing.

    `asked_from` (`rates.address`) is where somebody sits who can't sign in and asks for it.
    """
    text = token(purpose.lower())
    item = TicketItem(
        _digest(text),
        purpose=purpose,
        user_id=user.user_id if user else NOBODY,
        email_key=(user and user.email_key) or NOBODY,
        password_n=user.password_n if user else 0,
        created_at=now,
        expires_at=now + SECONDS[purpose],
        asked_from=asked_from,
    )
    return text, item


def issue(purpose: Purpose, user: User | None, now: int, *, asked_from: str | None = None) -> str:
    """Store a new ticket and answer its token, which stands nowhere else."""
    text, item = made(purpose, user, now, asked_from=asked_from)
    # The token is new: what is there already is this very write, repeated by the SDK.
    with suppress(StaleState):
        dynamo.put(
            item, condition=TicketItem.digest.does_not_exist(), on_condition_failed=StaleState()
        )
    return text


class Mine(Exception):
    """This very call used the ticket up before, in a run whose answer was lost."""

    def __init__(self, user_id: str) -> None:
        super().__init__()
        self.user_id = user_id


def read(purpose: Purpose, text: str, operation: str, now: int) -> tuple[TicketItem, UserItem]:
    """The unused ticket of this token, and its user as they are now.

    Raises Mine; LinkUsed or LinkInvalid: unknown, another purpose's, over, or asked for with
    another e-mail address or an older password.
    """
    ticket = dynamo.get(TicketItem, _digest(text)) if len(text) <= MAX_TOKEN else None
    if ticket is None or ticket.purpose != purpose or ticket.expires_at <= now:
        raise LinkInvalid()
    if ticket.used_at is not None:
        raise Mine(ticket.user_id) if ticket.used_for == operation else LinkUsed()
    user = dynamo.get(UserItem, ticket.user_id)
    if user is None or user.status != UserStatus.ACTIVE or user.email_key != ticket.email_key:
        raise LinkInvalid()
    if purpose is Purpose.RESET and user.password_n != ticket.password_n:
        raise LinkInvalid()
    return ticket, user


def use(tx: Transaction, ticket: TicketItem, operation: str, now: int) -> None:
    """Use the ticket up in the transaction that does what it is for: of many at once, one does.

    Its first failed condition is the one that is told, so this comes before the rest.
    """

    def meaning(before: Image) -> Exception:
        if before.get("used_for") == operation:
            return Mine(ticket.user_id)
        return LinkUsed() if before.get("used_at") else LinkInvalid()

    tx.update(
        TicketItem(ticket.digest),
        [TicketItem.used_at.set(now), TicketItem.used_for.set(operation)],
        condition=TicketItem.used_at.does_not_exist() & (TicketItem.expires_at > now),
        on_condition_failed=meaning,
    )


def _digest(text: str) -> str:
    # 160 random bits need no salt and no slow hash.
    return hashlib.sha256(text.encode()).hexdigest()
