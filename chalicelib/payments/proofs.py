"""What the buyer handed in and a person decides on, at whichever provider that is so."""

from collections.abc import Mapping, Sequence
from typing import cast

from chalicelib.kernel.errors import Conflict
from chalicelib.payments.by_hand import ByHand, Decided, PaymentProof, ProofDecision
from chalicelib.payments.registry import ready
from chalicelib.payments.rules import Payment


class NothingToDecide(Conflict):
    """Nobody decides on this payment but its provider, or nothing was handed in for it."""

    code = "NOTHING_TO_DECIDE"


def proofs_of(payment: Payment) -> Sequence[PaymentProof]:
    """What was handed in, the oldest first, as it may be seen."""
    found = _by_hand(payment)
    return found[0].proofs(found[1]) if found else ()


def reveal(payment: Payment) -> Mapping[str, str]:
    """What waits, in clear. Raises NothingToDecide and what the provider raises."""
    provider, session_id = _required(payment)
    found = provider.reveal(session_id)
    if not found:
        raise NothingToDecide()
    return found


def decide(
    payment: Payment, proof_id: str | None, decision: ProofDecision, *, last: bool, now: int
) -> Decided:
    """See by_hand.ByHand. Raises NothingToDecide and what the provider raises."""
    provider, session_id = _required(payment)
    return provider.decide(session_id, proof_id, decision, last=last, now=now)


def _required(payment: Payment) -> tuple[ByHand, str]:
    found = _by_hand(payment)
    if found is None:
        raise NothingToDecide()
    return found


def _by_hand(payment: Payment) -> tuple[ByHand, str] | None:
    provider = ready(payment.provider)
    if not provider.capabilities.by_hand or payment.session_id is None:
        return None
    return cast("ByHand", provider), payment.session_id
