"""Paying an order that is placed already: by another way, once more, or after the page was lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.cart import refilling
from chalicelib.cart.rules import Line
from chalicelib.catalog import service as catalog
from chalicelib.kernel import ids, rates
from chalicelib.kernel.errors import ProviderFailed, ShopError, Unavailable
from chalicelib.kernel.limits import VERIFY_ONE
from chalicelib.orders import service as orders
from chalicelib.orders.rules import (
    NotPayable,
    Order,
    OrderNotFound,
    OrderStatus,
    PaymentUnderWay,
)
from chalicelib.payments import pages, proofs
from chalicelib.payments import service as payments
from chalicelib.payments.by_hand import PaymentProof
from chalicelib.payments.ports import State
from chalicelib.payments.registry import PaymentMethodUnavailable
from chalicelib.payments.rules import (
    PAID,
    WAITING,
    Bounds,
    NothingToHandIn,
    Payment,
    PaymentNotFound,
    PaymentStatus,
)
from chalicelib.settlement import attempts, outcomes
from chalicelib.settlement import cancel as cancelling
from chalicelib.settlement import poll as polling

# A request waits for so many answers of providers at most; the jobs ask about the rest.
MOST_ASKED = 2


@dataclass(frozen=True)
class Holder:
    """Who says that an order is theirs: by its token, or by being signed in."""

    token: str | None
    user_id: str | None


@dataclass(frozen=True)
class Begun:
    """An order with its newest attempt to pay, and where to go on."""

    order: Order
    payment: Payment
    url: str


def pay(order_id: str, method: str | None, holder: Holder, *, now: int) -> Begun:
    """Begin to pay an order, or go on with it; without a `method`, by the one chosen last.

    Raises OrderNotFound, PaymentMethodUnavailable, PaymentMethodOff, PaymentNeedsAccount,
    AmountTooSmall, AmountTooLarge, NotPayable, PaymentUnderWay, TooManyAttempts, BalanceTooLow,
    ProviderBusy or ProviderFailed.
    """
    order, payment = orders.read_for(order_id, holder.token, holder.user_id)
    chosen = method or payment.provider
    shop = catalog.shop()
    if not shop.takes(chosen, order.currency):
        raise PaymentMethodUnavailable()
    owner = holder.user_id is not None and holder.user_id == order.user_id
    bounds = Bounds(*shop.bounds(chosen, order.currency))
    payments.require(chosen, order.due, owner=owner, bounds=bounds)
    order, url = attempts.pay(order, chosen, now=now)
    return Begun(order, orders.payment_of(order), url)


def payment_for(payment_id: str, holder: Holder) -> tuple[Order, Payment]:
    """A payment and its order. Raises PaymentNotFound, whatever is wrong."""
    payment = payments.read(payment_id)
    if payment is None:
        raise PaymentNotFound()
    try:
        order, _ = orders.read_for(payment.reference, holder.token, holder.user_id)
    except OrderNotFound:
        raise PaymentNotFound() from None
    return order, payment


def proofs_of(payment: Payment) -> Sequence[PaymentProof]:
    """What was handed in for it and a person decides on."""
    return proofs.proofs_of(payment)


def poll(payment_id: str, holder: Holder, *, now: int) -> tuple[Order, Payment]:
    """Have the provider asked at once how a payment stands, and its order's other open attempts;
    how it stands then. What is decided already is not asked about.

    Raises PaymentNotFound, TooMany, and ProviderBusy, OutOfTime or ProviderFailed while the order
    waits: then nobody knows.
    """
    order, _ = payment_for(payment_id, holder)
    waiting = [one for one in outcomes.open_attempts(order) if one.status in WAITING]
    if waiting:
        rates.spend(VERIFY_ONE, ids.identity("payment", order.order_id), now=now)
    # The named one first; what an older page brought counts as well.
    waiting.sort(key=lambda one: one.payment_id != payment_id)
    unknown: ShopError | None = None
    for one in waiting[:MOST_ASKED]:
        try:
            polling.poll_provider(one, now=now)
        except (Unavailable, ProviderFailed) as error:
            unknown = error
    order, payment = payment_for(payment_id, holder)
    if unknown is not None and order.status == OrderStatus.PENDING:
        raise unknown
    # What another page's provider can't say matters no more: the order is decided.
    return order, payment


# What still may bring money; what came too late is looked at as well, and revived or decided on.
_TAKES = frozenset({PaymentStatus.PENDING, PaymentStatus.PROCESSING, PaymentStatus.EXPIRED})


def submit_proof(payment_id: str, given: str, holder: Holder, *, now: int) -> tuple[Order, Payment]:
    """Take what the buyer gives to prove or to make a payment; how it stands then.

    Raises PaymentNotFound, NothingToHandIn, ClaimedAlready and what the provider raises.
    """
    order, payment = payment_for(payment_id, holder)
    if payment.status not in _TAKES:
        if payment.status in PAID | {PaymentStatus.REVIEW}:
            return order, payment
        raise NothingToHandIn()
    outcome = pages.submit_proof(payment, given, now=now)
    outcomes.apply(order.order_id, outcome, payment_id=payment_id, now=now)
    return payment_for(payment_id, holder)


# Paid, or money of it is in question: nothing is left to be called off.
_OVER = PAID | {
    PaymentStatus.REVIEW,
    PaymentStatus.REFUNDING,
    PaymentStatus.REFUNDED,
}


def cancel(payment_id: str, holder: Holder, *, now: int) -> tuple[Order, Payment]:
    """Call one attempt to pay off; the order waits on, for another way. Asked again, the same.

    Raises PaymentNotFound, NotPayable, PaymentUnderWay, ProviderBusy or ProviderFailed.
    """
    order, payment = payment_for(payment_id, holder)
    if payment.status in _OVER:
        raise NotPayable()
    if payment.status == PaymentStatus.PROCESSING:
        raise PaymentUnderWay()
    # First here and then at the provider: its own word that the page has ended then finds nothing
    # to end, or it would end the order too. Who pays in between has paid.
    outcomes.end_attempt(payment_id)
    outcome = pages.close_page(payment, orders.charge_of(order, payment))
    if outcome.state == State.PAID:
        outcomes.apply(order.order_id, outcome, payment_id=payment_id, now=now)
    return payment_for(payment_id, holder)


def cancel_order(order_id: str, holder: Holder, *, now: int) -> tuple[Order, str]:
    """Cancel an order that is not paid and put its things back into a cart; the order, and that
    cart's id. Asked again, the same.

    Raises OrderNotFound, AlreadyPaid, PaymentUnderWay, ProviderBusy or ProviderFailed.
    """
    order, _ = orders.read_for(order_id, holder.token, holder.user_id)
    # Before the order is over: what opens it opens the cart, whatever becomes of its token then.
    secret = order.access_token
    order = cancelling.cancel_unpaid(order.order_id, now=now)
    lines = [
        Line(line.variant_id, line.quantity, now, line.unit_price.amount) for line in order.lines
    ]
    return order, refilling.refill(secret, order.currency, lines, now=now, user_id=holder.user_id)
