"""An order as a value and the only ways it may go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from unicodedata import normalize

from chalicelib.kernel.contact import emails
from chalicelib.kernel.errors import Conflict, NotFound
from chalicelib.kernel.ids import derived, sibling
from chalicelib.kernel.money import Money, total
from chalicelib.payments.rules import PAYMENT_ID


class OrderStatus(StrEnum):
    PENDING = "PENDING"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    # All that was paid went back.
    REFUNDED = "REFUNDED"


class Reason(StrEnum):
    """Why an order took a step; kernel/texts has the words (`history.…`)."""

    PLACED = "placed"
    PAID = "paid"
    EXPIRED = "expired"
    PAYMENT_FAILED = "payment_failed"
    REFUSED = "refused"
    REVIVED = "revived"
    REFUNDED_LATE = "refunded_late"
    REFUNDED_SECOND = "refunded_second"
    REFUNDED_DECIDED = "refunded_decided"
    REFUND_BEGUN = "refund_begun"
    REFUNDED_PART = "refunded_part"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute_won"
    CHARGED_BACK = "charged_back"
    PROOF_REJECTED = "proof_rejected"
    PAID_IN_PART = "paid_in_part"
    # By its buyer: asked for in other words, or given up.
    CHANGED = "changed"
    CANCELLED = "cancelled"


# The lines that say how much money went back, or did not arrive.
MONEY_BACK = frozenset(
    {
        *(Reason.REFUNDED_LATE, Reason.REFUNDED_SECOND, Reason.REFUNDED_DECIDED),
        *(Reason.REFUND_BEGUN, Reason.REFUNDED_PART, Reason.REFUNDED, Reason.REFUND_FAILED),
        Reason.CHARGED_BACK,
    }
)


# From CANCELLED to PAID only for a payment that came late and whose units could still be had.
STEPS = {
    OrderStatus.PENDING: {OrderStatus.PAID, OrderStatus.CANCELLED},
    OrderStatus.CANCELLED: {OrderStatus.PAID},
    OrderStatus.PAID: {OrderStatus.REFUNDED},
    # A refund that the payer's bank sends back days later.
    OrderStatus.REFUNDED: {OrderStatus.PAID},
}


# Bought once, whatever became of it: buying the same again is another order.
BOUGHT = frozenset({OrderStatus.PAID, OrderStatus.REFUNDED})


# The provider that pays wholly from the owner's store balance.
BALANCE = "balance"


class OrderNotFound(NotFound):
    """Not there, or the token is not its own."""

    code = "ORDER_NOT_FOUND"


class NotPayable(Conflict):
    """Paid already, or over."""

    code = "ORDER_NOT_PAYABLE"


class PaymentUnderWay(Conflict):
    """Money for it is on its way, or waits for a decision: nobody shall pay it twice."""

    code = "PAYMENT_UNDER_WAY"


class AlreadyPaid(Conflict):
    """It is paid: it can't be changed or cancelled in this way any more."""

    code = "ORDER_PAID_ALREADY"


class TooManyAttempts(Conflict):
    """It was begun too often, or for too long; it ends, and can be ordered anew."""

    code = "TOO_MANY_PAYMENT_ATTEMPTS"


class OrderNotThereYet(RuntimeError):
    """A webhook came before its order could be read: it is tried again, never dropped."""


class ForbiddenStep(RuntimeError):
    """Code asked for a step that `STEPS` does not have: a bug."""


@dataclass(frozen=True)
class OrderLine:
    """A line with the product as it was sold."""

    variant_id: str
    product_id: str
    slug: str
    name: Mapping[str, str]
    variant_name: Mapping[str, str]
    specs: Sequence[Mapping[str, Any]]
    image: Mapping[str, Any] | None
    quantity: int
    unit_price: Money

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class OrderSummary:
    """An order as its buyer's list shows it. `units` are things, not lines."""

    order_id: str
    number: str
    status: OrderStatus
    placed_at: int
    units: int
    total: Money


@dataclass(frozen=True)
class Order:
    """An order. Its amounts follow from its lines; the snapshot is what is charged."""

    order_id: str
    number: str
    cart_id: str
    status: OrderStatus
    currency: str
    lines: Sequence[OrderLine]
    shipping_price: Money
    email: str
    address: Mapping[str, str] | None
    shipping: Mapping[str, Any] | None
    note: str | None
    locale: str
    access_token: str
    payment_id: str
    hold_id: str
    placed_at: int
    expires_at: int
    # The shop's address at the time: what is sent to the provider must not change on a repeat.
    shop_url: str
    history: Sequence[Mapping[str, Any]]
    # Whose order it is: of who was signed in, or of who claimed it with a verified e-mail.
    user_id: str | None = None
    # How often somebody began to pay it.
    attempts: int = 1
    # What its owner's store balance pays of it, in minor units; the rest is its payment's.
    balance_part: int = 0
    # A digest of the words it was last asked for in: the same words are the same order as it is.
    # None once it was begun to be paid in another way than they say.
    words: str | None = None
    # How often its words were changed.
    revision: int = 0
    # How a dispute over its payment stands (OPEN, WON, LOST) and of how much, in minor units.
    dispute: str | None = None
    dispute_amount: int = 0

    @property
    def payment_ids(self) -> Sequence[str]:
        """Its payments, the oldest first."""
        return [payment_id_of(self.order_id, number + 1) for number in range(self.attempts)]

    def paid_by(self, payment_id: str) -> bool:
        """Whether this payment paid it, and not another one, or none."""
        return self.payment_id == payment_id and self.status in BOUGHT

    @property
    def units(self) -> int:
        """Things, not lines."""
        return sum(line.quantity for line in self.lines)

    @property
    def items_total(self) -> Money:
        return total((line.total for line in self.lines), self.currency)

    @property
    def total(self) -> Money:
        return self.items_total + self.shipping_price

    @property
    def part(self) -> Money:
        """What the balance pays of it."""
        return Money(self.balance_part, self.currency)

    @property
    def due(self) -> Money:
        """What is left for a payment to pay."""
        return self.total - self.part

    @property
    def unpaid(self) -> Money:
        """What the buyer still has to pay: nothing once it is paid, or over."""
        return self.due if self.status == OrderStatus.PENDING else Money(0, self.currency)

    @property
    def page(self) -> str:
        """The order's own page. What opens it stands in the fragment, which no server sees."""
        return f"{self.shop_url}/order.html{self.fragment}"

    @property
    def fragment(self) -> str:
        return f"#order={self.order_id}&token={self.access_token}"


def payment_id_of(order_id: str, attempt: int) -> str:
    """The id of an order's payment: the same attempt, the same payment."""
    return derived(PAYMENT_ID, order_id, attempt)


def hold_id_of(order_id: str) -> str:
    """The id of the hold that an order is placed with: both follow from its cart and attempt."""
    return sibling(order_id, "hld")


def email_key(email: str) -> str:
    """The digest by which a person's orders are found: the same as the account's."""
    return emails.key(email)


def number_as_typed(text: str) -> str:
    """An order's number as people type or paste it, as the shop writes it: `# 2026-1120 abc…` and
    full-width letters, without all that is neither letter nor digit, in capitals."""
    return "".join(letter for letter in normalize("NFKC", text) if letter.isalnum()).upper()


def step(current: OrderStatus, to: OrderStatus) -> None:
    """Raises ForbiddenStep unless an order may go from `current` to `to`."""
    if to not in STEPS[current]:
        raise ForbiddenStep(f"{current} to {to}")


def entry(
    before: OrderStatus | None,
    to: OrderStatus,
    reason: Reason,
    now: int,
    who: str,
    *,
    facts: Mapping[str, str | int],
    correlation_id: str,
) -> dict[str, Any]:
    """A line of an order's history. `facts` are of facts.py; `correlation_id` is of the call that
    wrote it."""
    line = {"from": before, "to": to, "reason": reason, "at": now, "who": who}
    return {**line, "facts": dict(facts), "correlation_id": correlation_id}
