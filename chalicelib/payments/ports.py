"""What the shop asks of a payment provider, in the shop's own words.

A provider is a folder (or a file) in `providers/` with a `MANIFEST` (payments/manifest.py), which
names the module that has `make() -> Provider`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from chalicelib.kernel.errors import Malformed, ProviderBusy, ProviderFailed
from chalicelib.kernel.money import Money
from chalicelib.payments.capabilities import Capabilities as Capabilities


class ProviderRefused(ProviderFailed):
    """The provider said no for good: asking the same again is pointless, no money can move."""


class KeySpent(ProviderBusy):
    """The provider keeps an error under this idempotency key: under a new one the same may work."""


class SignatureInvalid(Malformed):
    """A webhook that is not the provider's, or too old to be believed."""

    code = "SIGNATURE_INVALID"


class State(StrEnum):
    """How a payment stands, as its provider says."""

    OPEN = "OPEN"
    PAID = "PAID"
    # The buyer is done, the money is on its way (bank debits and the like).
    PROCESSING = "PROCESSING"
    FAILED = "FAILED"
    # Over without money: expired, or never begun.
    ENDED = "ENDED"


@dataclass(frozen=True)
class ChargeLine:
    name: str
    unit_amount: Money
    quantity: int


@dataclass(frozen=True)
class Charge:
    """What is to be paid. Made from the order alone, so that a repeat is the same to the byte."""

    payment_id: str
    reference: str
    number: str
    lines: Sequence[ChargeLine]
    total: Money
    email: str
    locale: str
    success_url: str
    cancel_url: str
    # The order's own page, where the buyer pays who has no page of the provider's.
    page_url: str
    expires_at: int
    # Who was signed in when it was ordered.
    user_id: str | None = None
    # A number that no other payment of this amount has, for who asks for one (`amount_suffixes`).
    amount_suffix: int = 0


class InstructionKind(StrEnum):
    """What the buyer does on the order's own page."""

    # Send coins to an address, then wait, or hand in the transaction's hash.
    TRANSFER = "TRANSFER"
    # Hand in what opens a red packet.
    PASSPHRASE = "PASSPHRASE"  # noqa: S105
    # Fill in a form of the provider's, which a storefront embeds.
    FORM = "FORM"


@dataclass(frozen=True)
class Instructions:
    """How to pay where the provider has no page of its own: the facts by name, as text."""

    kind: InstructionKind
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Opened:
    """A payment page: the provider's, or the order's own with `instructions`.

    With an `outcome` nothing is left to be done: it was paid by opening it.
    """

    session_id: str
    url: str
    instructions: Instructions | None = None
    outcome: "Outcome | None" = None


class DisputeStatus(StrEnum):
    """How a dispute stands. WON: the money stays with the shop, or is back."""

    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"


@dataclass(frozen=True)
class Dispute:
    """The payer's bank, or the payer at the provider, wants `amount` back. While it is OPEN the
    provider keeps that amount; LOST, it has gone back to the payer."""

    dispute_id: str
    status: DisputeStatus
    amount: Money


@dataclass(frozen=True)
class Outcome:
    """The provider's word on a payment. Amount and capture are told when there is money."""

    state: State
    session_id: str | None = None
    amount: Money | None = None
    # What a refund refers to, e.g. Stripe's PaymentIntent.
    capture_id: str | None = None
    # All that went back to the payer so far, by whomever; None where it was not asked.
    refunded: Money | None = None
    # It is disputed, or was: `Provider.disputes` says how that stands.
    disputed: bool = False
    # What this money is by a name that counts once in the shop for ever, e.g. a transaction's hash.
    claims: Sequence[str] = ()
    # A person has found the amount to be enough, whatever was asked for.
    agreed: bool = False
    # Why a person has to look at this money, whatever its sum.
    doubt: str | None = None
    # What it consists of, each with its amount suffix, where that is not what this payment asked
    # for: it may be what another one asks for.
    sums: Sequence[tuple[Money, int]] = ()
    # Still open, but the payer's bank or wallet refused the last try: another one may work.
    declined: bool = False


@dataclass(frozen=True)
class Seen:
    """A payment in the provider's own list; `payment_id` is None where it is none of the shop's,
    or where only its `amount_suffix` tells whose it is (with the amount that was asked for)."""

    payment_id: str | None
    outcome: Outcome
    amount_suffix: int | None = None
    # When it came in, where an amount suffix is all there is: it may have been another payment's
    # before.
    at: int | None = None


@dataclass(frozen=True)
class Unread:
    """A row of the provider's list that could not be read: its id there, and why. It keeps the rows
    after it from nobody."""

    key: str
    error: Exception


class Subject(StrEnum):
    """What a webhook may be about; webhooks/workers.py knows whose business each is."""

    PAYMENT = "PAYMENT"
    SUBSCRIPTION = "SUBSCRIPTION"


@dataclass(frozen=True)
class Event:
    """A webhook, verified and read. It concerns a payment when it names one, by our id or by what
    was captured, and tells its `outcome` or that the provider is to be asked for it."""

    event_id: str
    type: str
    payment_id: str | None = None
    reference: str | None = None
    outcome: Outcome | None = None
    # The webhook says that something happened, the provider's own answer says what.
    ask: bool = False
    capture_id: str | None = None
    # A bank refused this try; the payment may still be made by another one.
    declined: bool = False
    # Of a subscription, `reference` is our id and `external_id` the provider's; either may be
    # missing.
    subject: Subject = Subject.PAYMENT
    external_id: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def followed(self) -> bool:
        """Whether anybody in the shop can make something of it: it names what it is about."""
        if self.subject is Subject.SUBSCRIPTION:
            return bool(self.reference or self.external_id)
        if self.payment_id:
            return self.ask or self.declined or bool(self.outcome and self.reference)
        return self.ask and bool(self.capture_id)


Row = TypeVar("Row")


def seen_in(
    rows: Iterable[Row], read: Callable[[Row], Seen | None], key: Callable[[Row], str]
) -> Iterator[Seen | Unread]:
    """What a provider's rows show, each read by itself: `read` answers None for a row without
    money, `key` names it."""
    for row in rows:
        try:
            found = read(row)
        except Exception as error:
            yield Unread(key(row), error)
        else:
            if found is not None:
                yield found


class Provider(Protocol):
    """Every call raises ProviderBusy when asking again may help, ProviderRefused when it can't."""

    capabilities: Capabilities

    def open(self, charge: Charge, *, again: bool = False) -> Opened:
        """Begin the payment, or find it: the same charge opens once, however often asked.

        `again`: an earlier call may have begun it. Who has no keys looks first then; of two pages
        made at once only one is told to the buyer (payments/service.py). KeySpent when only another
        charge can be opened.
        """

    def close(self, session_id: str) -> Outcome:
        """Let nobody pay any more; answers how it ended, PAID if the buyer was faster.

        OPEN where a page can't be ended early and its time is not over.
        """

    def status(self, session_id: str, *, take: bool = True) -> Outcome:
        """How the payment stands now.

        Where the buyer's consent waits for the shop to take the money (PayPal), `take` does so.
        """

    def captured(self, since: int) -> Iterable[Seen | Unread] | None:
        """What was captured since then, from the provider's list. None where it has none: it is
        asked about the payments that the shop has begun there."""

    def refund(self, capture_id: str, amount: Money, *, key: str, again: int = 0) -> str:
        """Give money back, once per `key`; answers the refund's id.

        KeySpent when the key's answer is an error for good. `again`: how often that was so; the
        refund is looked for then, and only if there is none asked for under a key of that number.
        ProviderRefused when it can't be given back.
        """

    def verify(
        self, body: bytes, headers: Mapping[str, str], *, now: int, caller: str = ""
    ) -> None:
        """Raises SignatureInvalid unless the raw bytes are the provider's and fresh.

        Anybody may post one. Where telling takes a call out, that is spent from an allowance of
        `caller`, the identity by the address of the net; TooMany when it is used up.
        """

    def read(self, body: str) -> Event:
        """A verified webhook as an event."""

    def ping(self) -> None:
        """Ask the host for something small that changes nothing. ProviderBusy while it is down."""


class Disputes(Protocol):
    """What a provider whose payments can be disputed (`disputes`) can do besides."""

    def disputes(self, capture_id: str) -> Sequence[Dispute]:
        """Every dispute of what was captured, as each stands now."""


class TakesProof(Protocol):
    """What a provider that is given something by the buyer (`hands_in`) can do besides."""

    def submit_proof(self, session_id: str, given: str, *, now: int) -> Outcome:
        """Take what the buyer gives, and say how the payment stands then.

        Raises an error of the shop's with a code of its own for each way in which it can be
        wrong, ProviderBusy when it can't be looked at now. Given again, the same.
        """
