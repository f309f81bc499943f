"""What happens to money that was taken: refunds, refunds that fail later, disputes."""

import time
from typing import Any

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import payments
from localcloud.sandbox.stripe.amounts import check_unit_amount, plain
from localcloud.sandbox.stripe.errors import StripeRefusal
from localcloud.sandbox.stripe.events import Happenings
from localcloud.sandbox.world import Refused, World


class Aftermath:
    """Acts on charges; `enabled` are the event types the shop is subscribed to."""

    def __init__(self, world: World, enabled: tuple[str, ...]) -> None:
        self._world = world
        self._store = world.store
        self.enabled = enabled

    def charge_of(self, session: Document) -> Document:
        """The charge that took a session's, or an intent's, money; raises Refused with 409 when
        none did."""
        intent = session.get("payment_intent") or session["id"]
        for charge in self._store.find(payments.CHARGE, payment_intent=intent):
            if charge["paid"]:
                return charge
        raise Refused(409, f"{session['id']} has no payment to act on")

    def refund(
        self, charge: Document, amount: int | None, given: dict[str, Any], happen: Happenings
    ) -> Document:
        """Give back `amount` minor units, or all that is left.  Raises StripeRefusal."""
        with self._store.transaction():
            charge = self._store.get(payments.CHARGE, charge["id"]) or charge
            left = charge["amount"] - charge["amount_refunded"]
            self._check_refund(charge, amount, left)
            done = payments.refund(charge, amount or left, given, int(time.time()))
            self._store.put(payments.REFUND, done)
            after = self._refunded(charge, done["amount"])
            happen.add("charge.refunded", after, {
                "amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"],
            })  # fmt: skip
            happen.add("refund.created", done)
            happen.record(self._world, self.enabled)
        return done

    def fail_refund(self, charge: Document, manner: Manner | None, lane: str) -> Happenings:
        """The newest refund that succeeded fails after all; the money is back with the shop."""
        happen = Happenings(lane, manner)
        with self._store.transaction():
            done = self._store.find(payments.REFUND, charge=charge["id"], status="succeeded")
            if not done:
                raise Refused(409, f"{charge['id']} has no refund that could fail")
            failed = {**done[0], "status": "failed", "failure_reason": "expired_or_canceled_card"}
            self._store.put(payments.REFUND, failed)
            self._refunded(charge, -failed["amount"])
            happen.add("refund.updated", failed, {"status": "succeeded"})
            happen.add("refund.failed", failed)
            happen.record(self._world, self.enabled)
        return happen

    def dispute(self, charge: Document, manner: Manner | None, lane: str) -> Happenings:
        """The bank takes the money back until the dispute is decided."""
        happen = Happenings(lane, manner)
        with self._store.transaction():
            if charge["disputed"]:
                raise Refused(409, f"{charge['id']} is disputed already")
            self._store.put(payments.CHARGE, {**charge, "disputed": True})
            opened = self._store.put(payments.DISPUTE, payments.dispute(charge, int(time.time())))
            happen.add("charge.dispute.created", opened)
            happen.add("charge.dispute.funds_withdrawn", opened)
            happen.record(self._world, self.enabled)
        return happen

    def close_dispute(
        self, charge: Document, won: bool, manner: Manner | None, lane: str
    ) -> Happenings:
        """The dispute is decided; when it is won the money comes back."""
        happen = Happenings(lane, manner)
        with self._store.transaction():
            found = self._store.find(payments.DISPUTE, charge=charge["id"])
            if not found or found[0]["status"] != "needs_response":
                raise Refused(409, f"{charge['id']} has no open dispute")
            status = "won" if won else "lost"
            closed = self._store.put(payments.DISPUTE, {**found[0], "status": status})
            happen.add("charge.dispute.closed", closed, {"status": "needs_response"})
            if won:
                happen.add("charge.dispute.funds_reinstated", closed)
            happen.record(self._world, self.enabled)
        return happen

    def _refunded(self, charge: Document, amount: int) -> Document:
        total = charge["amount_refunded"] + amount
        return self._store.put(
            payments.CHARGE,
            {**charge, "amount_refunded": total, "refunded": total == charge["amount"]},
        )

    def _check_refund(self, charge: Document, amount: int | None, left: int) -> None:
        disputes = self._store.find(payments.DISPUTE, charge=charge["id"])
        if any(dispute["status"] != "won" for dispute in disputes):
            raise StripeRefusal(
                f"Charge {charge['id']} has been charged back; cannot issue a refund.",
                code="refund_disputed_payment",
            )
        if not left:
            raise StripeRefusal(
                f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
            )
        currency = charge["currency"]
        check_unit_amount(amount or left, currency, "amount")
        if amount is not None and amount > left:
            raise StripeRefusal(
                f"Refund amount ({plain(amount, currency)} {currency}) is greater than unrefunded"
                f" amount on charge ({plain(left, currency)} {currency})",
                param="amount",
            )
