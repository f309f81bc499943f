"""Paying from the store balance: opening takes the money, and nothing is left to be done.

The debit's id follows from the payment's, so it is made once, and closing writes into the very same
place: of an `open` and a `close` at the same moment one is first, and the other finds it.
"""

from collections.abc import Iterable, Mapping

from chalicelib.balance import service as balance
from chalicelib.balance.rules import BalanceTooLow, Entry, Movement, Reason, entry_id
from chalicelib.kernel import clock
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import (
    Charge,
    Event,
    Opened,
    Outcome,
    ProviderRefused,
    Seen,
    SignatureInvalid,
    State,
)
from chalicelib.payments.providers.balance.capabilities import CAPABILITIES

# ISO 4217's code for no currency at all: a tombstone stands for a payment of any.
NO_CURRENCY = "XXX"


class NotEnough(BalanceTooLow, ProviderRefused):
    """The balance does not pay this; nothing was taken."""


def make() -> "StoreBalance":
    return StoreBalance()


class StoreBalance:
    """`session_id` and `capture_id` are the payment's own id."""

    capabilities = CAPABILITIES

    def open(self, charge: Charge, *, again: bool = False) -> Opened:
        if charge.user_id is None:
            raise ProviderRefused()
        debit = Movement(
            entry_id=_debit(charge.payment_id),
            user_id=charge.user_id,
            amount=Money(0, charge.total.currency) - charge.total,
            reason=Reason.PAYMENT,
            reference=charge.reference,
        )
        try:
            entry = balance.make(debit, now=clock.now())
        except BalanceTooLow as error:
            raise NotEnough(**error.params) from error
        return Opened(
            charge.payment_id, charge.page_url, outcome=_outcome(charge.payment_id, entry)
        )

    def close(self, session_id: str) -> Outcome:
        entry = balance.close(_debit(session_id), NO_CURRENCY, now=clock.now())
        return _outcome(session_id, entry)

    def status(self, session_id: str, *, take: bool = True) -> Outcome:
        return _outcome(session_id, balance.find(_debit(session_id)))

    def captured(self, since: int) -> Iterable[Seen]:
        # The shop's own books: the nightly check holds them against the ledger.
        return ()

    def refund(self, capture_id: str, amount: Money, *, key: str, again: int = 0) -> str:
        paid = balance.find(_debit(capture_id))
        if paid is None or paid.closed:
            raise ProviderRefused()
        made = balance.give_back(paid, amount, entry_id=entry_id("back", key), now=clock.now())
        if made is None:
            raise ProviderRefused()
        return made.entry_id

    def verify(
        self, body: bytes, headers: Mapping[str, str], *, now: int, caller: str = ""
    ) -> None:
        # Nobody sends webhooks for it.
        raise SignatureInvalid()

    def read(self, body: str) -> Event:
        return Event("none", "none")

    def ping(self) -> None:
        """Nobody is called."""


def _debit(payment_id: str) -> str:
    return entry_id("pay", payment_id)


def _outcome(payment_id: str, entry: Entry | None) -> Outcome:
    if entry is None or entry.closed:
        return Outcome(State.ENDED, payment_id)
    paid = Money(0, entry.amount.currency) - entry.amount
    back = entry.refunded if entry.refunded.amount else None
    return Outcome(State.PAID, payment_id, paid, payment_id, refunded=back)
