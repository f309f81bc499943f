"""An order as its buyer sees it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from chalicelib.kernel import clock
from chalicelib.kernel.i18n import localised, text
from chalicelib.kernel.money import Money
from chalicelib.kernel.web.schema import Image, MoneyAnswer, Wire
from chalicelib.orders.rules import BALANCE, BOUGHT, MONEY_BACK, Order, OrderLine, OrderStatus
from chalicelib.payments.ports import DisputeStatus, InstructionKind
from chalicelib.payments.rules import Payment, PaymentStatus
from chalicelib.payments.schemas import InstructionsAnswer


class OrderLineAnswer(Wire):
    variant_id: str
    product_id: str
    slug: str
    name: str
    variant_name: str
    specs: dict[str, str]
    image: Image | None
    quantity: int
    unit_price: MoneyAnswer
    total: MoneyAnswer

    @classmethod
    def of(cls, line: OrderLine, locale: str) -> "OrderLineAnswer":
        return cls(
            variant_id=line.variant_id,
            product_id=line.product_id,
            slug=line.slug,
            name=localised(line.name, locale),
            variant_name=localised(line.variant_name, locale),
            specs={
                localised(spec["name"], locale): localised(spec["value"], locale)
                for spec in line.specs
            },
            image=Image.of(line.image, locale) if line.image else None,
            quantity=line.quantity,
            unit_price=MoneyAnswer.of(line.unit_price),
            total=MoneyAnswer.of(line.total),
        )


class Amounts(Wire):
    items: MoneyAnswer
    shipping: MoneyAnswer
    discount: MoneyAnswer
    total: MoneyAnswer
    # What the owner's store balance paid of it, and what is still to be paid.
    paid_by_balance: MoneyAnswer
    due: MoneyAnswer


class ShippingAnswer(Wire):
    id: str
    name: str


class StepAnswer(Wire):
    """One step of an order; `from` is null for the first. `amount` is what a step of money moved
    back, where that is known."""

    from_: Annotated[str | None, Field(alias="from")]
    to: str
    at: str
    reason: str
    text: str
    amount: MoneyAnswer | None

    @classmethod
    def of(cls, line: Any, locale: str) -> "StepAnswer":
        return cls(
            from_=line["from"],
            to=line["to"],
            at=clock.iso(line["at"]),
            reason=line["reason"],
            text=text(locale, f"history.{line['reason']}"),
            amount=_moved_back(line),
        )


def _moved_back(line: Mapping[str, Any]) -> MoneyAnswer | None:
    """The amount of a refund's line; lines from before there were facts have none."""
    facts = line.get("facts") or {}
    if line["reason"] not in MONEY_BACK or "amount" not in facts:
        return None
    return MoneyAnswer.of(Money(int(facts["amount"]), str(facts["currency"])))


class DisputeAnswer(Wire):
    """A dispute over the order's payment: OPEN, WON (it is over, the shop keeps the money) or LOST,
    and the amount it is about. The order keeps its status."""

    status: DisputeStatus
    amount: MoneyAnswer


class OrderAnswer(Wire):
    order_id: str
    order_number: str
    status: str
    payment_id: str
    payment_status: str
    dispute: DisputeAnswer | None
    # The last try to pay was refused by the buyer's bank or wallet; another one may work.
    payment_declined: bool
    # How it is paid.
    method: str
    # What the buyer does on the order's own page, where the provider has none.
    instruction_kind: InstructionKind | None
    # Where to pay, while it can be paid.
    url: str | None
    # What to do on this order's own page, where that is where it is paid.
    instructions: InstructionsAnswer | None
    placed_at: str
    expires_at: str
    currency: str
    locale: str
    email: str
    address: dict[str, str] | None
    shipping_method: ShippingAnswer | None
    note: str | None
    lines: list[OrderLineAnswer]
    amounts: Amounts
    history: list[StepAnswer]

    @classmethod
    def of(cls, order: Order, payment: Payment, locale: str) -> "OrderAnswer":
        payable = order.status == OrderStatus.PENDING and payment.status == PaymentStatus.PENDING
        shipping, instructions = order.shipping, payment.instructions
        wholly = payment.provider == BALANCE and order.status in BOUGHT
        return cls(
            order_id=order.order_id,
            order_number=order.number,
            status=order.status,
            payment_id=payment.payment_id,
            payment_status=payment.status,
            dispute=(
                DisputeAnswer(
                    status=DisputeStatus(order.dispute),
                    amount=MoneyAnswer.of(Money(order.dispute_amount, order.currency)),
                )
                if order.dispute
                else None
            ),
            payment_declined=payment.declined and order.status == OrderStatus.PENDING,
            method=payment.provider,
            instruction_kind=payment.instructions.kind if payment.instructions else None,
            url=payment.url if payable else None,
            instructions=InstructionsAnswer.of(instructions) if instructions and payable else None,
            placed_at=clock.iso(order.placed_at),
            expires_at=clock.iso(order.expires_at),
            currency=order.currency,
            locale=order.locale,
            email=order.email,
            address=dict(order.address) if order.address else None,
            shipping_method=(
                ShippingAnswer(id=shipping["id"], name=localised(shipping["name"], locale))
                if shipping
                else None
            ),
            note=order.note,
            lines=[OrderLineAnswer.of(line, locale) for line in order.lines],
            amounts=Amounts(
                items=MoneyAnswer.of(order.items_total),
                shipping=MoneyAnswer.of(order.shipping_price),
                discount=MoneyAnswer.of(Money(0, order.currency)),
                total=MoneyAnswer.of(order.total),
                paid_by_balance=MoneyAnswer.of(order.total if wholly else order.part),
                due=MoneyAnswer.of(order.unpaid),
            ),
            history=[StepAnswer.of(line, locale) for line in order.history],
        )
