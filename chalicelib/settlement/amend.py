"""Changing an order that waits for its payment: asked for again, in other words.

What the payment page was told (the sum, the e-mail, the language, what is bought) can't be changed
there. Where that differs, the page is closed at its provider first and the order gets a next
attempt; else the page stays as it is. Order, payments and hold are written in one transaction,
which holds the order to what was read: an order is paid as it is, or changed, never both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.kernel.db.transaction import ExtraWrites, Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.orders import facts, steps
from chalicelib.orders.rules import (
    Order,
    OrderStatus,
    PaymentUnderWay,
    Reason,
    TooManyAttempts,
)
from chalicelib.orders.service import charge_of, payment_of
from chalicelib.orders.tables import OrderItem, item_of
from chalicelib.payments import service as payments
from chalicelib.payments.ports import State
from chalicelib.payments.rules import WAITING, Payment, PaymentStatus
from chalicelib.settlement import attempts, close_pages, decide, outcomes

# Each leaves a line in the order's history, and one order is one item.
MOST_CHANGES = 20
REPLACED = "replaced: the order was changed"


@dataclass(frozen=True)
class Change:
    """An order before and after it is asked for in other words.

    `payment` is the attempt that pays it afterwards: the newest as it is, or the next one, and then
    `replaced` are those whose pages are to be closed.
    """

    before: Order
    after: Order
    payment: Payment
    replaced: Sequence[Payment] = ()

    @property
    def same_page(self) -> bool:
        """Whether the page that the buyer was shown stays the right one."""
        return self.after.payment_id == self.before.payment_id


def plan(before: Order, wanted: Order, provider: str, *, now: int) -> Change:
    """What becomes of a waiting order that shall be as `wanted` and be paid by this provider.

    The provider is asked whether money is on its way; nothing is written unless it is. Raises
    AlreadyPaid, PaymentUnderWay, TooManyAttempts, StaleState for an order that waits no more, and
    what the provider raises.
    """
    close_pages.check_waits(before)
    if before.revision >= MOST_CHANGES:
        raise TooManyAttempts()
    current = payment_of(before)
    after = replace(
        wanted,
        number=before.number,
        access_token=before.access_token,
        shop_url=before.shop_url,
        placed_at=before.placed_at,
        expires_at=before.expires_at,
        payment_id=before.payment_id,
        attempts=before.attempts,
        user_id=wanted.user_id or before.user_id,
        history=before.history,
        revision=before.revision + 1,
    )
    fits = current.provider == provider and _shows_the_same(current, before, after)
    if fits and _still_open(before, current, now=now):
        return Change(before, after, current)
    after, payment = attempts.next_attempt(after, provider, now=now)
    return Change(before, after, payment, outcomes.open_attempts(before))


def write(change: Change, extra_writes: ExtraWrites, *, now: int) -> None:
    """Close the pages that are replaced, then write the change. StaleState when the order or one of
    its payments has moved since it was read.

    Raises AlreadyPaid and PaymentUnderWay, and what the provider raises: then nothing is changed.
    Cut off between the two, the next one to ask finds the page closed and goes on.
    """
    before = change.before
    ended = [one for one in change.replaced if _close(change, one, now=now)]
    with Transaction() as tx:
        tx.update(
            OrderItem(before.order_id),
            _actions(change, now),
            # As it was read: neither paid nor ended, begun to be paid anew, or changed since.
            condition=steps.unchanged_since_read(before) & _unchanged(before),
            on_condition_failed=StaleState(),
        )
        if change.same_page:
            # Its money is not on its way: of a payment that has moved this is refused.
            payments.conclude(tx, change.payment, PaymentStatus.PENDING)
        else:
            payments.begin(tx, change.payment)
        for one in ended:
            payments.conclude(tx, one, PaymentStatus.EXPIRED, reason=REPLACED)
        extra_writes(tx)


def _shows_the_same(payment: Payment, before: Order, after: Order) -> bool:
    """Whether an attempt asks for just what the changed order would have it ask for."""
    same_sum = (before.total, before.part) == (after.total, after.part)
    return same_sum and charge_of(before, payment) == charge_of(after, payment)


def _still_open(order: Order, payment: Payment, *, now: int) -> bool:
    """Whether the page of an attempt can still be paid at; asks its provider."""
    if not attempts.payable(payment, now):
        return False
    outcome = payments.status(payment, take=payment.status in WAITING)
    close_pages.check_nothing_came(order, payment, outcome, now=now)
    return outcome.state == State.OPEN


def _close(change: Change, payment: Payment, *, now: int) -> bool:
    """Close one page at its provider; False where it can't be and does no harm left open."""
    if close_pages.close(change.before, payment, now=now) != State.OPEN:
        return True
    if not decide.asks_for(payment, change.after):
        # Nobody can close it before its time, and what is paid there would be the wrong sum.
        raise PaymentUnderWay()
    return False


def _unchanged(order: Order) -> Condition:
    known: Condition = OrderItem.revision == order.revision
    # Orders placed before there were revisions have none.
    return known if order.revision else known | OrderItem.revision.does_not_exist()


# What the buyer's words decide; of the rest an order stays what it is.
_WORDED = tuple(
    """currency lines units shipping_price total email email_key address shipping note locale
    user_id balance_part words""".split()
)


def _actions(change: Change, now: int) -> list[Action]:
    """Sets what differs, so that nothing is overwritten that others write meanwhile."""
    before, after = change.before, change.after
    old, new = item_of(before), item_of(after)
    differing = [name for name in _WORDED if getattr(new, name) != getattr(old, name)]
    actions: list[Action] = [
        OrderItem.revision.set(after.revision),
        OrderItem.payment_id.set(after.payment_id),
        OrderItem.attempts.set(after.attempts),
        OrderItem.expires_at.set(after.expires_at),
    ]
    for name in differing:
        attribute, value = getattr(OrderItem, name), getattr(new, name)
        actions.append(attribute.remove() if value is None else attribute.set(value))
    if differing != ["words"] or after.payment_id != before.payment_id:
        sale, pending = facts.of_sale(after, change.payment), OrderStatus.PENDING
        actions.append(steps.remembered(before, pending, Reason.CHANGED, now, sale, who="buyer"))
    return actions
