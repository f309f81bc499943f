"""What buyers hand in and a person decides on, over HTTP, for administrators."""

from __future__ import annotations

from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Answer, Change, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.orders import rules, service
from chalicelib.payments import rules as payment_rules
from chalicelib.settlement import manual_confirmation
from chalicelib.settlement import manual_payment_schemas as schemas

routes = Routes(__name__)


@routes.get(
    "/api/admin/payments/{payment_id}",
    access=Permission.MANAGE_PAYMENTS,
    gives="manual_payment_schemas.PaymentWithProofs",
)
def read_payment_whole(request: Request, payment_id: str) -> Answer:
    """A payment with what was handed in for it, masked."""
    return _answer(*service.find(payment_id))


@routes.post(
    "/api/admin/payments/{payment_id}/reveal",
    access=Permission.MANAGE_PAYMENTS,
    gives="manual_payment_schemas.RevealAnswer",
    idempotent=False,
    because="what opens money is not kept a second time",
    also=(409,),
)
def reveal_handed_in(request: Request, body: schemas.Reveal, payment_id: str) -> Answer:
    """Show the passphrases that wait for a decision; the audit log says to whom."""
    return Answer(schemas.RevealAnswer.of(manual_confirmation.reveal(payment_id)))


@routes.post(
    "/api/admin/payments/{payment_id}/confirm",
    access=Permission.MANAGE_PAYMENTS,
    gives="manual_payment_schemas.PaymentWithProofs",
    also=(409,),
)
def confirm_payment(request: Request, body: schemas.Confirm, payment_id: str) -> Answer:
    """Say that the money of what was handed in came, and how much."""
    order, payment = manual_confirmation.confirm(
        payment_id,
        body.packet_id,
        body.received,
        by=request.caller.name,
        enough=body.enough,
        bill_number=body.bill_number,
        note=body.note,
        now=clock.now(),
    )
    said = {"received": body.received, "enough": body.enough, "bill_number": body.bill_number}
    return _answer(order, payment, _change(payment, {"packet": body.packet_id, **said}))


@routes.post(
    "/api/admin/payments/{payment_id}/reject",
    access=Permission.MANAGE_PAYMENTS,
    gives="manual_payment_schemas.PaymentWithProofs",
    also=(409,),
)
def reject_payment(request: Request, body: schemas.Reject, payment_id: str) -> Answer:
    """Say that nothing came of what was handed in, and why."""
    order, payment = manual_confirmation.reject(
        payment_id,
        body.packet_id,
        body.reason,
        by=request.caller.name,
        note=body.note,
        now=clock.now(),
    )
    return _answer(
        order, payment, _change(payment, {"packet": body.packet_id, "reason": str(body.reason)})
    )


def _change(payment: payment_rules.Payment, said: dict[str, object]) -> Change:
    given = {name: value for name, value in said.items() if value is not None}
    return Change(f"payment:{payment.payment_id}", after={**given, "status": str(payment.status)})


def _answer(
    order: rules.Order, payment: payment_rules.Payment, change: Change | None = None
) -> Answer:
    answer = schemas.PaymentWithProofs.with_proofs(
        order, payment, manual_confirmation.proofs_of(payment)
    )
    return Answer(answer, change=change)
