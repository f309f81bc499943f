"""What counts for one payment only.

Money that names itself (a transaction's hash) is claimed in the transaction that counts it. Money
that does not (a transfer to the shop's wallet) is told apart by its amount: each payment asks for a
little more than the next one, and that little is claimed before the buyer is told.
"""

from zlib import crc32

from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import ProviderBusy, StaleState
from chalicelib.payments.ports import Outcome
from chalicelib.payments.rules import ClaimedAlready, MoneyOfAnother, Payment
from chalicelib.payments.tables import ClaimItem, PaymentItem

# Whoever sends late is still told apart; then the amount may be asked for again.
SUFFIX_SECONDS = 30 * 86_400
MOST_TRIES = 50


def take(tx: Transaction, claim: str, payment: Payment) -> None:
    """Claim something for a payment, for ever. ClaimedAlready when it is another one's."""
    ours = ClaimItem.payment_id == payment.payment_id
    tx.put(
        ClaimItem(claim, payment_id=payment.payment_id),
        condition=ClaimItem.claim.does_not_exist() | ours,
        on_condition_failed=ClaimedAlready(),
    )


def amount_suffix(payment: Payment, amount_suffixes: int, *, now: int) -> int:
    """What this payment adds to its amount, from 1 to `amount_suffixes`: no other one of the same
    amount that may still be paid adds the same. Asked again, the same. ProviderBusy when all are
    taken."""
    if payment.amount_suffix:
        return payment.amount_suffix
    first = crc32(payment.payment_id.encode())
    for number in range(min(MOST_TRIES, amount_suffixes)):
        wanted = 1 + (first + number) % amount_suffixes
        if _reserve(payment, wanted, now):
            return _keep(payment, wanted)
    raise ProviderBusy()


def _reserve(payment: Payment, wanted: int, now: int) -> bool:
    free = ClaimItem.claim.does_not_exist() | (ClaimItem.expires_at < now)
    try:
        dynamo.update(
            ClaimItem(_name(payment.provider, payment.amount.wire(), wanted)),
            [
                ClaimItem.payment_id.set(payment.payment_id),
                ClaimItem.expires_at.set(payment.expires_at + SUFFIX_SECONDS),
            ],
            condition=free | (ClaimItem.payment_id == payment.payment_id),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return False
    return True


def _keep(payment: Payment, wanted: int) -> int:
    """Note it at the payment; what another click has noted first is the one that counts."""
    try:
        dynamo.update(
            PaymentItem(payment.payment_id),
            [PaymentItem.amount_suffix.set(wanted)],
            condition=PaymentItem.amount_suffix.does_not_exist() | (PaymentItem.amount_suffix == 0),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        found = dynamo.get(PaymentItem, payment.payment_id)
        return int(found.amount_suffix) if found else wanted
    return wanted


def check(payment: Payment, outcome: Outcome) -> None:
    """Raises ClaimedAlready for money that was counted elsewhere, MoneyOfAnother for what another
    payment asks for.

    What is counted at the same moment is seen by the transaction. Nobody can be asked meanwhile for
    a sum that is here already: what counts for a payment comes after it was begun.
    """
    if holder(outcome) not in (None, payment.payment_id):
        raise ClaimedAlready()
    for amount, wanted in outcome.sums:
        if owner(payment.provider, amount.wire(), wanted) not in (None, payment.payment_id):
            raise MoneyOfAnother()


def holder(outcome: Outcome) -> str | None:
    """The payment for which this money, or a part of it, was counted, if there is one."""
    for claim in outcome.claims:
        found = dynamo.get(ClaimItem, claim)
        if found:
            return found.payment_id
    return None


def owner(provider: str, amount: dict[str, int | str], wanted: int) -> str | None:
    """The payment that adds this to that amount, if there is one."""
    found = dynamo.get(ClaimItem, _name(provider, amount, wanted))
    return found.payment_id if found else None


def _name(provider: str, amount: dict[str, int | str], wanted: int) -> str:
    return f"{provider}/{amount['amount']}/{amount['currency']}/{wanted}"
