"""The use cases of payments: begin, open, close, record what came of it, take webhooks in."""

from collections.abc import Iterator
from contextlib import suppress

from pynamodb.expressions.condition import Condition

from chalicelib.kernel import clock, outages, telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.messaging.rows import Done
from chalicelib.kernel.money import Money
from chalicelib.payments import claims
from chalicelib.payments.capabilities import Remainder
from chalicelib.payments.ports import (
    KeySpent,
    Outcome,
    ProviderRefused,
    State,
)
from chalicelib.payments.registry import PaymentMethodUnavailable, PaymentNeedsAccount, ready
from chalicelib.payments.rules import (
    UNFINISHED,
    AmountNotInSteps,
    Bounds,
    Payment,
    PaymentStatus,
)
from chalicelib.payments.tables import (
    OPEN_SHARDS,
    PaymentItem,
    listed,
    listing,
    open_shard,
    outcome_actions,
)


def begin(tx: Transaction, payment: Payment) -> None:
    """Record an attempt. StaleState when it is there already."""
    item = PaymentItem(
        payment.payment_id,
        reference=payment.reference,
        provider=payment.provider,
        amount=payment.amount.amount,
        currency=payment.amount.currency,
        status=payment.status,
        created_at=payment.created_at,
        expires_at=payment.expires_at,
        store_credit_amount=payment.store_credit_amount.amount
        if payment.store_credit_amount
        else None,
        open_shard=open_shard(payment.payment_id),
        listing=listing(clock.day(payment.created_at), open_shard(payment.payment_id)),
        place=f"{payment.created_at:010d}#{payment.payment_id}",
        correlation_id=telemetry.correlation_id(),
    )
    tx.put(
        item, condition=PaymentItem.payment_id.does_not_exist(), on_condition_failed=StaleState()
    )


def require(name: str, amount: Money, *, owner: bool = True, bounds: Bounds | None = None) -> None:
    """Raises, before anything is written, PaymentMethodOff when a provider is set up wrongly,
    PaymentMethodUnavailable when it does not take the currency, whatever the settings say,
    AmountTooSmall or AmountTooLarge for its bounds or the shop's own, AmountNotInSteps for what it
    can't charge to the last unit, PaymentNeedsAccount when it takes an account's money and who asks
    is not the `owner`, and NotAsked while it is down."""
    can = ready(name).capabilities
    if can.host is not None and not can.opens_alone:
        outages.check(can.host)
    if can.currencies is not None and amount.currency not in can.currencies:
        raise PaymentMethodUnavailable()
    Bounds(can.least.get(amount.currency), can.most).check(amount)
    if bounds:
        bounds.check(amount)
    if amount.amount % (step := step_of(name, amount.currency)):
        raise AmountNotInSteps(step=Money(step, amount.currency).decimal())
    if can.of_account and not owner:
        raise PaymentNeedsAccount()


def step_of(name: str, currency: str) -> int:
    """What amounts must be multiples of that a provider charges or sends back, in minor units."""
    return ready(name).capabilities.steps.get(currency, 1)


def remainder(name: str, currency: str, bounds: Bounds) -> Remainder:
    """What a provider takes at least of an order that a balance pays a part of, within the shop's
    own `bounds`. Raises PaymentMethodOff when it is set up wrongly."""
    return ready(name).capabilities.remainder(currency, bounds.least)


def read(payment_id: str) -> Payment | None:
    item = dynamo.get(PaymentItem, payment_id)
    return item.as_payment() if item else None


def conclude(
    tx: Transaction,
    payment: Payment,
    status: PaymentStatus,
    outcome: Outcome | None = None,
    reason: str | None = None,
    *,
    spent_key: bool = False,
    expires_at: int | None = None,
    store_credit_amount: Money | None = None,
) -> None:
    """Move the payment from the status it was read in to `status`; StaleState if it has moved.

    `spent_key`: the key under which it was given back answers for a refund that failed.
    `store_credit_amount`: what the balance pays beside it, where that may be other than when it was
    begun.
    """
    actions = [
        PaymentItem.status.set(status),
        PaymentItem.correlation_id.set(telemetry.correlation_id()),
        listed(payment.payment_id, unfinished=status in UNFINISHED),
        *(outcome_actions(outcome, payment.amount.currency) if outcome else ()),
    ]
    if store_credit_amount is not None and store_credit_amount != (
        payment.store_credit_amount or Money(0, store_credit_amount.currency)
    ):
        actions.append(PaymentItem.store_credit_amount.set(store_credit_amount.amount))
    if reason:
        actions.append(PaymentItem.reason.set(reason))
    if spent_key:
        actions.append(PaymentItem.spent_keys.set(payment.spent_keys + 1))
    if expires_at:
        actions.append(PaymentItem.expires_at.set(expires_at))
    tx.update(
        PaymentItem(payment.payment_id),
        actions,
        condition=_unmoved(payment),
        on_condition_failed=StaleState(),
    )
    for claim in outcome.claims if outcome else ():
        claims.take(tx, claim, payment)


def unfinished_ids(*, before: int, most: int) -> list[Iterator[str]]:
    """Payments begun before `before` of which the provider may still have something to tell, as far
    as the index knows: of each shard `most` at most, the oldest first, and in turns."""
    shards = rows.sources_in_turns([str(shard) for shard in range(OPEN_SHARDS)])
    return [_open_in(shard, before, most) for shard in shards]


def _open_in(shard: str, before: int, most: int) -> Iterator[str]:
    # The key alone: a row that can't be read must not end the list.
    keys = PaymentItem.by_open.query(
        shard, PaymentItem.created_at < before, attributes_to_get=["payment_id"]
    )
    yield from rows.in_turns((key.payment_id for key in keys), most=most)


def read_unfinished(payment_id: str) -> Payment | None:
    """The payment, while something is waited for."""
    payment = read(payment_id)
    return payment if payment is not None and payment.unfinished else None


def of_capture(capture_id: str) -> Payment | None:
    """The payment behind a capture, as far as the index knows it yet."""
    keys = PaymentItem.by_capture.query(capture_id, limit=1)
    return next((read(key.payment_id) for key in keys), None)


def _unmoved(payment: Payment) -> Condition:
    return PaymentItem.status == payment.status


def forget(payment_id: str) -> None:
    """Remove the payment page's address, where the provider may show who is to pay."""
    try:
        dynamo.update(
            PaymentItem(payment_id),
            [PaymentItem.url.remove(), PaymentItem.instructions.remove()],
            condition=PaymentItem.payment_id.exists(),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return


def mark_declined(tx: Transaction, payment: Payment, *, now: int) -> None:
    """Note that a try to pay was refused, and that the payment waits for another; StaleState when
    it has moved."""
    actions = [
        PaymentItem.status.set(PaymentStatus.PENDING),
        PaymentItem.declined_at.set(now),
        PaymentItem.correlation_id.set(telemetry.correlation_id()),
    ]
    tx.update(
        PaymentItem(payment.payment_id),
        actions,
        condition=_unmoved(payment),
        on_condition_failed=StaleState(),
    )


def gives_back(name: str) -> bool:
    """Whether a provider can send money back; else the owner does it by hand."""
    return ready(name).capabilities.refunds


def give_back(payment: Payment, amount: Money, *, key: str) -> None:
    """Refund through the provider; repeatable, since `key` is the refund's own."""
    if payment.capture_id is None:
        raise ProviderRefused()
    provider, spent = ready(payment.provider), payment.spent_keys
    try:
        provider.refund(payment.capture_id, amount, key=key, again=spent)
    except KeySpent:
        with suppress(StaleState):
            dynamo.update(
                PaymentItem(payment.payment_id),
                [PaymentItem.spent_keys.set(spent + 1)],
                condition=_spent(spent),
                on_condition_failed=StaleState(),
            )
        # Under the next key when it is tried again: the webhook's message comes back.
        raise


def _spent(count: int) -> Condition:
    known: Condition = PaymentItem.spent_keys == count
    return known | PaymentItem.spent_keys.does_not_exist() if count == 0 else known


def status(payment: Payment, *, take: bool) -> Outcome:
    """How the provider says it stands now. Raises ProviderBusy, ProviderRefused or
    ProviderFailed."""
    session_id = session_of(payment)
    if session_id is None:
        return Outcome(State.OPEN)
    return ready(payment.provider).status(session_id, take=take)


def session_of(payment: Payment) -> str | None:
    """What the provider knows the payment by, as far as that is known here."""
    if payment.session_id is None and ready(payment.provider).capabilities.named:
        return payment.payment_id
    return payment.session_id


def probe_outages() -> Done:
    """A job's part: ask the providers that are down whether they are well again; else nobody might
    ask one of which no payment is open. What comes of it keeps nothing else of the job waiting."""

    def ask(name: str) -> None:
        try:
            ready(name).ping()
        except Exception as error:
            telemetry.logger().warning("still down", extra={"provider": name}, exc_info=error)

    return rows.work_off("outages", outages.current(), handle=ask)
