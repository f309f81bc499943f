"""The part of the port for providers on whose payments a person decides (`Capabilities.by_hand`).

The buyer hands something in (ports.TakesProof), an administrator looks at it outside of the shop
and says what came of it. What the provider keeps of that and what follows for the order are written
in one transaction (settlement/manual_confirmation.py): there is nobody who could be asked
afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import Outcome


class Rejection(StrEnum):
    """Why a person could not take what the buyer handed in."""

    INVALID = "INVALID"
    ALREADY_CLAIMED = "ALREADY_CLAIMED"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    EXPIRED = "EXPIRED"


class ProofStatus(StrEnum):
    """How far a thing is that was handed in."""

    WAITING = "WAITING"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"


@dataclass(frozen=True)
class ProofDecision:
    """What a person decides, and who: `received` confirms, without it `rejection` says why not."""

    by: str
    received: Money | None = None
    rejection: Rejection | None = None
    # It is enough, though it is less than what is due.
    enough: bool = False
    bill_number: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class PaymentProof:
    """One thing that the buyer handed in, without what must not be seen of it."""

    proof_id: str
    # Its last letters.
    masked: str
    status: ProofStatus
    at: int
    decision: ProofDecision | None = None
    decided_at: int | None = None


@dataclass(frozen=True)
class Decided:
    """What follows from a decision: how the payment stands, and until when the buyer may hand in
    once more if money is missing still.

    `write` goes into the transaction of what is made of it, and raises Moved there; None when all
    of it was done before.
    """

    outcome: Outcome
    write: Callable[[Transaction], None] | None
    until: int | None = None


class Moved(Exception):
    """What was decided on has moved since it was read: read again and decide anew."""


class ByHand(Protocol):
    """What such a provider can do besides."""

    def proofs(self, session_id: str) -> Sequence[PaymentProof]:
        """What the buyer handed in, the oldest first."""

    def reveal(self, session_id: str) -> Mapping[str, str]:
        """What waits for a decision, in clear, by its id. Whoever calls this writes down for whom.
        Raises an error of the shop's when it can't be read any more."""

    def decide(
        self,
        session_id: str,
        proof_id: str | None,
        decision: ProofDecision,
        *,
        last: bool,
        now: int,
    ) -> Decided:
        """Judge one thing that was handed in; without its id, the only one that ever was. `last`:
        nobody waits for this payment any more, so the buyer is asked for nothing.

        Raises an error of the shop's where it is not there, or was decided otherwise.
        """
