"""Asking the providers instead of waiting for them: a webhook that never came changes nothing.

Two looks. From the shop's side: every payment that is still open after a while is asked about, each
five minutes. From the provider's side: what it has captured in the last days is held against the
shop's own books, once a night and when the owner asks.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chalicelib.kernel import deadline, outages, telemetry
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.messaging.rows import Done
from chalicelib.kernel.money import Money
from chalicelib.payments import captures, disputes
from chalicelib.payments import service as payments
from chalicelib.payments.ports import DisputeStatus, Seen, State
from chalicelib.payments.registry import provider_health
from chalicelib.payments.rules import PAID, Payment, PaymentStatus, RefundStatus
from chalicelib.settlement import failed_refunds, outcomes, poll, refunding

# A webhook takes seconds; whoever has not paid after these is asked about each time.
USUAL_SECONDS = 300
# Of each of the index's shards, each time: what one run can ask within its time.
MOST_ASKED = 100
DAY_SECONDS = 86_400
LOOK_BACK_DAYS = 3
NIGHT_HOUR = 3
RUN_SECONDS = 300
# What one look may take: the schedule's function has four minutes for both, a call half of one.
LOOK_SECONDS, CALL_SECONDS = 100, 8


# The shop knows that money came, and what it made of it.
SETTLED = PAID | {PaymentStatus.REFUNDED, PaymentStatus.REVIEW}


class Found(StrEnum):
    """How the provider's books and the shop's may differ."""

    # Captured, and the shop knew nothing of it: settled, revived or sent back now.
    MISSED = "MISSED"
    # Captured for a payment that the shop does not have.
    UNKNOWN = "UNKNOWN"
    # Another sum than was asked for: waits for a decision.
    AMOUNT = "AMOUNT"
    # More or less went back than the shop knows.
    REFUNDED = "REFUNDED"
    # The payer's bank takes it back.
    DISPUTED = "DISPUTED"
    # It could not be put in order now; the next look tries again.
    FAILED = "FAILED"


@dataclass(frozen=True)
class Difference:
    """One payment on which the books differ."""

    provider: str
    kind: Found
    payment_id: str | None
    reference: str | None
    captured: Money | None
    expected: Money | None


@dataclass
class Reconciled:
    """What a look did: asked about, moved, could not ask; seen at providers, and what differs."""

    asked: int = 0
    moved: int = 0
    failed: int = 0
    seen: int = 0
    differences: list[Difference] = field(default_factory=list)
    # Providers that could not be asked, or not to the end.
    silent: list[str] = field(default_factory=list)
    # Whether every row had its turn, and went well.
    complete: bool = True

    def add(self, part: Done) -> None:
        """Count in what came of a part's rows."""
        self.failed += part.failed
        self.complete = self.complete and part.complete

    def counts(self) -> dict[str, int]:
        """For the log: no payment by name."""
        return {
            "asked": self.asked,
            "moved": self.moved,
            "failed": self.failed,
            "seen": self.seen,
            "differences": len(self.differences),
            "silent": len(self.silent),
            "complete": int(self.complete),
        }


def run(now: int) -> Reconciled:
    """The look from the shop's side; in the first run of the night the one from the other too.
    Providers that are down are asked all the same, once."""
    with outages.probing():
        done = poll_open_payments(now)
        if (now % DAY_SECONDS) // RUN_SECONDS == NIGHT_HOUR * 3600 // RUN_SECONDS:
            compare(now, days=LOOK_BACK_DAYS, done=done)
    return done


def poll_open_payments(now: int, *, seconds: float = LOOK_SECONDS) -> Reconciled:
    """Ask about every payment that is open for longer than usual. One failure, whatever it is,
    leaves that payment for the next run."""
    done = Reconciled()

    def handle(payment_id: str) -> None:
        payment = payments.read_unfinished(payment_id)
        if payment is not None:
            done.asked += 1
            done.moved += _finish(payment, now) if payment.refunds else _poll(payment, now)

    waiting = payments.unfinished_ids(before=now - USUAL_SECONDS, most=MOST_ASKED)
    with deadline.within(seconds):
        done.add(rows.work_off("reconcile", *waiting, handle=handle))
    telemetry.metric({"PaymentsAskedAbout": done.asked, "PaymentsFoundByAsking": done.moved})
    return done


def _poll(payment: Payment, now: int) -> bool:
    return poll.poll_provider(payment, now=now).state not in (State.OPEN, State.PROCESSING)


def _finish(payment: Payment, now: int) -> bool:
    """Go on with refunds that were cut off."""
    waiting = [one for one in payment.refunds if one.status == RefundStatus.PENDING]
    ends = [refunding.finish(payment.payment_id, one.refund_id, now=now) for one in waiting]
    return any(one.status != RefundStatus.PENDING for one in ends)


def compare(
    now: int,
    *,
    days: int,
    names: Iterable[str] | None = None,
    done: Reconciled | None = None,
    seconds: float = LOOK_SECONDS,
) -> Reconciled:
    """Hold what the providers captured in the last `days` against the shop's payments, and put in
    order what can be. Without `names` those are asked whose keys are there."""
    done = done or Reconciled()
    with deadline.within(seconds):
        for name in _used() if names is None else names:
            part = _compare_all(name, done, now, days)
            done.add(part)
            if part.broken:
                done.silent.append(name)
    telemetry.metric({"PaymentDifferences": len(done.differences)})
    return done


def _compare_all(name: str, done: Reconciled, now: int, days: int) -> Done:
    """All of one provider; one that breaks off keeps no other back."""

    def handle(row: captures.Row) -> None:
        seen = row.fetch()
        if seen is not None:
            done.seen += 1
            done.differences += _compare(name, seen, now)

    listed = captures.rows(name, since=now - days * DAY_SECONDS)
    return rows.work_off("compare", listed, handle=handle, key=lambda row: row.key)


def _used() -> list[str]:
    return [name for name, each in provider_health().items() if each.on or each.broken]


def _compare(name: str, seen: Seen, now: int) -> list[Difference]:
    payment = payments.read(seen.payment_id) if seen.payment_id else None
    if payment is None:
        return [Difference(name, Found.UNKNOWN, seen.payment_id, None, seen.outcome.amount, None)]
    kinds = []
    if payment.status not in SETTLED:
        kinds.append(_settle(payment, seen, now))
    elif seen.outcome.amount != payment.amount:
        kinds.append(Found.AMOUNT)
    kinds += _aftermath(payment, seen, now)
    return [
        Difference(
            name, kind, payment.payment_id, payment.reference, seen.outcome.amount, payment.amount
        )
        for kind in kinds
    ]


def _aftermath(payment: Payment, seen: Seen, now: int) -> list[Found]:
    """What went back, did not arrive or is disputed without the shop's knowing; it is written down
    now, by what the provider says once more: the list may be older than our own refunds."""
    kinds, back = [], disputes.went_back(payment, seen.outcome)
    if back is not None and payment.returned != back and refunding.counts(payment):
        kinds.append(Found.REFUNDED)
    if payment.status == PaymentStatus.REVIEW and disputes.all_gone(payment, seen.outcome):
        kinds.append(Found.REFUNDED)
    mark = payment.dispute
    disputed = seen.outcome.disputed and (mark is None or mark.status == DisputeStatus.OPEN)
    if kinds or disputed:
        with suppress(StaleState):
            outcome = payments.status(payment, take=False)
            failed_refunds.record_failed_refund(payment, outcome, now=now)
            outcome = replace(outcome, disputed=seen.outcome.disputed)
            refunding.sync_refunds(payment, outcome, now=now)
            after = payments.read(payment.payment_id)
            if after is not None and after.disputes != payment.disputes:
                kinds.append(Found.DISPUTED)
    return kinds


def _settle(payment: Payment, seen: Seen, now: int) -> Found:
    try:
        outcomes.apply(payment.reference, seen.outcome, payment_id=payment.payment_id, now=now)
    except Exception as error:
        telemetry.logger().warning(
            "captured money left for the next look",
            extra={"payment_id": payment.payment_id},
            exc_info=error,
        )
        return Found.FAILED
    return Found.MISSED
