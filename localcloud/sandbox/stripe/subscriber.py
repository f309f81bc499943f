"""What happens to subscriptions: begun at the page, renewed, refused by a bank, changed, ended.

Each happening is one transaction that changes the objects and records the events of the change.
"""

import time
from collections.abc import Callable
from typing import Any

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import billing, ids, invoices
from localcloud.sandbox.stripe.errors import StripeRefusal
from localcloud.sandbox.stripe.events import Happenings
from localcloud.sandbox.stripe.metadata import merged
from localcloud.sandbox.world import Refused, World

Change = Callable[[Document, Happenings], Any]


class Subscriber:
    """Acts on subscriptions by their id; `enabled` are the event types the shop is sent."""

    def __init__(self, world: World, enabled: tuple[str, ...]) -> None:
        self._world = world
        self._store = world.store
        self.enabled = enabled

    def begin(
        self, session: Document, kept: Document, happen: Happenings
    ) -> tuple[Document, Document]:
        """The session is paid: a subscription and its first invoice. In the session's change."""
        now, price = _now(), kept["items"][0]["price"]
        begun = billing.subscription(session, price, kept["subscription"], now)
        invoice = self._invoice(begun, "subscription_create", now)
        begun = {**begun, "latest_invoice": invoice["id"]}
        self._store.put(billing.SUBSCRIPTION, begun)
        happen.add("customer.subscription.created", begun)
        happen.add("invoice.created", invoice)
        happen.add("invoice.finalized", invoice)
        invoice = self._paid(invoice, happen)
        active = self._put(begun, happen, status="active")
        return active, invoice

    def renew(self, reference: str, manner: Manner | None) -> Happenings:
        """The period is over: the next one is paid, or the end that was asked for comes."""

        def change(subscription: Document, happen: Happenings) -> None:
            if subscription["cancel_at_period_end"]:
                self._end(subscription, happen)
            else:
                self._paid(self._next_period(subscription, happen), happen)

        return self._change(reference, manner, change, "active")

    def fail_renewal(self, reference: str, manner: Manner | None) -> Happenings:
        """The period is over, and the bank refuses the next one."""

        def change(subscription: Document, happen: Happenings) -> None:
            invoice = self._next_period(subscription, happen)
            failed = self._store.put(invoices.KIND, invoices.refused(invoice, _now()))
            happen.add("invoice.payment_failed", failed)
            self._put(self._found(reference), happen, status="past_due")

        return self._change(reference, manner, change, "active")

    def ask_for_action(self, reference: str, manner: Manner | None) -> Happenings:
        """The bank wants to see the payer before it pays what is open."""

        def change(subscription: Document, happen: Happenings) -> None:
            happen.add("invoice.payment_action_required", self._open_invoice(subscription))

        return self._change(reference, manner, change, "past_due")

    def pay_invoice(self, reference: str, manner: Manner | None) -> Happenings:
        """What was refused is paid after all."""

        def change(subscription: Document, happen: Happenings) -> None:
            self._paid(self._open_invoice(subscription), happen)
            self._put(subscription, happen, status="active")

        return self._change(reference, manner, change, "past_due", "unpaid")

    def end(
        self, reference: str, manner: Manner | None, happen: Happenings | None = None
    ) -> Happenings:
        """It ends now: the bank has said no for the last time, or somebody asked for it."""
        alive = ("active", "past_due", "unpaid", "incomplete")
        return self._change(reference, manner, self._end, *alive, happen=happen)

    def update(self, reference: str, given: dict[str, Any], happen: Happenings) -> None:
        """POST /v1/subscriptions/{id}; its price, when it is over, what it carries."""

        def change(subscription: Document, happen: Happenings) -> None:
            changes: dict[str, Any] = {}
            if "metadata" in given:
                changes["metadata"] = merged(subscription["metadata"], given["metadata"])
            if "cancel_at_period_end" in given:
                changes |= _cancelling(subscription, given["cancel_at_period_end"])
            for item in given.get("items", ()):
                self._reprice(subscription, changes, item, happen)
            self._put(subscription, happen, **changes)

        alive = ("active", "past_due", "unpaid", "incomplete")
        self._change(reference, None, change, *alive, happen=happen)

    def _reprice(
        self, subscription: Document, changes: dict[str, Any], wanted: Document, happen: Happenings
    ) -> None:
        """Another price; another interval begins a period of its own, paid at once."""
        item = billing.item_of(subscription)
        if wanted.get("id") != item["id"]:
            raise StripeRefusal(
                f"No such subscription item: '{wanted.get('id')}'", code="resource_missing",
                param="items[0][id]",
            )  # fmt: skip
        price = self._price(wanted["price_data"], subscription)
        before = item["price"]["recurring"]
        same = all(before[n] == price["recurring"][n] for n in ("interval", "interval_count"))
        now = _now()
        period = {}
        if not same:
            ends = billing.ahead(now, price["recurring"])
            period = {"current_period_start": now, "current_period_end": ends}
        changed = billing.with_item(subscription, price=price, **period)
        changes["items"] = changed["items"]
        if not same:
            changed["metadata"] = changes.get("metadata", subscription["metadata"])
            invoice = self._invoice(changed, "subscription_update", now)
            changes |= {"latest_invoice": invoice["id"], "billing_cycle_anchor": now}
            happen.add("invoice.created", invoice)
            self._paid(invoice, happen)

    def _price(self, data: dict[str, Any], subscription: Document) -> Document:
        if data["currency"] != subscription["currency"]:
            raise StripeRefusal(
                f"The price's currency is `{data['currency']}`, the subscription's is"
                f" `{subscription['currency']}`.", param="items[0][price_data][currency]",
            )  # fmt: skip
        found = self._store.get(billing.PRODUCT, data["product"])
        if found is None:
            raise StripeRefusal(
                f"No such product: '{data['product']}'", code="resource_missing",
                param="items[0][price_data][product]",
            )  # fmt: skip
        old = billing.item_of(subscription)["price"]
        recurring = {**old["recurring"], "interval_count": 1, **data["recurring"]}
        return {
            **old,
            "id": ids.new("price"),
            "created": _now(),
            "product": found["id"],
            "recurring": recurring,
            "unit_amount": data["unit_amount"],
            "unit_amount_decimal": str(data["unit_amount"]),
        }

    def _next_period(self, subscription: Document, happen: Happenings) -> Document:
        """The invoice of the period that follows."""
        item = billing.item_of(subscription)
        begins = item["current_period_end"]
        ends = billing.ahead(begins, item["price"]["recurring"])
        moved = billing.with_item(
            subscription, current_period_start=begins, current_period_end=ends
        )
        invoice = self._invoice(moved, "subscription_cycle", _now())
        self._put(moved, happen, latest_invoice=invoice["id"])
        happen.add("invoice.created", invoice)
        happen.add("invoice.finalized", invoice)
        return invoice

    def _invoice(self, subscription: Document, reason: str, now: int) -> Document:
        number = len(self._store.find(invoices.KIND)) + 1
        made = invoices.invoice(subscription, reason, number, self._world.url, now)
        return self._store.put(invoices.KIND, made)

    def _paid(self, invoice: Document, happen: Happenings) -> Document:
        done = self._store.put(invoices.KIND, invoices.paid(invoice, _now()))
        happen.add("invoice.paid", done)
        happen.add("invoice.payment_succeeded", done)
        return done

    def _open_invoice(self, subscription: Document) -> Document:
        for invoice in self._store.find(invoices.KIND, status="open"):
            if invoice["parent"]["subscription_details"]["subscription"] == subscription["id"]:
                return invoice
        raise Refused(409, f"{subscription['id']} has no open invoice")

    def _end(self, subscription: Document, happen: Happenings) -> None:
        now = _now()
        for invoice in self._store.find(invoices.KIND, status="open"):
            if invoice["parent"]["subscription_details"]["subscription"] == subscription["id"]:
                void = self._store.put(invoices.KIND, invoices.voided(invoice, now))
                happen.add("invoice.voided", void)
        reason = {"comment": None, "feedback": None, "reason": "cancellation_requested"}
        over = {**subscription, "status": "canceled", "ended_at": now,
                "canceled_at": subscription["canceled_at"] or now,
                "cancellation_details": reason}  # fmt: skip
        happen.add("customer.subscription.deleted", self._store.put(billing.SUBSCRIPTION, over))

    def _put(self, subscription: Document, happen: Happenings, **changes: Any) -> Document:
        before = {name: subscription[name] for name in changes}
        after = self._store.put(billing.SUBSCRIPTION, {**subscription, **changes})
        happen.add("customer.subscription.updated", after, before)
        return after

    def _found(self, reference: str) -> Document:
        found = self._store.get(billing.SUBSCRIPTION, reference)
        if found is None:
            raise Refused(404, f"No such subscription: {reference}")
        return found

    def _change(
        self,
        reference: str,
        manner: Manner | None,
        change: Change,
        *statuses: str,
        happen: Happenings | None = None,
    ) -> Happenings:
        happen = happen or Happenings(reference, manner)
        with self._store.transaction():
            subscription = self._found(reference)
            if subscription["status"] not in statuses:
                raise Refused(409, f"{reference} is {subscription['status']}")
            change(subscription, happen)
            happen.record(self._world, self.enabled)
        return happen


def _cancelling(subscription: Document, ends: bool) -> dict[str, Any]:
    item = billing.item_of(subscription)
    reason = "cancellation_requested" if ends else None
    return {
        "cancel_at_period_end": ends,
        "cancel_at": item["current_period_end"] if ends else None,
        "canceled_at": _now() if ends else None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": reason},
    }


def _now() -> int:
    return int(time.time())
