"""Requests and answers about what buyers hand in, for administrators."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.kernel import clock
from chalicelib.kernel.web.schema import Body, Id, MoneyAnswer, Wire, text_field
from chalicelib.orders.rules import Order
from chalicelib.payments.by_hand import PaymentProof, ProofStatus, Rejection
from chalicelib.payments.rules import Payment
from chalicelib.settlement.refund_schemas import PaymentWhole


class Confirm(Body):
    """What came in, in minor units of the payment's currency; `packetId` as soon as there was more
    than one. Less than what is due pays the order only with `enough`, and a note that says why."""

    received: Annotated[int, Field(strict=True, ge=1, le=10**12)]
    packet_id: Id | None = None
    enough: Annotated[bool, Field(strict=True)] = False
    bill_number: Annotated[str, text_field(64)] | None = None
    note: Annotated[str, text_field(200)] | None = None

    @model_validator(mode="after")
    def _said_why(self) -> "Confirm":
        if self.enough and not self.note:
            raise PydanticCustomError("note_needed", "enough without a note")
        return self


class Reject(Body):
    """Why nothing came in; `packetId` as soon as there was more than one."""

    reason: Rejection
    packet_id: Id | None = None
    note: Annotated[str, text_field(200)] | None = None


class Reveal(Body):
    """Nothing to choose: all that waits is shown."""


class Revealed(Wire):
    packet_id: str
    passphrase: str


class RevealAnswer(Wire):
    """What waits for a decision, in clear. Who enters a passphrase first has the money."""

    items: list[Revealed]

    @classmethod
    def of(cls, found: Mapping[str, str]) -> "RevealAnswer":
        items = [Revealed(packet_id=key, passphrase=text) for key, text in found.items()]
        return cls(items=items)


class ProofWhole(Wire):
    """One thing handed in, as the shop's owner sees it."""

    packet_id: str
    masked: str
    status: ProofStatus
    at: str
    received: MoneyAnswer | None
    reason: Rejection | None
    enough: bool
    bill_number: str | None
    note: str | None
    by: str | None
    decided_at: str | None

    @classmethod
    def of(cls, one: PaymentProof) -> "ProofWhole":
        said = one.decision
        return cls(
            packet_id=one.proof_id,
            masked=one.masked,
            status=one.status,
            at=clock.iso(one.at),
            received=MoneyAnswer.maybe(said.received) if said else None,
            reason=said.rejection if said else None,
            enough=bool(said and said.enough),
            bill_number=said.bill_number if said else None,
            note=said.note if said else None,
            by=said.by if said else None,
            decided_at=clock.iso(one.decided_at) if one.decided_at else None,
        )


class PaymentWithProofs(PaymentWhole):
    """A payment with what was handed in for it."""

    handed_in: list[ProofWhole]

    @classmethod
    def with_proofs(
        cls, order: Order, payment: Payment, proofs: Sequence[PaymentProof]
    ) -> "PaymentWithProofs":
        whole = PaymentWhole.of(order, payment)
        fields = {name: getattr(whole, name) for name in PaymentWhole.model_fields}
        return cls(**fields, handed_in=[ProofWhole.of(one) for one in proofs])
