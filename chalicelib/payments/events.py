"""What becomes of an attempt to pay that its order's history does not say: another attempt may
still be open. Made of the payments' stream, a change of status each."""

from collections.abc import Mapping
from typing import Any

from chalicelib.kernel.ids import derived
from chalicelib.kernel.messaging.events import Event, EventData, made
from chalicelib.payments.rules import PaymentStatus

Image = Mapping[str, Any]


class _Attempt(EventData):
    """`orderId` is what the payment is for; `amount` is what was asked for, in minor units."""

    payment_id: str
    order_id: str
    provider: str
    amount: int
    currency: str


class PaymentFailed(_Attempt):
    """The attempt is over: it was refused, or can't be made."""

    type = "payment.failed"


class PaymentDeclined(_Attempt):
    """The payer's bank or wallet refused a try; the same page may still be paid."""

    type = "payment.declined"


class PaymentProcessing(_Attempt):
    """Money is on its way, and may take days."""

    type = "payment.processing"


class PaymentInReview(_Attempt):
    """Money came that is not what was asked for: a person decides."""

    type = "payment.review"


class PaymentExpired(_Attempt):
    """Nobody paid in time, or the order is paid in another way now."""

    type = "payment.expired"


_OF_STATUS: Mapping[str, type[_Attempt]] = {
    PaymentStatus.FAILED: PaymentFailed,
    PaymentStatus.PROCESSING: PaymentProcessing,
    PaymentStatus.REVIEW: PaymentInReview,
    PaymentStatus.EXPIRED: PaymentExpired,
}


def of_change(before: Image, after: Image, *, at: int, change: str) -> Event | None:
    """The event of one write to a payment, None where it is none; `change` names the write, the
    same whenever it is published again."""
    model = _model(before, after)
    if model is None:
        return None
    data = model(
        payment_id=after["payment_id"],
        order_id=after["reference"],
        provider=after["provider"],
        amount=after["amount"],
        currency=after["currency"],
    )
    correlation_id = after.get("correlation_id") or ""
    event_id = derived("evt", after["payment_id"], change)
    return made(data, id=event_id, at=at, correlation_id=correlation_id)


def _model(before: Image, after: Image) -> type[_Attempt] | None:
    if before.get("status") != after["status"]:
        return _OF_STATUS.get(after["status"])
    declined = after.get("declined_at") and not before.get("declined_at")
    return PaymentDeclined if declined else None
