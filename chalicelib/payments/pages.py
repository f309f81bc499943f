"""Where a payment is paid: its page is opened once, told once, and closed.

A page is the provider's, or the order's own with instructions of what to do there.
"""

from dataclasses import replace
from typing import Any, cast

from pynamodb.expressions.update import Action

from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import ProviderBusy, StaleState
from chalicelib.payments import claims
from chalicelib.payments.ports import (
    Charge,
    KeySpent,
    Opened,
    Outcome,
    ProviderRefused,
    State,
    TakesProof,
)
from chalicelib.payments.registry import ready
from chalicelib.payments.rules import NothingToHandIn, Payment, PaymentStatus
from chalicelib.payments.service import read, session_of
from chalicelib.payments.tables import PaymentItem


def open_page(payment: Payment, charge: Charge, *, now: int) -> Opened:
    """Where and how the buyer pays; with an outcome, it is paid by this. Asked again, the same.

    Raises ProviderBusy (ask again), KeySpent (begin another attempt), ProviderRefused (never) or
    ProviderFailed.
    """
    if payment.url:
        return Opened(payment.session_id or "", payment.url, payment.instructions)
    provider = ready(payment.provider)
    if amount_suffixes := provider.capabilities.amount_suffixes:
        charge = replace(
            charge, amount_suffix=claims.amount_suffix(payment, amount_suffixes, now=now)
        )
    try:
        again = not provider.capabilities.keys and _opens_again(payment)
        opened = provider.open(charge, again=again)
    except ProviderBusy:
        # One key, one call at a time: another click of the same buyer may be opening this page.
        opened_before = _opened_before(payment)
        if opened_before is None:
            raise
        return opened_before
    if opened.outcome is not None:
        return opened
    try:
        dynamo.update(
            PaymentItem(payment.payment_id),
            _page(opened),
            condition=_no_other_page(opened),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        # Another click's page is told already; or it was paid or has ended between the provider's
        # answer and ours: the order's page tells which.
        return _opened_before(payment) or Opened(opened.session_id, charge.cancel_url)
    return opened


def _opens_again(payment: Payment) -> bool:
    """Note that this page is being opened; whether somebody noted it before, and was maybe never
    told what came of it."""
    try:
        dynamo.update(
            PaymentItem(payment.payment_id),
            [PaymentItem.opening.set(True)],
            condition=PaymentItem.opening.does_not_exist(),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return True
    return False


def _no_other_page(opened: Opened) -> Any:
    """The payment still waits, and no other page was told to the buyer: of two that were opened at
    once, the one whose address nobody knows can't be paid."""
    unknown = PaymentItem.session_id.does_not_exist()
    known = PaymentItem.session_id == opened.session_id
    return (PaymentItem.status == PaymentStatus.PENDING) & (unknown | known)


def _page(opened: Opened) -> list[Action]:
    page: list[Action] = [
        PaymentItem.session_id.set(opened.session_id),
        PaymentItem.url.set(opened.url),
    ]
    if opened.instructions:
        instructions = {
            "kind": str(opened.instructions.kind),
            "facts": dict(opened.instructions.facts),
        }
        page.append(PaymentItem.instructions.set(instructions))
    return page


def _opened_before(payment: Payment) -> Opened | None:
    """The page that another click was told, while it can be paid."""
    found = read(payment.payment_id)
    if found is None or not found.url or found.status != PaymentStatus.PENDING:
        return None
    return Opened(found.session_id or "", found.url, found.instructions)


def close_page(payment: Payment, charge: Charge) -> Outcome:
    """See to it that nobody pays any more, and say how it ended: PAID if the buyer was faster.

    When the provider's answer to `open` was lost, the same key finds the session again; refused,
    there never was one (a validation error is not remembered by the provider), and one behind a
    spent key has an address that nobody was told.
    """
    session_id = session_of(payment)
    if (
        session_id is None
        and payment.amount_suffix == 0
        and ready(payment.provider).capabilities.amount_suffixes
    ):
        # Its amount was never told to anybody.
        return Outcome(State.ENDED)
    if session_id is None:
        charge = replace(charge, amount_suffix=payment.amount_suffix)
        try:
            session_id = ready(payment.provider).open(charge, again=True).session_id
        except (ProviderRefused, KeySpent):
            return Outcome(State.ENDED)
    return ready(payment.provider).close(session_id)


def submit_proof(payment: Payment, given: str, *, now: int) -> Outcome:
    """Give the provider what the buyer hands in; how the payment stands then.

    Raises NothingToHandIn, ClaimedAlready, MoneyOfAnother and what the provider raises: see
    ports.TakesProof.
    """
    provider = ready(payment.provider)
    if not provider.capabilities.hands_in or payment.session_id is None:
        raise NothingToHandIn()
    outcome = cast("TakesProof", provider).submit_proof(payment.session_id, given, now=now)
    claims.check(payment, outcome)
    return outcome
