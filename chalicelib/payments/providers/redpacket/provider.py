"""Alipay red packets (口令红包): the buyer hands in a passphrase, the owner claims and confirms.

What is known of them (nothing is published for this use; Alipay changes it, so it is settings):
- A packet holds up to a cap, often 200 CNY; a larger sum takes several.
- What nobody claims goes back to the sender after about 24 hours.
- Whoever enters the passphrase first has the money: it is a secret, and no proof of anything. A
  packet that somebody else claimed looks to the owner like one that never was.

No machine can ask Alipay about them. What the owner says is the provider's word, kept in tables of
this folder's own; they give money back by hand.

Settings (SSM), each with a default: `alipay-redpacket/cap` in fen, `alipay-redpacket/hours` that
the owner may take, `alipay-redpacket/pattern`, a regular expression for the whole passphrase.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.config import Misconfigured
from chalicelib.kernel import clock
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import Conflict, FieldError, Invalid, NotFound, StaleState
from chalicelib.kernel.money import Money
from chalicelib.kernel.parameters import secrets
from chalicelib.payments.by_hand import Decided, Moved, PaymentProof, ProofDecision, ProofStatus
from chalicelib.payments.ports import (
    Charge,
    Event,
    InstructionKind,
    Instructions,
    Opened,
    Outcome,
    ProviderRefused,
    Seen,
    SignatureInvalid,
    State,
)
from chalicelib.payments.providers.redpacket import passphrase as passphrases
from chalicelib.payments.providers.redpacket import tables
from chalicelib.payments.providers.redpacket.book import Book, Packet
from chalicelib.payments.providers.redpacket.capabilities import CAPABILITIES, CURRENCY

CAP = 20_000
HOURS, MOST_HOURS = 24, 168
# Nobody makes a packet in less.
LEAST_SECONDS = 60
MOST_PATTERN = 200
NAME = "alipay-redpacket"


class ProofTooLate(Conflict):
    """The time to hand in a passphrase is over, or enough has come."""

    code = "PASSPHRASE_TOO_LATE"


class TriesUsed(Conflict):
    """As many passphrases as this payment may need were handed in, and some more."""

    code = "PASSPHRASE_TRIES_USED"


class PacketNotFound(NotFound):
    code = "RED_PACKET_NOT_FOUND"


class PacketNotNamed(Invalid):
    """There were several: which one is meant must be said."""

    code = "RED_PACKET_NOT_NAMED"

    def __init__(self) -> None:
        super().__init__(FieldError("packetId", "RED_PACKET_NOT_NAMED"))


class DecidedAlready(Conflict):
    """Somebody has decided on this packet, otherwise."""

    code = "RED_PACKET_DECIDED"


@dataclass(frozen=True)
class Terms:
    """What the owner sets: the cap of a packet in fen, their own time, what passphrases are."""

    cap: int = CAP
    hours: int = HOURS
    pattern: re.Pattern[str] | None = None


def make() -> "RedPacket":
    """From the stage's settings. Raises Misconfigured naming a parameter that can't be right."""
    found = secrets()
    return RedPacket(
        Terms(
            _number(f"{NAME}/cap", found.get(f"{NAME}/cap"), CAP, 10**9),
            _number(f"{NAME}/hours", found.get(f"{NAME}/hours"), HOURS, MOST_HOURS),
            _pattern(found.get(f"{NAME}/pattern")),
        )
    )


def _pattern(configured: str | None) -> re.Pattern[str] | None:
    try:
        if not configured or len(configured) <= MOST_PATTERN:
            return re.compile(configured) if configured else None
    except re.error:
        pass
    raise Misconfigured(
        f"{NAME}/pattern must be a regular expression of {MOST_PATTERN} characters at most"
    )


def _number(name: str, configured: str | None, default: int, most: int) -> int:
    if not configured:
        return default
    if not (
        configured.isascii()
        and configured.isdigit()
        and len(configured) <= 10
        and 1 <= int(configured) <= most
    ):
        raise Misconfigured(f"{name} must be a whole number from 1 to {most}")
    return int(configured)


class RedPacket:
    """See payments/ports.py (Provider, TakesProof) and payments/by_hand.py."""

    capabilities = CAPABILITIES

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def open(self, charge: Charge, *, again: bool = False) -> Opened:
        book = tables.read(charge.payment_id) or self._begin(charge)
        facts = {
            "amount": book.due.decimal(),
            "cap": Money(self._terms.cap, CURRENCY).decimal(),
            "packets": str(book.needed),
            "until": clock.iso(book.until),
        }
        instructions = Instructions(InstructionKind.PASSPHRASE, facts)
        return Opened(book.payment_id, charge.page_url, instructions)

    def _begin(self, charge: Charge) -> Book:
        if charge.total.currency != CURRENCY or charge.expires_at < clock.now() + LEAST_SECONDS:
            raise ProviderRefused()
        needed = -(-charge.total.amount // self._terms.cap)
        book = Book(charge.payment_id, charge.total, needed, charge.expires_at)
        try:
            tables.begin(book)
        except StaleState:
            return tables.read(charge.payment_id) or book
        return book

    def close(self, session_id: str) -> Outcome:
        def attempt() -> Outcome:
            book = tables.read(session_id)
            if book is None:
                return Outcome(State.ENDED, session_id)
            after = replace(book, closed=True)
            if not book.closed:
                with Transaction() as tx:
                    tables.change(tx, after)
            return after.outcome(clock.now())

        return retry_on_conflict(attempt)

    def status(self, session_id: str, *, take: bool = True) -> Outcome:
        book = tables.read(session_id)
        return book.outcome(clock.now()) if book else Outcome(State.ENDED, session_id)

    def captured(self, since: int) -> Iterable[Seen]:
        # There is no other list than the shop's own.
        return ()

    def refund(self, capture_id: str, amount: Money, *, key: str, again: int = 0) -> str:
        raise ProviderRefused()

    def verify(
        self, body: bytes, headers: Mapping[str, str], *, now: int, caller: str = ""
    ) -> None:
        raise SignatureInvalid()

    def read(self, body: str) -> Event:
        return Event("none", "none")

    def ping(self) -> None:
        """Nobody is called."""

    def submit_proof(self, session_id: str, given: str, *, now: int) -> Outcome:
        """Raises PassphraseInvalid, PassphraseUsed, ProofTooLate or TriesUsed."""
        text = passphrases.cleaned(given, self._terms.pattern)
        marks = passphrases.marks(text)

        def attempt() -> Outcome:
            book = tables.read(session_id)
            if book is None:
                raise ProofTooLate()
            if book.find(marks) is None:
                book = self._with_packet(book, text, marks, now)
            return book.outcome(now)

        try:
            return retry_on_conflict(attempt)
        except tables.PassphraseUsed:
            # To ask for passphrases that others hand in costs tries as well.
            retry_on_conflict(lambda: _count(session_id))
            raise

    def _with_packet(self, book: Book, text: str, marks: list[str], now: int) -> Book:
        if not book.takes_more(now):
            raise ProofTooLate()
        if not book.tries_left:
            raise TriesUsed()
        place = book.next_id()
        packet = Packet(
            place,
            passphrases.masked(text),
            marks[0],
            now,
            sealed=passphrases.sealed(text, place),
        )
        after = book.with_packet(packet, deadline=now + self._terms.hours * 3600)
        with Transaction() as tx:
            tables.change(tx, after)
            tables.take(tx, marks, book.payment_id)
        return after

    def proofs(self, session_id: str) -> Sequence[PaymentProof]:
        book = tables.read(session_id)
        return [one.as_proof(book.due.currency) for one in book.packets] if book else []

    def reveal(self, session_id: str) -> Mapping[str, str]:
        """Raises Unsealable."""
        book = tables.read(session_id)
        return {
            one.packet_id: passphrases.opened(one.sealed, one.packet_id)
            for one in (book.packets if book else ())
            if one.sealed is not None
        }

    def decide(
        self,
        session_id: str,
        proof_id: str | None,
        decision: ProofDecision,
        *,
        last: bool,
        now: int,
    ) -> Decided:
        """Raises PacketNotFound, PacketNotNamed or DecidedAlready."""
        book = tables.read(session_id)
        if book is None:
            raise PacketNotFound()
        packet = _meant(book, proof_id)
        if packet.status != ProofStatus.WAITING:
            if not packet.says(decision):
                raise DecidedAlready()
            return Decided(book.outcome(now), None)
        after = book.with_decision(packet, decision, now, last=last)

        def write(tx: Transaction) -> None:
            tables.change(tx, after, on_condition_failed=Moved())

        until = None if after.closed else after.until
        return Decided(after.outcome(now, last=last), write, until)


def _meant(book: Book, packet_id: str | None) -> Packet:
    """The packet named, or the only one there ever was: of several, an administrator may have
    looked at another one than waits now."""
    if packet_id is None and len(book.packets) > 1:
        raise PacketNotNamed()
    for one in book.packets:
        if packet_id in (None, one.packet_id):
            return one
    raise PacketNotFound()


def _count(session_id: str) -> None:
    book = tables.read(session_id)
    if book is not None and book.tries_left:
        with Transaction() as tx:
            tables.change(tx, book.with_try())
