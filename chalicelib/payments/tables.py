"""Payment attempts, customers and what counts for one payment only.

Access patterns
    read   a payment            Get     payments (payment_id)
    read   what is still open   Query   payments by_open (open_shard, created_at), sparse: to find
                                        what to ask about, never to decide
    read   the list of payments     Query   payments by_listing (listing, place), newest first: to
                                        show, never to decide; a day lies in eight parts
    read   a capture's payment  Query   payments by_capture (capture_id): to find, never to decide
    write  begin, open, settle  Put/Update, conditional on the status
    write  refunds, disputes    Update  conditional on their version, which bounds their sum
    read   a user's customer    Get     customers (user_id, provider)
    write  keep a customer      Update  only once; conditional on the one that is gone
    write  a claim              Put     claims (claim), conditional: another payment's stays
    read   whose a claim is     Get     claims (claim)
"""

from collections.abc import Iterator
from typing import Any
from zlib import crc32

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action
from pynamodb.indexes import IncludeProjection, KeysOnlyProjection

from chalicelib.kernel.db import mapping
from chalicelib.kernel.db.dynamo import Document, Index
from chalicelib.kernel.db.values import PlainMap
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import Dispute, DisputeStatus, InstructionKind, Instructions, Outcome
from chalicelib.payments.rules import Payment, Refund

# What the list of payments shows of each.
PAYMENT_SUMMARY = tuple(
    """reference provider amount currency status created_at expires_at captured reason
    disputed""".split()
)

# A dispute of which nothing but its being there is known.
UNNAMED = "unnamed"

# As many as spread a sale's writes; a reader asks each of them.
OPEN_SHARDS = 8


def open_shard(payment_id: str) -> str:
    """Where in the index of open payments this one stands."""
    return str(crc32(payment_id.encode()) % OPEN_SHARDS)


def listing(day: str, shard: int | str) -> str:
    """One part of the list of a day's payments."""
    return f"{day}/{shard}"


def listed(payment_id: str, *, unfinished: bool) -> Action:
    """Keep a payment among the open ones, or take it out."""
    if unfinished:
        return PaymentItem.open_shard.set(open_shard(payment_id))
    return PaymentItem.open_shard.remove()


def outcome_actions(outcome: Outcome, currency: str) -> Iterator[Action]:
    """What a payment in this currency remembers of what its provider says."""
    if outcome.session_id:
        yield PaymentItem.session_id.set(outcome.session_id)
    if outcome.capture_id:
        yield PaymentItem.capture_id.set(outcome.capture_id)
    if outcome.amount and outcome.amount.currency == currency:
        yield PaymentItem.captured.set(outcome.amount.amount)


class ByCapture(Index["PaymentItem"]):
    class Meta:
        index_name = "by_capture"
        projection = KeysOnlyProjection()

    capture_id = UnicodeAttribute(hash_key=True)


class ByListing(Index["PaymentItem"]):
    class Meta:
        index_name = "by_listing"
        projection = IncludeProjection(list(PAYMENT_SUMMARY))

    listing = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)


class ByOpen(Index["PaymentItem"]):
    class Meta:
        index_name = "by_open"
        projection = KeysOnlyProjection()

    open_shard = UnicodeAttribute(hash_key=True)
    created_at = NumberAttribute(range_key=True)


class PaymentItem(Document):
    class Meta:
        table = "payments"

    payment_id = UnicodeAttribute(hash_key=True)
    reference = UnicodeAttribute()
    provider = UnicodeAttribute()
    amount = NumberAttribute()
    currency = UnicodeAttribute()
    status = UnicodeAttribute()
    created_at = NumberAttribute()
    expires_at = NumberAttribute()
    session_id = UnicodeAttribute(null=True)
    url = UnicodeAttribute(null=True)
    instructions = PlainMap(null=True)
    # Tells it from other payments of the same amount.
    amount_suffix = NumberAttribute(default=0)
    capture_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    # Somebody has asked the provider for its page; the answer may have been lost.
    opening = BooleanAttribute(null=True)
    # Idempotency keys of its refund under which the provider keeps an error.
    spent_keys = NumberAttribute(default=0)
    captured = NumberAttribute(null=True)
    # By id: amount, status, by, reason, at, spent_keys, to. In the payment itself, so that one
    # condition bounds their sum.
    refunds = PlainMap(default=dict)
    version = NumberAttribute(default=0)
    # Whether a dispute keeps money of it or has taken some; told of in the list of all payments.
    disputed = BooleanAttribute(null=True)
    # By id: status, amount. Written in the turns of the refunds, which both bound the sum.
    disputes = PlainMap(default=dict)
    # What the buyer's store balance paid of the same order.
    store_credit_amount = NumberAttribute(null=True)
    # When the payer's bank or wallet first refused it; it may still be paid by another one.
    declined_at = NumberAttribute(null=True)
    # Of the call that last moved it.
    correlation_id = UnicodeAttribute(null=True)
    # While the provider may still have to tell something, or to do something.
    open_shard = UnicodeAttribute(null=True)
    # Where the list of all payments shows it: the day it was begun on and a shard; the order in it.
    listing = UnicodeAttribute(null=True)
    place = UnicodeAttribute(null=True)

    by_listing = ByListing()
    by_open = ByOpen()
    by_capture = ByCapture()

    def as_payment(self) -> Payment:
        return mapping.loaded(
            Payment,
            self,
            instructions=_instructions_of(self.instructions),
            captured=_money(self.captured, self.currency),
            refunds=tuple(
                _refund_of(refund_id, each, self.currency)
                for refund_id, each in (self.refunds or {}).items()
            ),
            disputes=_disputes_of(self),
            store_credit_amount=_money(self.store_credit_amount, self.currency),
        )


def _money(amount: float | None, currency: str) -> Money | None:
    return Money(int(amount), currency) if amount else None


def _instructions_of(stored: dict[str, Any] | None) -> Instructions | None:
    return Instructions(InstructionKind(stored["kind"]), stored["facts"]) if stored else None


def _disputes_of(item: PaymentItem) -> tuple[Dispute, ...]:
    found = tuple(
        Dispute(name, DisputeStatus(stored["status"]), Money(stored["amount"], item.currency))
        for name, stored in (item.disputes or {}).items()
    )
    if found or not item.disputed:
        return found
    # Marked before disputes were told apart: all of it, until the provider says how it stands.
    amount = Money(int(item.captured or item.amount), item.currency)
    return (Dispute(UNNAMED, DisputeStatus.OPEN, amount),)


def _refund_of(refund_id: str, stored: dict[str, Any], currency: str) -> Refund:
    return mapping.loaded(Refund, {"refund_id": refund_id, "currency": currency, **stored})


class CustomerItem(Document):
    """Whom a provider knows a user as."""

    class Meta:
        table = "customers"

    user_id = UnicodeAttribute(hash_key=True)
    provider = UnicodeAttribute(range_key=True)
    customer_id = UnicodeAttribute(null=True)
    # Where receipts go has been told.
    email_set = BooleanAttribute(null=True)
    # Goes up when the key of the last try can't make a customer any more.
    tries = NumberAttribute(default=0)


class ClaimItem(Document):
    """What counts for one payment only: a transaction's hash for ever, what a payment adds to its
    amount for as long as somebody may still send that."""

    class Meta:
        table = "claims"

    claim = UnicodeAttribute(hash_key=True)
    payment_id = UnicodeAttribute()
    expires_at = NumberAttribute(null=True)
