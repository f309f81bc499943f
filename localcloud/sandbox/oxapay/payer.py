"""The payer, the chain, the merchant's dashboard and the clock: what happens to an invoice.

Each action is one transaction that changes the invoice and records its webhooks. An action that
does not fit the invoice's status raises Refused with 409.
"""

import time
from collections.abc import Callable

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.oxapay import invoices, webhooks
from localcloud.sandbox.store import Document
from localcloud.sandbox.world import Refused, World

AWAITED = ("new", "waiting")
PAYABLE = (*AWAITED, "paying")
Change = Callable[[Document], None]


class Payer:
    """Acts on invoices by their track id; each method answers the events that it caused."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def invoice(self, track_id: str) -> Document:
        """The invoice; raises Refused with 404."""
        found = self._store.get(invoices.KIND, track_id)
        if found is None:
            raise Refused(404, f"No such invoice: {track_id}")
        return found

    def choose(self, track_id: str, manner: Manner | None) -> list[Document]:
        """The payer has chosen a coin, and is shown where to send it."""
        return self._move(track_id, manner, ("new",), "waiting", notified=False)

    def paying(self, track_id: str, manner: Manner | None) -> list[Document]:
        """The coins are seen on the chain and not confirmed."""

        def send(invoice: Document) -> None:
            invoice["txs"] = [_coins(invoice["amount"], "confirming")]

        return self._move(track_id, manner, AWAITED, "paying", send)

    def pay(self, track_id: str, manner: Manner | None, units: int | None = None) -> list[Document]:
        """All of it comes in and is confirmed; `units` (minor) if more than was asked for."""

        def settle(invoice: Document) -> None:
            value = invoices.major(units, invoice) if units else invoice["amount"]
            invoice["txs"] = [_confirmed(invoice, value)]

        with self._store.transaction():
            begun = self._begin(track_id, manner)
            return begun + self._move(track_id, manner, ("paying",), "paid", settle)

    def overpay(self, track_id: str, manner: Manner | None, units: int | None) -> list[Document]:
        """More comes in than was asked for, a tenth where `units` (minor) does not say."""
        asked = invoices.minor(self.invoice(track_id))
        units = units or asked + max(1, asked // 10)
        if units <= asked:
            raise Refused(409, f"{units} is no more than the {asked} asked for")
        return self.pay(track_id, manner, units)

    def underpay(self, track_id: str, manner: Manner | None, units: int | None) -> list[Document]:
        """Too little comes in, half where `units` (minor) does not say; of the end nobody hears."""
        invoice = self.invoice(track_id)
        asked = invoices.minor(invoice)
        came = units or max(1, asked // 2)
        if came >= asked:
            raise Refused(409, f"{came} is no less than the {asked} asked for")

        def settle(found: Document) -> None:
            found["txs"] = [_confirmed(found, invoices.major(came, found))]

        with self._store.transaction():
            begun = self._begin(track_id, manner)
            return begun + self._move(
                track_id, manner, ("paying",), "underpaid", settle, notified=False
            )

    def expire(self, track_id: str, manner: Manner | None) -> list[Document]:
        """Its time is over; nobody is told."""
        return self._move(track_id, manner, AWAITED, "expired", notified=False)

    def pay_late(self, track_id: str, manner: Manner | None, units: int | None) -> list[Document]:
        """Coins come in after the end: they are listed, the invoice stays expired."""

        def send(invoice: Document) -> None:
            value = invoices.major(units, invoice) if units else invoice["amount"]
            invoice["txs"] = [*invoice["txs"], _coins(value, "confirmed")]

        return self._move(track_id, manner, ("expired",), "expired", send, notified=False)

    def accept(self, track_id: str, manner: Manner | None) -> list[Document]:
        """The merchant takes what came as enough, in the dashboard."""
        before = ("underpaid", "expired")
        return self._move(track_id, manner, before, "manual_accept", notified=False)

    def refund(self, track_id: str, manner: Manner | None) -> list[Document]:
        """The merchant gave the money back, in the dashboard."""
        before = ("paid", "underpaid", "manual_accept", "refunding")
        return self._move(track_id, manner, before, "refunded", notified=False)

    def _begin(self, track_id: str, manner: Manner | None) -> list[Document]:
        status = self.invoice(track_id)["status"]
        if status not in PAYABLE:
            raise Refused(409, f"{track_id} is {status}, not {' or '.join(PAYABLE)}")
        return [] if status == "paying" else self.paying(track_id, manner)

    def _move(
        self,
        track_id: str,
        manner: Manner | None,
        before: tuple[str, ...],
        status: str,
        change: Change = lambda invoice: None,
        *,
        notified: bool = True,
    ) -> list[Document]:
        with self._store.transaction():
            invoice = self.invoice(track_id)
            if invoice["status"] not in before:
                raise Refused(409, f"{track_id} is {invoice['status']}, not {' or '.join(before)}")
            change(invoice)
            invoice["status"] = status
            self._store.put(invoices.KIND, invoice)
            return [webhooks.record(self._world, invoice, manner)] if notified else []


def _coins(value: str, status: str) -> Document:
    return invoices.transaction(value, int(time.time()), status)


def _confirmed(invoice: Document, value: str) -> Document:
    """The transaction that was seen, now confirmed: its hash stays."""
    seen = invoice["txs"][0]
    worth = {"value": value, "sent_amount": value, "received_amount": value}
    return {**seen, **worth, "status": "confirmed", "confirmations": 12}
