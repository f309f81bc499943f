"""What is known of a payment by red packets, as a value, and what follows from it.

The times of it: until `until` the buyer may hand in; with the first passphrase the `deadline` is
set, until which the owner may take their time. A decision that leaves money missing gives the buyer
a while to hand in once more, never beyond the deadline.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.kernel.ids import derived
from chalicelib.kernel.money import Money
from chalicelib.payments.by_hand import PaymentProof, ProofDecision, ProofStatus, Rejection
from chalicelib.payments.ports import Outcome, State

# How long the buyer may hand in once more after a decision.
AGAIN_SECONDS = 1800
# Wrong ones, on top of as many as the sum needs.
SPARE_TRIES = 5
# A page that nobody closed (its order was paid otherwise) ends by itself so long after its time.
SLACK_SECONDS = 3600


@dataclass(frozen=True)
class Packet:
    """One passphrase, handed in once."""

    packet_id: str
    masked: str
    # By which the same passphrase is known again.
    mark: str
    at: int
    # Until it is decided on; then nobody needs it any more.
    sealed: str | None
    status: ProofStatus = ProofStatus.WAITING
    received: int | None = None
    rejection: Rejection | None = None
    enough: bool = False
    bill_number: str | None = None
    note: str | None = None
    by: str | None = None
    decided_at: int | None = None

    def decided(self, decision: ProofDecision, now: int) -> "Packet":
        """The packet as a person found it."""
        return replace(
            self,
            sealed=None,
            status=ProofStatus.REJECTED if decision.received is None else ProofStatus.CONFIRMED,
            received=decision.received.amount if decision.received else None,
            rejection=decision.rejection,
            enough=decision.enough,
            bill_number=decision.bill_number,
            note=decision.note,
            by=decision.by,
            decided_at=now,
        )

    def says(self, decision: ProofDecision) -> bool:
        """Whether this is what was decided, by whomever."""
        received = decision.received.amount if decision.received else None
        decided = (received, decision.rejection, decision.enough)
        return (self.received, self.rejection, self.enough) == decided

    def as_proof(self, currency: str) -> PaymentProof:
        decision = None
        if self.by is not None:
            came = Money(self.received, currency) if self.received is not None else None
            decision = ProofDecision(
                self.by, came, self.rejection, self.enough, self.bill_number, self.note
            )
        return PaymentProof(
            self.packet_id, self.masked, self.status, self.at, decision, self.decided_at
        )


@dataclass(frozen=True)
class Book:
    """A payment: what is due, and the packets handed in, the oldest first."""

    payment_id: str
    due: Money
    # How many packets the sum needs.
    needed: int
    until: int
    deadline: int | None = None
    closed: bool = False
    # Passphrases handed in, those among them that were refused at once.
    tries: int = 0
    packets: Sequence[Packet] = ()
    # Goes up with each change.
    version: int = 0

    @property
    def received(self) -> Money:
        return Money(sum(one.received or 0 for one in self.packets), self.due.currency)

    @property
    def enough(self) -> bool:
        """Whether all that is due has come, or a person said that it is enough."""
        return not self.received < self.due or any(one.enough for one in self.packets)

    def takes_more(self, now: int) -> bool:
        """Whether a passphrase may be handed in now."""
        return not (self.closed or self.enough) and now < self.until

    @property
    def tries_left(self) -> bool:
        return self.tries < self.needed + SPARE_TRIES

    def find(self, marks: Sequence[str]) -> Packet | None:
        """The packet of a passphrase, unless it was rejected: then it may be tried once more."""
        live = (one for one in self.packets if one.status != ProofStatus.REJECTED)
        return next((one for one in live if one.mark in marks), None)

    def next_id(self) -> str:
        return derived("rpk", self.payment_id, len(self.packets) + 1)

    def with_packet(self, packet: Packet, *, deadline: int) -> "Book":
        """The book with one more; `deadline` counts for the first."""
        return replace(
            self,
            packets=[*self.packets, packet],
            tries=self.tries + 1,
            deadline=self.deadline or deadline,
        )

    def with_try(self) -> "Book":
        """The book with a passphrase refused."""
        return replace(self, tries=self.tries + 1)

    def with_decision(
        self, packet: Packet, decision: ProofDecision, now: int, *, last: bool
    ) -> "Book":
        """The book with a packet decided on, open for more where money is missing and there is
        time, unless this was the `last`."""
        decided = packet.decided(decision, now)
        after = replace(
            self,
            packets=[decided if one.packet_id == packet.packet_id else one for one in self.packets],
        )
        if last or after.enough or now >= (self.deadline or 0):
            return replace(after, closed=True)
        until = min(max(self.until, now + AGAIN_SECONDS), self.deadline or 0)
        return replace(after, closed=False, until=until)

    def waits(self, now: int) -> bool:
        """Whether the owner may still decide in time."""
        waiting = any(one.status == ProofStatus.WAITING for one in self.packets)
        return waiting and now < (self.deadline or 0)

    def outcome(self, now: int, *, last: bool = False) -> Outcome:
        """How the payment stands; at its `last` word nobody waits for other packets.

        What came and is not enough when its time is over is told as paid: the shop sees that it is
        another sum, and a person decides.
        """
        if self.enough:
            return self._outcome(State.PAID, agreed=True)
        over = last or self.closed or now >= self.until + SLACK_SECONDS
        some = self.received.amount > 0
        if (self.waits(now) and not last) or (some and not over):
            return self._outcome(State.PROCESSING)
        if over:
            return self._outcome(State.PAID if some else State.ENDED)
        return self._outcome(State.OPEN)

    def _outcome(self, state: State, *, agreed: bool = False) -> Outcome:
        confirmed = [one for one in self.packets if one.status == ProofStatus.CONFIRMED]
        return Outcome(
            state,
            self.payment_id,
            self.received if confirmed else None,
            confirmed[0].packet_id if confirmed else None,
            agreed=agreed,
        )
