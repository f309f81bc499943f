"""Orders and their money under everything at once: somebody who buys, pays, tells, forgets to tell,
gives back, dies and goes on, at random.

A walk keeps no paper of its own: what it holds the shop against are the provider's books. While it
goes on, the shop's tables must agree with each other; once everything was told and asked about,
with those books to the cent.
"""

import contextlib
import json
from collections.abc import Callable
from random import Random
from typing import Any, ClassVar

from chalicelib.checkout import paying
from chalicelib.config import settings
from chalicelib.kernel import cache, clock
from chalicelib.kernel.errors import ShopError, StaleState
from chalicelib.kernel.messaging import queues
from chalicelib.orders import service as orders
from chalicelib.orders.rules import OrderNotThereYet
from chalicelib.payments import service as payments
from chalicelib.payments.rules import RefundTo
from chalicelib.settlement import attempts, disputing, reconcile, refunding, review
from chalicelib.settlement.decide_review import ReviewDecision
from localcloud.sandbox.client import ControlError
from tests import factory
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import check_world, scan
from tests.shop import record_of

AN_HOUR = 3600
# Later than any hold ends: money on its way, of which a sweep an hour from now hears, has one more.
IN_THE_END = 3 * AN_HOUR
LATER = reconcile.USUAL_SECONDS + 1
UNITS, CREDIT = 12, 6_000
HAPPENINGS = ("pay", "pay", "pay", "pay-async", "async-succeed", "async-fail", "fail", "expire",
              "dispute", "dispute-win", "dispute-lose")  # fmt: skip
FAULTS = ("500", "500_after", "429", "reset_after")
CALLS = ("checkout.sessions.*", "payment_intents.create", "payment_intents.retrieve",
         "refunds.create", "disputes.list")  # fmt: skip
# What a step may be refused with: nothing has happened then, or the next one goes on with it.
NOT_NOW = (ShopError, StaleState, OrderNotThereYet)
UNFINISHED = {"PENDING", "PROCESSING", "REFUNDING"}


class Walk:
    """Steps that follow from a seed, each of which may die at a write and any of which may be next.

    `trail` says what was done.
    """

    # How often each step is taken.
    WEIGHTS: ClassVar = {
        "buy": 3, "buy_again": 1, "pay_another_way": 1, "happen": 6, "refund_at_the_provider": 2,
        "tell": 2, "work": 5, "go_wrong": 2, "refund": 4, "sweep": 2, "ask": 2, "compare": 1,
        "decide": 2, "look_at_dispute": 1, "change": 3, "cancel": 1, "ask_at_once": 1,
    }  # fmt: skip

    def __init__(self, shop: Any, seed: int) -> None:
        self.shop, self.chance = shop, Random(seed)
        self.trail: list[str] = []
        shop.sell("mug", stock=UNITS)
        self.ada = factory.user_with(CREDIT)
        self.carts: list[tuple[str, dict[str, Any]]] = []
        # What the shop has accepted: each comes again until it is worked off.
        self.accepted: list[dict[str, Any]] = []

    def go(self, steps: int) -> None:
        """Walk, and end everything; AssertionError, with the trail, where something differs."""
        names, weights = list(self.WEIGHTS), list(self.WEIGHTS.values())
        try:
            for name in ["buy", "buy", *self.chance.choices(names, weights, k=steps)]:
                self.trail.append(name)
                getattr(self, name)()
                check_world()
            self.trail.append("end")
            self.end()
        except BaseException as error:
            error.add_note("\n".join(self.trail))
            raise

    def run(self, work: Callable[[], object]) -> None:
        """Do a step, and perhaps die in it."""
        cache.forget_all()
        dies = self.chance.random() < 0.4
        crash = Point(self.chance.randrange(5), self.chance.random() < 0.5) if dies else None
        self.trail.append(f"  dies {crash}" if crash else "  lives")
        try:
            with Shim(crash=crash):
                work()
        except (Crash, *NOT_NOW) as error:
            self.trail.append(f"  {type(error).__name__}")

    def one(self, some: list[Any]) -> Any:
        """One of them, rather a late one; None of nothing."""
        return some[max(self.chance.randrange(len(some)) for _ in range(2))] if some else None

    # What buyers do.

    def buy(self) -> None:
        most = self.chance.choice([0, 0, 700, 2_000])
        how = {"user_id": self.ada, "use_balance": True, "balance_most": most} if most else {}
        with contextlib.suppress(ShopError):
            self.carts.append((factory.cart_with({"mug": self.chance.randint(1, 3)}), how))
            self.run(lambda: self.shop.checkout(self.carts[-1][0], **how))

    def buy_again(self) -> None:
        if again := self.one(self.carts):
            self.run(lambda: self.shop.checkout(again[0], **again[1]))

    def pay_another_way(self) -> None:
        if order_id := self.one(self.orders()):
            way = self.chance.choice(["stripe", "stripe-intents"])
            self.run(lambda: attempts.pay(orders.read(order_id), way, now=clock.now()))

    def change(self) -> None:
        """The cart again in other words: another sum, another way, more or less of the balance."""
        if not (again := self.one(self.carts)):
            return
        words: dict[str, Any] = {
            "payment_method": self.chance.choice(["stripe", "stripe-intents"]),
            "shipping_method": self.chance.choice(["standard", "express"]),
            "note": self.chance.choice([None, "ring twice"]),
        }
        if "user_id" in again[1]:
            most = self.chance.choice([0, 700, 2_000])
            words |= {"user_id": self.ada, "use_balance": bool(most), "balance_most": most or None}
        self.run(lambda: self.shop.checkout(again[0], **words))

    def cancel(self) -> None:
        if order_id := self.one(self.orders()):
            holder = paying.Holder(orders.read(order_id).access_token, None)
            self.run(lambda: paying.cancel_order(order_id, holder, now=clock.now()))

    def ask_at_once(self) -> None:
        """Somebody comes back from a page and wants to know."""
        if payment_id := self.one(self.payments()):
            order = orders.read(payments.read(payment_id).reference)
            holder = paying.Holder(order.access_token, None)
            self.run(lambda: paying.poll(payment_id, holder, now=clock.now()))

    def orders(self) -> list[str]:
        rows = sorted(scan("orders"), key=lambda row: (row["placed_at"], row["number"]))
        return [row["order_id"] for row in rows]

    # What the provider does and tells, and who works it off.

    def happen(self) -> None:
        self.act(self.chance.choice(HAPPENINGS))

    def refund_at_the_provider(self) -> None:
        self.act("refund", amount=self.chance.randint(1, 3_000))

    def act(self, what: str, **how: Any) -> None:
        """Something happens at the provider, which tells the shop of it or does not."""
        if not (page := self.one(self.pages())):
            return
        known = {event["id"] for event in self.shop.events()}
        try:
            self.shop.sandbox.control("stripe", page, what, lose=True, **how)
        except ControlError:
            return
        self.trail.append(f"  {what} {page}")
        for event in self.shop.events() if self.chance.random() < 0.6 else ():
            if event["id"] not in known:
                self.hear(event)

    def pages(self) -> list[str]:
        """What can be paid at the provider, or could once."""
        rows = sorted(scan("payments"), key=lambda row: (row["created_at"], row["payment_id"]))
        return [row["session_id"] for row in rows if row.get("session_id")]

    def tell(self) -> None:
        if event := self.one(self.shop.events()[::-1]):
            self.hear(event)

    def hear(self, event: dict[str, Any]) -> None:
        assert self.shop.deliver(event).status_code == 200
        self.accepted += _from_queue()

    def work(self) -> None:
        """A queue gives messages out in any order, each at least once."""
        self.chance.shuffle(self.accepted)
        batch, failed = self.accepted[:10], ["all"]

        def work() -> None:
            failed[:] = self.shop.hand_over(batch)

        self.run(work)
        if not failed and self.chance.random() < 0.7:
            del self.accepted[:10]

    def go_wrong(self) -> None:
        """One of the next calls to the provider does."""
        self.shop.sandbox.no_faults()
        self.shop.sandbox.fault(self.chance.choice(CALLS), self.chance.choice(FAULTS))

    # What the owner and the schedule do.

    def refund(self) -> None:
        if order_id := self.one(self.orders()):
            amount = self.chance.choice([None, self.chance.randint(1, 3_000)])
            to = self.chance.choice([*RefundTo])
            how = {"reason": "broken", "by": "owner", "to": to}
            operation = f"op{self.chance.randrange(3)}"
            self.run(
                lambda: refunding.refund(
                    order_id, amount, operation=operation, now=clock.now(), **how
                )
            )

    def decide(self) -> None:
        """On money that waits for a person; most does not, which is refused."""
        if payment_id := self.one(self.payments()):
            decision = self.chance.choice([*ReviewDecision])
            # No book shows what is given back by hand.
            if decision != ReviewDecision.RETURNED:
                self.run(lambda: review.decide(payment_id, decision, now=clock.now()))

    def look_at_dispute(self) -> None:
        if payment_id := self.one(self.payments()):
            self.run(lambda: disputing.poll_disputes(payment_id, now=clock.now()))

    def payments(self) -> list[str]:
        rows = sorted(scan("payments"), key=lambda row: (row["created_at"], row["payment_id"]))
        return [row["payment_id"] for row in rows]

    def sweep(self) -> None:
        after = self.chance.choice([0, 0, AN_HOUR])
        self.run(lambda: self.shop.sweep(after=after))

    def ask(self) -> None:
        self.run(lambda: reconcile.poll_open_payments(clock.now() + LATER))

    def compare(self) -> None:
        self.run(held_against_the_books)

    # How it ends.

    def end(self) -> None:
        """Everything is told and asked about, and all time is over: the books must agree."""
        self.shop.sandbox.no_faults()
        for page in self.pages():
            with contextlib.suppress(ControlError):
                self.shop.sandbox.control("stripe", page, "async-fail", lose=True)
        for _ in range(2):
            for event in self.shop.events():
                self.hear(event)
            for record in self.accepted:
                assert self.shop.hand_over([record]) == [], json.loads(record["body"])
            self.accepted.clear()
            assert reconcile.poll_open_payments(clock.now() + IN_THE_END).failed == 0
            self.shop.sweep(after=IN_THE_END)
            held_against_the_books()
        assert held_against_the_books().differences == []
        check_world(self.shop.sandbox.state())
        left = [row for row in scan("payments") if row["status"] in UNFINISHED]
        assert left == [], f"nobody finished: {left}"
        assert {row["status"] for row in scan("orders")} <= {"PAID", "CANCELLED", "REFUNDED"}


def held_against_the_books() -> reconcile.Reconciled:
    """The look from the provider's side, by both of its names."""
    return reconcile.compare(clock.now(), days=1, names=["stripe", "stripe-intents"])


def _from_queue() -> list[dict[str, Any]]:
    """Take from the queue what was accepted, as a worker gets it."""
    queue, url, found = queues._client(), settings().payment_events_queue_url, []
    how = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"]}
    while messages := queue.receive_message(**how).get("Messages"):
        for message in messages:
            queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(record_of(message))
    return found
