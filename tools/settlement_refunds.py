"""The tables of docs/settlement.md about money that goes back: see settlement.py beside this."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from chalicelib.inventory.rules import Hold, HoldStatus
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.orders.rules import OrderStatus
from chalicelib.payments import refunds
from chalicelib.payments.ports import Dispute, DisputeStatus
from chalicelib.payments.rules import Payment, PaymentStatus, Refund, RefundStatus
from chalicelib.settlement import decide_refund, decide_review
from chalicelib.settlement.decide import Decision, Situation, Step
from chalicelib.settlement.decide_review import ReviewDecision

Standing = Callable[[OrderStatus, PaymentStatus], Situation]
Cell = Callable[[], Decision]
ORDERS = [f"order {status}" for status in OrderStatus]
ENDS = {
    "DONE, all of the money": (RefundStatus.DONE, 1),
    "DONE, a part of it": (RefundStatus.DONE, 2),
    "FAILED": (RefundStatus.FAILED, 1),
    "PENDING, under another key": (RefundStatus.PENDING, 1),
}
REFUSED = "(refused)"


def tables(stands: Standing) -> Iterator[str]:
    """Every table, with its title; `stands` makes an order and its payment."""
    yield from _refunds(stands)
    yield from _at_the_provider(stands)
    yield from _disputes(stands)
    yield from _reviews(stands)


def _table(title: str, head: Sequence[str], rows: Iterator[tuple[str, Sequence[Cell]]]) -> str:
    lines = [f"## {title}", "", "| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for name, cells in rows:
        lines.append(f"| {name} | " + " | ".join(map(_shown, cells)) + " |")
    return "\n".join(lines) + "\n"


def _shown(cell: Cell) -> str:
    try:
        decided = cell()
    except Conflict:
        return REFUSED
    return "" if decided.step == Step.NOTHING else str(decided.step)


def _refund(payment: Payment, status: RefundStatus, share: int = 1) -> Refund:
    part = Money(payment.amount.amount // share, payment.amount.currency)
    return Refund("rfd_1", part, status, "owner", "", 1)


def _counted(found: Situation, status: RefundStatus, share: int = 1) -> Situation:
    made = _refund(found.payment, status, share)
    return replace(found, payment=replace(found.payment, refunds=(made,)))


def _refunds(stands: Standing) -> Iterator[str]:
    def ended(status: RefundStatus, share: int, order: OrderStatus) -> Decision:
        found = _counted(stands(order, PaymentStatus.SUCCESS), RefundStatus.PENDING, share)
        return decide_refund.end(found, _refund(found.payment, status, share))

    yield _table(
        "A refund that was counted is",
        ["refund", *ORDERS],
        (
            (name, [partial(ended, *end, order) for order in OrderStatus])
            for name, end in ENDS.items()
        ),
    )

    def failed(payment: PaymentStatus, order: OrderStatus) -> Decision:
        found = _counted(stands(order, payment), RefundStatus.DONE)
        return decide_refund.did_not_arrive(found, _nothing(found), key="")

    def failed_whole(payment: PaymentStatus, order: OrderStatus) -> Decision:
        found = stands(order, payment)
        late = refunds.late_key(found.payment)
        return decide_refund.did_not_arrive(found, _nothing(found), key=late)

    paid = [PaymentStatus.SUCCESS, PaymentStatus.CHARGED_BACK, PaymentStatus.REFUNDED]
    yield _table(
        "A refund that was DONE did not arrive",
        ["payment", *ORDERS],
        _by_order(failed, paid),
    )
    yield _table(
        "Money that was sent back as a whole did not arrive",
        ["payment", *ORDERS],
        _by_order(failed_whole, paid),
    )


def _nothing(found: Situation) -> Money:
    return Money(0, found.payment.amount.currency)


def _by_order(
    decide: Callable[[PaymentStatus, OrderStatus], Decision],
    payments: Sequence[PaymentStatus] = tuple(PaymentStatus),
) -> Iterator[tuple[str, Sequence[Cell]]]:
    for payment in payments:
        yield payment, [partial(decide, payment, order) for order in OrderStatus]


def _at_the_provider(stands: Standing) -> Iterator[str]:
    def gone(payment: PaymentStatus, order: OrderStatus) -> Decision:
        found = stands(order, payment)
        return decide_refund.gone_back(found, found.payment.amount, all_gone=True, now=1)

    yield _table(
        "The provider says: all of it went back, of which the shop knows nothing",
        ["payment", *ORDERS],
        _by_order(gone),
    )


def _disputes(stands: Standing) -> Iterator[str]:
    def decided(paid_by: str, payment: PaymentStatus, status: DisputeStatus) -> Decision:
        found = stands(OrderStatus.PAID, payment)
        order = replace(found.order, payment_id=paid_by)
        disputed = Dispute("dp_1", status, found.payment.amount)
        return decide_refund.dispute(replace(found, order=order), [disputed])

    kept = {"the money that paid the order": "pay_1", "money that no order needs": "pay_2"}
    for title, paid_by in kept.items():
        rows: Iterator[tuple[str, Sequence[Cell]]] = (
            (payment, [partial(decided, paid_by, payment, status) for status in DisputeStatus])
            for payment in PaymentStatus
        )
        yield _table(f"A dispute about {title} is", ["payment", *DisputeStatus], rows)


def _reviews(stands: Standing) -> Iterator[str]:
    def decided(choice: ReviewDecision, payment: PaymentStatus, order: OrderStatus) -> Decision:
        found = stands(order, payment)
        held = HoldStatus.RELEASED if order == OrderStatus.CANCELLED else HoldStatus.HELD
        known = replace(found.payment, capture_id="pi_1")
        found = replace(found, payment=known, hold=Hold("hld_1", held, {}, 2, version=1))
        return decide_review.review(found, choice, can_send=lambda payment: True)

    # Of all others the decision is refused.
    in_question = [PaymentStatus.REVIEW, PaymentStatus.REFUNDING]
    for choice in ReviewDecision:
        rows = _by_order(partial(decided, choice), in_question)
        yield _table(f"A person decides: {choice}", ["payment", *ORDERS], rows)
