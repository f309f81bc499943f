"""Whose an order is: a user's own list, claiming those of a proven e-mail, asking for a link.

The indexes find, the order itself decides: what an index shows is checked where it is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pynamodb.expressions.condition import Condition

from chalicelib.kernel import rates
from chalicelib.kernel.contact import emails
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import StaleState, TooMany
from chalicelib.kernel.ids import derived, identity
from chalicelib.kernel.limits import ORDER_LINK_MAIL
from chalicelib.kernel.messaging import events
from chalicelib.kernel.messaging.events import EventData
from chalicelib.kernel.web import cursor as cursors
from chalicelib.orders.events import OrderLinkMissed, OrderLinkRequested
from chalicelib.orders.rules import OrderStatus, OrderSummary
from chalicelib.orders.tables import OrderItem

# Orders read for one page at most, however few of them a filter lets through.
MAX_READ = 500


@dataclass(frozen=True)
class OrderFilter:
    """Which of a user's orders: of one status, placed in these seconds since the epoch."""

    status: OrderStatus | None = None
    since: int = 0
    until: int = 2**40

    def scope(self, user_id: str) -> str:
        """The list's name: a cursor of another user's, or of other filters, is none of this."""
        return f"orders#{user_id}#{self.status or ''}#{self.since}#{self.until}"


def page(
    user_id: str, wanted: OrderFilter, *, size: int, cursor: str | None
) -> tuple[list[OrderSummary], str | None]:
    """A user's orders, the newest first, and where the list goes on. Raises CursorInvalid.

    A page may be short, even empty, and still go on: a filter reads MAX_READ orders at most.
    """
    scope = wanted.scope(user_id)
    after = cursors.unseal(scope, cursor) if cursor else None
    place = (
        dynamo.position(user_id=user_id, order_id=after[0], placed_at=after[1]) if after else None
    )
    found = OrderItem.by_user.query(
        user_id,
        OrderItem.placed_at.between(wanted.since, wanted.until),
        scan_index_forward=False,
        page_size=min(MAX_READ, max(size, 25)),
        last_evaluated_key=place,
    )
    orders: list[OrderSummary] = []
    last: OrderItem | None = None
    for count, item in enumerate(found, start=1):
        last = item
        if wanted.status in (None, item.status):
            orders.append(item.as_summary())
        if len(orders) == size or count == MAX_READ:
            break
    else:
        return orders, None
    return orders, cursors.seal(scope, [last.order_id, int(last.placed_at)])


def claim(user_id: str, *user_email_keys: str) -> list[str]:
    """Give a user the orders that were placed with their e-mail and are nobody's yet.

    `user_email_keys` are the digests of an e-mail that the user has proved to be theirs: the caller
    answers for it. Answers the ids of the orders given, MAX_READ at most; run again, those that are
    left.
    """
    return [order_id for key in user_email_keys for order_id in _claim(user_id, key)]


def _claim(user_id: str, key: str) -> list[str]:
    given = []
    for found in _with_email(key, OrderItem.user_id.does_not_exist()):
        try:
            dynamo.update(
                OrderItem(found.order_id),
                [OrderItem.user_id.set(user_id)],
                condition=_free(key),
                on_condition_failed=StaleState(),
            )
            given.append(found.order_id)
        except StaleState:
            # Somebody's already, maybe by this very call's first run; or forgotten since.
            continue
    return given


def ask_link(number: str, email: str, *, operation: str, now: int) -> None:
    """Tell the shop that a buyer asks for the link to an order; whoever asks learns nothing.

    The event names the order, not the e-mail: the mail goes to the address that the order has. What
    matches nothing is told as well: it takes as long, and much of it is somebody's guessing.

    Nobody's box is filled by us: beyond ORDER_LINK_MAIL a match is told as none. Only matches count
    there, so that who knows an e-mail and no order can't keep its owner from asking.
    """
    found = chain.from_iterable(_with_email(key) for key in emails.keys(email))
    match = next((item for item in found if item.number == number), None)
    # Spent in either case, each from its own: one takes as long as the other.
    spent_by = emails.key(email) if match else identity("missed", email)
    spent = []
    try:
        spent.append(rates.spend(ORDER_LINK_MAIL, spent_by, now=now, returns=True))
    except TooMany:
        match = None
    data = _asked(match)
    try:
        events.publish(events.made(data, id=derived("evt", data.type, operation), at=now))
    except Exception:
        # Nothing was told: whoever asks again has not been mailed yet.
        rates.give_back(spent)
        raise


def _asked(match: OrderItem | None) -> EventData:
    if match is None:
        return OrderLinkMissed()
    return OrderLinkRequested(order_id=match.order_id, locale=match.locale)


def _free(key: str) -> Any:
    """The order bears this e-mail and has no owner: who wins this owns it."""
    return OrderItem.user_id.does_not_exist() & (OrderItem.email_key == key)


def _with_email(key: str, only: Condition | None = None) -> Iterator[OrderItem]:
    """Orders that were placed with an e-mail, newest first, MAX_READ at most."""
    yield from OrderItem.by_email.query(
        key, filter_condition=only, scan_index_forward=False, page_size=100, limit=MAX_READ
    )
