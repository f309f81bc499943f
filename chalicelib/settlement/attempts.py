"""Paying an order anew: by another way, or where the page of the first attempt can't be had.

Each attempt is a payment with an id, a key and a page of its own. The order knows the newest and
how many there were; what an older one brings after all is settled or goes back (settlement.py).
"""

from contextlib import suppress
from dataclasses import replace

from chalicelib.config import settings
from chalicelib.inventory import service as inventory
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import ProviderBusy, ProviderFailed, StaleState
from chalicelib.orders import snapshot, steps
from chalicelib.orders.rules import (
    NotPayable,
    Order,
    OrderStatus,
    PaymentUnderWay,
    TooManyAttempts,
    payment_id_of,
)
from chalicelib.orders.service import attempt_of, charge_of, hold_of, payment_of, read
from chalicelib.orders.tables import OrderItem
from chalicelib.payments import pages
from chalicelib.payments import service as payments
from chalicelib.payments.ports import KeySpent, ProviderRefused
from chalicelib.payments.rules import Payment, PaymentStatus
from chalicelib.settlement import outcomes, poll

MOST_ATTEMPTS = 6
# However often it is begun anew, an order has its units no longer than this.
LONGEST_SECONDS = 3 * 3600


def open_page(order: Order, payment: Payment, *, now: int) -> tuple[Order, str]:
    """The order, and where this attempt is paid; or the next one, when its own page can't be had.

    Raises ProviderBusy (ask again), ProviderRefused or TooManyAttempts (end it), ProviderFailed.
    """
    try:
        opened = pages.open_page(payment, charge_of(order, payment), now=now)
    except KeySpent:
        order, payment = _renew(order, payment, now=now)
        opened = pages.open_page(payment, charge_of(order, payment), now=now)
    if opened.outcome is None:
        return order, opened.url
    outcomes.apply(order.order_id, opened.outcome, payment_id=payment.payment_id, now=now)
    return read(order.order_id) or order, order.page


def pay(order: Order, provider: str, *, now: int) -> tuple[Order, str]:
    """Begin to pay an order by this provider, or go on with it; the order, and where to pay.

    The pages of earlier attempts are closed; where that shows that one was paid, the answer is the
    order's own page. Raises NotPayable, PaymentUnderWay, TooManyAttempts and what `open_page` does.
    """
    payments.require(provider, order.due)

    def attempt() -> tuple[Order, Payment]:
        found = read(order.order_id) or order
        if found.status != OrderStatus.PENDING:
            raise NotPayable()
        current = payment_of(found)
        if current.provider == provider and payable(current, now):
            return found, current
        if any(one.status != PaymentStatus.PENDING for one in outcomes.open_attempts(found)):
            raise PaymentUnderWay()
        return _begin(found, provider, now=now)

    found, payment = retry_on_conflict(attempt)
    _close_others(found, payment, now=now)
    if (after := snapshot.read(found.order_id)) is not None:
        found = after.order
        if found.status != OrderStatus.PENDING:
            poll.close_pages(after, now=now)
            return found, found.page
    try:
        return open_page(found, payment, now=now)
    except ProviderRefused:
        # The order stays: another way to pay it may work.
        outcomes.end_attempt(payment.payment_id)
        raise


def payable(payment: Payment, now: int) -> bool:
    """Whether its page may still be gone on with."""
    return payment.status == PaymentStatus.PENDING and now < payment.expires_at


def _begin(
    order: Order, provider: str, *, now: int, instead_of: Payment | None = None
) -> tuple[Order, Payment]:
    """Write the next attempt, with time for it; `instead_of` ends one that can't be opened.

    StaleState when the order has moved, or somebody else has begun one.
    """
    begun, payment = next_attempt(order, provider, now=now)
    held = hold_of(order)
    # Whoever asks again in the words of the checkout, which name another way, changes it back.
    stale = [] if payment_of(order).provider == provider else [OrderItem.words.remove()]
    with Transaction() as tx:
        tx.update(
            OrderItem(order.order_id),
            [
                OrderItem.payment_id.set(begun.payment_id),
                OrderItem.attempts.set(begun.attempts),
                OrderItem.expires_at.set(begun.expires_at),
                *stale,
            ],
            # Nobody has begun one since it was read: one click begins the next.
            condition=steps.unchanged_since_read(order),
            on_condition_failed=StaleState(),
        )
        payments.begin(tx, payment)
        if instead_of:
            payments.conclude(tx, instead_of, PaymentStatus.FAILED, reason="page not opened")
        inventory.extend(tx, held, expires_at=begun.expires_at + settings().hold_grace_seconds)
    return begun, payment


def next_attempt(order: Order, provider: str, *, now: int) -> tuple[Order, Payment]:
    """The order with its next attempt, and that attempt; nothing is written. Raises TooManyAttempts
    for an order that was begun too often, or has had its units for too long."""
    expires_at = now + settings().payment_session_minutes * 60
    if order.attempts >= MOST_ATTEMPTS or expires_at > order.placed_at + LONGEST_SECONDS:
        raise TooManyAttempts()
    begun = replace(
        order,
        payment_id=payment_id_of(order.order_id, order.attempts + 1),
        attempts=order.attempts + 1,
        expires_at=expires_at,
    )
    return begun, attempt_of(begun, provider, now=now)


def _renew(order: Order, spent: Payment, *, now: int) -> tuple[Order, Payment]:
    """Another attempt by the same provider in place of `spent`; the one that a second click has
    begun already, if so."""

    def attempt() -> tuple[Order, Payment]:
        found = read(order.order_id) or order
        if found.status != OrderStatus.PENDING:
            raise NotPayable()
        if found.payment_id != spent.payment_id:
            return found, payment_of(found)
        return _begin(found, spent.provider, now=now, instead_of=spent)

    return retry_on_conflict(attempt)


def _close_others(order: Order, payment: Payment, *, now: int) -> None:
    # A page left open is no harm: what is paid twice goes back.
    with suppress(ProviderBusy, ProviderFailed, StaleState):
        if (found := snapshot.read(order.order_id)) is not None:
            poll.close_pages(found, but=payment.payment_id, now=now)
