"""A cart checked out again: in the same words the order goes on as it is, in others it follows.

Whoever asks holds the cart, which opens its order, so the order is theirs to change, until money
for it is on its way. A change is checked as the first order was, and keeps the hold it has.
"""

from contextlib import suppress
from dataclasses import replace

from chalicelib.cart.rules import Cart, CartNotFound
from chalicelib.checkout.drafting import Buyer, drafted
from chalicelib.checkout.rules import Placed
from chalicelib.config import settings
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Taken, total_by_variant
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.orders import service as orders
from chalicelib.orders.rules import NotPayable, Order, PaymentUnderWay
from chalicelib.payments.ports import ProviderRefused
from chalicelib.payments.rules import Payment
from chalicelib.settlement import amend as changes
from chalicelib.settlement import attempts, expire, outcomes


def amend(found: Order, cart: Cart, buyer: Buyer, *, now: int) -> tuple[Order, Payment]:
    """Make a waiting order what this buyer asks for; the order, and the attempt that pays it.

    Raises what checking a cart out raises, and AlreadyPaid, PaymentUnderWay, TooManyAttempts:
    then the order stays as it is. StaleState when it has moved.
    """
    if found.user_id not in (None, buyer.user_id):
        # An account's by now: what opened the guest's cart does not change it.
        raise CartNotFound()
    draft = drafted(cart, cart.attempt, buyer, now=now, before=found)
    change = changes.plan(found, draft.order, draft.spending.method, now=now)
    previous = orders.hold_of(found)
    until = change.after.expires_at + settings().hold_grace_seconds
    hold = replace(draft.hold, expires_at=max(until, previous.expires_at))
    lines = change.after.lines
    quantities = total_by_variant((line.variant_id, line.quantity) for line in lines)

    def write(taken: Taken) -> None:
        def extra_writes(tx: Transaction) -> None:
            draft.spending.change(tx, change.before, change.after, now=now)
            inventory.write_hold(tx, taken, previous, now=now)

        changes.write(change, extra_writes, now=now)

    # The hold has its units already: they stay where they lie, and none is taken a second time.
    inventory.allocate(hold, quantities, previous, write, end=expire.end, now=now)
    return change.after, change.payment


def open_page(order: Order, payment: Payment, *, now: int) -> Placed:
    """Where an order is paid that was just changed. Raises what opening a page raises; the order
    waits on then, for another way to pay it."""
    try:
        return answered(*attempts.open_page(order, payment, now=now))
    except ProviderRefused:
        outcomes.end_attempt(payment.payment_id)
        current = orders.read(order.order_id)
        if current is None or current.revision == order.revision:
            raise
        # Another tab has changed it since, and closed this page.
        return Placed(current, current.page)


def answered(order: Order, url: str) -> Placed:
    """What is answered. Where the order's own page is all there is to go to, it may be paid, or
    changed by another tab, since it was read: then it is told as it is."""
    if not url.startswith(f"{order.shop_url}/"):
        return Placed(order, url)
    current = orders.read(order.order_id) or order
    return Placed(current, url)


def go_on(order: Order, payment: Payment, *, now: int) -> Placed:
    """Where an order that waits is paid; its next page where the last one is over."""
    if attempts.payable(payment, now):
        return answered(*attempts.open_page(order, payment, now=now))
    # Paid or under way by now: its page tells.
    with suppress(NotPayable, PaymentUnderWay):
        return Placed(*attempts.pay(order, payment.provider, now=now))
    current = orders.read(order.order_id) or order
    return Placed(current, current.page)
