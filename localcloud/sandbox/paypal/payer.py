"""The payer, the bank and the clock: everything that happens to an order, and its money.

Each function is one transaction that changes the objects and records the events of the change.
Wrong state raises Refused with 409 for the payer, PayPalRefusal for the shop's calls.
"""

from collections.abc import Callable
from typing import Any

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.paypal import orders
from localcloud.sandbox.paypal.amounts import plain, units, written
from localcloud.sandbox.paypal.errors import PayPalRefusal, unfit, unknown_resource
from localcloud.sandbox.paypal.events import Happenings
from localcloud.sandbox.paypal.orders import CAPTURE, DISPUTE, ORDER, REFUND, shown
from localcloud.sandbox.store import Document
from localcloud.sandbox.world import Refused, World

UNPAID = ("CREATED", "PAYER_ACTION_REQUIRED")


class Payer:
    """Acts on orders by their id; `enabled` are the event types the shop is subscribed to."""

    def __init__(self, world: World, enabled: tuple[str, ...]) -> None:
        self._world = world
        self._store = world.store
        self._enabled = enabled

    def order(self, reference: str) -> Document:
        """The order as it is kept; raises Refused with 404."""
        order = self._store.get(ORDER, reference)
        if order is None:
            raise Refused(404, f"No such order: {reference}")
        return order

    def found(self, reference: str) -> Document:
        """The order for a call of the shop's; one that was dropped is not there any more."""
        order = self._store.get(ORDER, reference)
        if order is None or order["status"] == "VOIDED":
            raise unknown_resource()
        return order

    def whole(self, order: Document) -> Document:
        """The order as the API answers it: with its captures and refunds."""
        captures, refunds = self._of(CAPTURE, order["id"]), self._of(REFUND, order["id"])
        answer = shown(order)
        if captures:
            payments = {"captures": [shown(each) for each in captures]}
            if refunds:
                payments["refunds"] = [shown(each) for each in refunds]
            unit = {**order["purchase_units"][0], "payments": payments}
            answer = {**answer, "purchase_units": [unit]}
        return answer

    def captured(self, reference: str) -> Document:
        """The order's capture that has money, or had; raises Refused with 409."""
        for capture in self._of(CAPTURE, reference):
            return capture
        raise Refused(409, f"{reference} is not captured")

    def approve(self, reference: str, manner: Manner | None, money: str = "clear") -> Happenings:
        """The payer consents; the capture will meet `money`: clear, held or declined."""

        def change(happen: Happenings) -> None:
            order = self.order(reference)
            if order["status"] not in UNPAID:
                raise Refused(409, f"{reference} is {order['status']}, not open")
            done = self._put_order(orders.approved(order, money))
            happen.add("CHECKOUT.ORDER.APPROVED", "checkout-order", shown(done),
                       "An order has been approved by buyer")  # fmt: skip

        return self._change(reference, manner, change)

    def hold(self, reference: str, manner: Manner | None) -> Happenings:
        """The money will be held for a review: the capture that follows is PENDING."""
        order = self.order(reference)
        if order["status"] in UNPAID:
            return self.approve(reference, manner, "held")
        if order["status"] != "APPROVED":
            raise Refused(409, f"{reference} is {order['status']}, its money can't be held")
        self._store.put(ORDER, {**order, "_own": {**order["_own"], "money": "held"}})
        return Happenings(reference, manner)

    def decide(self, reference: str, manner: Manner | None, status: str) -> Happenings:
        """What was held arrives (COMPLETED) or does not (DECLINED)."""

        def change(happen: Happenings) -> None:
            capture = self.captured(reference)
            if capture["status"] != "PENDING":
                raise Refused(409, f"the capture is {capture['status']}, not PENDING")
            done = self._store.put(CAPTURE, orders.settled(capture, status))
            self._tell_capture(done, happen)

        return self._change(reference, manner, change)

    def capture(self, order: Document) -> Document:
        """The shop takes the money; answers the order.  Raises PayPalRefusal."""
        happen = Happenings(order["id"], None)
        self._check_capture(order)
        capture = orders.capture(order, self._world.url)
        self._store.put(CAPTURE, {**capture, "_own": {"order": order["id"], "disputed": False}})
        done = self._put_order({**order, "status": "COMPLETED", "update_time": orders.moment()})
        self._tell_capture(capture | {"_own": {"order": order["id"]}}, happen)
        happen.record(self._world, self._enabled)
        return done

    def declined(self, order: Document) -> None:
        """The payer's card or bank said no: another consent is needed."""
        own = {**order["_own"], "money": "clear"}
        self._put_order({**order, "status": "PAYER_ACTION_REQUIRED", "_own": own})

    def refund(
        self, capture: Document, given: dict[str, Any], manner: Manner | None = None
    ) -> tuple[Document, Happenings]:
        """Give back `given["amount"]`, or all that is left.  Raises PayPalRefusal."""
        amount = self._check_refund(capture, given)
        return self._give_back(capture, amount, given, manner, "REFUNDED")

    def reverse(self, reference: str, manner: Manner | None) -> Happenings:
        """The payer's bank takes back what is left; told by a refund, as PayPal's samples do."""
        capture = self.captured(reference)
        if capture["status"] not in ("COMPLETED", "PARTIALLY_REFUNDED"):
            raise Refused(409, f"the capture is {capture['status']}: nothing to take back")
        return self._give_back(capture, self._left(capture), {}, manner, "REVERSED")[1]

    def dispute(self, reference: str, manner: Manner | None) -> Happenings:
        """The payer complains; until it is decided nothing can be refunded."""

        def change(happen: Happenings) -> None:
            capture = self.captured(reference)
            if capture["_own"]["disputed"]:
                raise Refused(409, f"{reference} is disputed already")
            if not (left := self._left(capture)):
                raise Refused(409, f"{reference} has nothing left to be disputed")
            self._mark(capture, disputed=True)
            opened = self._store.put(DISPUTE, orders.dispute(capture, left))
            self._tell_dispute(opened, happen, "CREATED", "A new dispute opened")

        return self._change(reference, manner, change)

    def close_dispute(self, reference: str, manner: Manner | None, *, won: bool) -> Happenings:
        """The dispute is decided; when it is lost the money goes back to the payer."""

        def change(happen: Happenings) -> None:
            capture = self.captured(reference)
            open_ones = [one for one in self.disputes_of(capture["id"]) if one["status"] == "OPEN"]
            if not open_ones:
                raise Refused(409, f"{reference} has no open dispute")
            closed = self._store.put(DISPUTE, orders.decided(open_ones[0], won))
            self._mark(capture, disputed=False)
            self._tell_dispute(closed, happen, "RESOLVED", "A dispute was resolved")

        happen = self._change(reference, manner, change)
        if won:
            return happen
        taken = self.reverse(reference, manner)
        happen.events += taken.events
        return happen

    def disputes_of(self, capture_id: str) -> list[Document]:
        """The disputes of a capture."""
        return [
            each
            for each in self._store.find(DISPUTE)
            if each["disputed_transactions"][0]["seller_transaction_id"] == capture_id
        ]

    def _mark(self, capture: Document, *, disputed: bool) -> None:
        own = {**capture["_own"], "disputed": disputed}
        self._store.put(CAPTURE, {**capture, "_own": own})

    def _tell_dispute(self, dispute: Document, happen: Happenings, word: str, what: str) -> None:
        resource = {name: value for name, value in dispute.items() if name != "id"}
        happen.add(f"CUSTOMER.DISPUTE.{word}", "dispute", resource, what)

    def expire(self, reference: str, manner: Manner | None) -> Happenings:
        """Its time is over: nobody finds the order any more, and a consent is void."""

        def change(happen: Happenings) -> None:
            order = self.order(reference)
            if order["status"] not in (*UNPAID, "APPROVED"):
                raise Refused(409, f"{reference} is {order['status']}: it does not expire")
            self._put_order({**order, "status": "VOIDED"})
            if order["status"] == "APPROVED":
                resource = {"order_id": reference, "purchase_units": order["purchase_units"]}
                happen.add("CHECKOUT.PAYMENT-APPROVAL.REVERSED", "checkout-order", resource,
                           "A payment approval was reversed")  # fmt: skip

        return self._change(reference, manner, change)

    def _change(
        self, reference: str, manner: Manner | None, change: Callable[[Happenings], None]
    ) -> Happenings:
        happen = Happenings(reference, manner)
        with self._store.transaction():
            change(happen)
            happen.record(self._world, self._enabled)
        return happen

    def _give_back(
        self,
        capture: Document,
        amount: int,
        given: dict[str, Any],
        manner: Manner | None,
        word: str,
    ) -> tuple[Document, Happenings]:
        refund = orders.refund(capture, amount, given, self._world.url)

        def change(happen: Happenings) -> None:
            whole = amount == self._left(capture)
            status = "REFUNDED" if whole else "PARTIALLY_REFUNDED"
            self._store.put(
                REFUND, {**refund, "_own": capture["_own"] | {"capture": capture["id"]}}
            )
            self._store.put(CAPTURE, {**capture, "status": status, "update_time": orders.moment()})
            happen.add(f"PAYMENT.CAPTURE.{word}", "refund", refund,
                       f"A capture was {word.lower()}")  # fmt: skip

        return refund, self._change(capture["_own"]["order"], manner, change)

    def _check_capture(self, order: Document) -> None:
        if order["status"] == "COMPLETED":
            raise unfit("ORDER_ALREADY_CAPTURED")
        if order["status"] != "APPROVED":
            raise unfit("ORDER_NOT_APPROVED")
        invoice = order["purchase_units"][0].get("invoice_id")
        if invoice and self._store.find(CAPTURE, invoice_id=invoice):
            raise unfit("DUPLICATE_INVOICE_ID")

    def _check_refund(self, capture: Document, given: dict[str, Any]) -> int:
        if capture["_own"]["disputed"]:
            raise unfit("TRANSACTION_DISPUTED")
        if capture["status"] == "PENDING":
            raise unfit("PENDING_CAPTURE")
        left = self._left(capture)
        if capture["status"] not in ("COMPLETED", "PARTIALLY_REFUNDED") or not left:
            raise unfit("CAPTURE_FULLY_REFUNDED")
        if "amount" not in given:
            return left
        amount = units(given["amount"], "/amount")
        if given["amount"]["currency_code"] != capture["amount"]["currency_code"]:
            raise unfit("REFUND_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code")
        if amount <= 0:
            raise unfit("CANNOT_BE_ZERO_OR_NEGATIVE", "/amount/value")
        if amount > left:
            raise unfit("REFUND_AMOUNT_EXCEEDED", "/amount/value")
        return amount

    def _left(self, capture: Document) -> int:
        refunds = self._of(REFUND, capture["_own"]["order"])
        return plain(capture["amount"]) - sum(plain(each["amount"]) for each in refunds)

    def _tell_capture(self, capture: Document, happen: Happenings) -> None:
        words = {"COMPLETED": "COMPLETED", "PENDING": "PENDING", "DECLINED": "DENIED"}
        word = words[capture["status"]]
        value = written(plain(capture["amount"]), capture["amount"]["currency_code"])
        resource = orders.related(shown(capture), capture["_own"]["order"])
        happen.add(f"PAYMENT.CAPTURE.{word}", "capture", resource,
                   f"Payment {word.lower()} for {value['currency_code']} {value['value']}"
                   )  # fmt: skip

    def _put_order(self, order: Document) -> Document:
        return self._store.put(ORDER, orders.linked(order, self._world.url))

    def _of(self, kind: str, order_id: str) -> list[Document]:
        return [each for each in self._store.find(kind) if each["_own"]["order"] == order_id]


def as_control(refusal: PayPalRefusal) -> Refused:
    """What the API would refuse, said to a control call."""
    return Refused(409, str(refusal))
