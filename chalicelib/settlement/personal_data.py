"""What orders keep about a person: who bought, where it went. The sale itself stays in the books.

Forgotten are e-mail, address, note and the link; amounts, lines, steps and the owner's id stay. The
id tells nobody who it was once the account is empty: that is the pseudonym.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import HoldStatus
from chalicelib.kernel import ids
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.personal_data import Person
from chalicelib.orders import schemas, service
from chalicelib.orders.rules import Order, OrderStatus
from chalicelib.orders.tables import OrderItem
from chalicelib.payments import service as payments
from chalicelib.settlement import expire

ERASED = "erased"
LOCALE = "en"


def export(person: Person, *, now: int) -> list[dict[str, Any]]:
    """The person's orders as their buyer sees them, the newest first."""
    orders = sorted(_orders(person), key=lambda order: -order.placed_at)
    found = (service.read_for(order.order_id, order.access_token) for order in orders)
    return [schemas.OrderAnswer.of(*one, one[0].locale or LOCALE).wire() for one in found]


def erase(person: Person, *, now: int) -> bool:
    """Take who bought out of each order, each by itself; what is not paid yet is ended first.

    False while a payment is on its way: its order must still know whom it belongs to.
    """
    waiting = []

    def handle(order_id: str) -> None:
        order = _own(order_id, person)
        if order is not None and not _forget(order, now):
            waiting.append(order_id)

    done = rows.work_off("erase-orders", _order_ids(person), handle=handle)
    return done.complete and not waiting


def _forget(order: Order, now: int) -> bool:
    if order.status == OrderStatus.PENDING:
        hold = inventory.read_hold(order.hold_id)
        if hold is not None and hold.status == HoldStatus.HELD:
            # Through the provider: who pays in this moment has bought.
            expire.end(hold, now)
    if not _blank(order.order_id):
        return False
    for payment_id in order.payment_ids:
        payments.forget(payment_id)
    inventory.forget_holders(order.hold_id)
    return True


def _blank(order_id: str) -> bool:
    """Empty the order of its person, unless its payment is still open."""
    actions = [
        OrderItem.email.set(ERASED),
        OrderItem.access_token.set(ids.token()),
        OrderItem.address.remove(),
        OrderItem.note.remove(),
        OrderItem.email_key.remove(),
        OrderItem.words.remove(),
    ]
    try:
        dynamo.update(
            OrderItem(order_id),
            actions,
            condition=OrderItem.status.exists() & (OrderItem.status != OrderStatus.PENDING),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return False
    return True


def _orders(person: Person) -> Iterator[Order]:
    """The orders of the account, and of the e-mail that is proved to be theirs."""
    found = (_own(order_id, person) for order_id in _order_ids(person))
    return (order for order in found if order is not None)


def _order_ids(person: Person) -> Iterator[str]:
    lists = [OrderItem.by_user.query(person.user_id)]
    lists += [OrderItem.by_email.query(key) for key in person.email_keys]
    yield from dict.fromkeys(item.order_id for item in chain(*lists))


def _own(order_id: str, person: Person) -> Order | None:
    """Read anew, since the indexes may show what was."""
    order = service.read(order_id)
    return order if order is not None and order.user_id in (None, person.user_id) else None
