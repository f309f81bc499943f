"""Write docs/settlement.md from what settlement decides: `python -m tools.settlement`.

The table is drawn by asking `settlement/decide.py` for every combination, and a test says when the
page has fallen behind.
"""

from collections.abc import Iterator
from pathlib import Path

from chalicelib.kernel.money import Money
from chalicelib.orders.rules import Order, OrderStatus
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.rules import Payment, PaymentStatus
from chalicelib.settlement.decide import Decision, Situation, Step, decide
from tools import settlement_refunds

PAGE = Path(__file__).parent.parent / "docs" / "settlement.md"
DUE = Money(4498, "USD")
HEAD = """# What settlement decides

Written by `python -m tools.settlement` from `chalicelib/settlement/decide.py`.

A provider's word about a payment (by a webhook, a poll, a closed page, or the nightly comparison)
is read together with the payment and its order. A pure function decides what follows, and one
transaction writes it. What two deliveries decide at once is written once: the slower one reads the
new state and decides again.

Each table is for one word of the provider. A row is how the payment stood, a column how the order
stood. Where nothing follows, the cell is empty.
"""
TITLES = {
    State.PAID: "The provider says: paid, as asked for",
    State.PROCESSING: "The provider says: the money is on its way",
    State.OPEN: "The provider says: the page is open",
    State.FAILED: "The provider says: failed",
    State.ENDED: "The provider says: over without money",
}
BACK = """# Money that goes back

Decided in `decide_refund.py` and `decide_review.py` beside it, and written by the same function.
"""
NOTES = """## What else matters

- Money that is not what was asked for (another sum, another session, a doubt of the provider's) is
  for a person: **review**, whatever the order's status.
- Money for a page from before the order was changed goes back: **send back**.
- Where the provider can't send money back, **send back** becomes **review**.
- Where another attempt to pay the order is still open, **cancel** becomes **end attempt**.
- Where the order's units are not held any more, **settle** becomes **revive**.
- A revived order takes units and store credit again. When either is gone, the money is sent back.
- A try that was refused while the page stays open is noted once: **declined**.
- A refund into the store balance fails where its money has gone back another way since it was
  counted.
- What waits for a person is closed with its order where no other attempt to pay that is open.
- Where the provider refuses to send money back, it is asked what has gone already, and the rest is
  sent. What it refuses then, and what a payer's bank still keeps, is for a person: **review**.
- Where more has gone back than was paid, the log says so: nobody but a person can get it again.

## The steps

"""
WORDS = {
    Step.NOTHING: "It was said before, or changes nothing any more.",
    Step.SETTLE: "The payment is SUCCESS, the order PAID, the units are sold.",
    Step.REVIVE: "The same for an order that was given up, with units found anew.",
    Step.SEND_BACK: "The payment is REFUNDING; then the provider is asked to send it back.",
    Step.CARRY_OUT: "The provider is asked again to send it back.",
    Step.REVIEW: "The payment is in REVIEW, and the units stay held.",
    Step.PROCESSING: "The payment is PROCESSING, and the units wait for it.",
    Step.WAIT: "The payment is PENDING again.",
    Step.DECLINED: "The payment says that its last try was refused.",
    Step.END_ATTEMPT: "The payment is EXPIRED or FAILED; the order stays as it is.",
    Step.CANCEL: "So is the payment, and the order is CANCELLED: units and store credit go back.",
    Step.REFUND: "The refund is PENDING and counts; then its provider is asked.",
    Step.ASK_AGAIN: "It stays PENDING, and the provider is asked again, under another key.",
    Step.PART_BACK: "The refund is DONE; payment and order stay as they are.",
    Step.ALL_BACK: "The refund is DONE, payment and order are REFUNDED.",
    Step.REFUND_FAILED: "The refund is FAILED, and its money can be refunded anew.",
    Step.REOPEN: "So it is; the payment is SUCCESS (or CHARGED_BACK) and the order PAID again.",
    Step.RETURNED: "The payment is REFUNDED (CHARGED_BACK where a bank took it).",
    Step.NOTE_DISPUTE: "It is noted in payment and history; the order that was paid is marked.",
    Step.CHARGE_BACK: "So it is, and the payment is CHARGED_BACK.",
}


def situation(order: OrderStatus, payment: PaymentStatus) -> Situation:
    """An order of one line and its only payment, standing so."""
    made = Payment("pay_1", "ord_1", "stripe", DUE, payment, 1, 2, session_id="cs_1")
    return Situation(_order(order), made)


def _order(status: OrderStatus) -> Order:
    """What a decision looks at is the status, and that the shipping costs what was asked for."""
    return Order(
        order_id="ord_1",
        number="1",
        cart_id="crt_1",
        status=status,
        currency=DUE.currency,
        lines=(),
        shipping_price=DUE,
        email="",
        address=None,
        shipping=None,
        note=None,
        locale="en",
        access_token="",
        payment_id="pay_1",
        hold_id="hld_1",
        placed_at=1,
        expires_at=2,
        shop_url="",
        history=(),
    )


def table(state: State) -> Iterator[str]:
    """One table, as lines of Markdown."""
    orders = list(OrderStatus)
    yield "| payment | " + " | ".join(f"order {one}" for one in orders) + " |"
    yield "|---" * (len(orders) + 1) + "|"
    for payment in PaymentStatus:
        cells = [_cell(decide(situation(one, payment), _outcome(state))) for one in orders]
        yield f"| {payment} | " + " | ".join(cells) + " |"


def _outcome(state: State) -> Outcome:
    return Outcome(state, "cs_1", DUE if state == State.PAID else None)


def _cell(decision: Decision) -> str:
    return "" if decision.step == Step.NOTHING else str(decision.step)


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for state, title in TITLES.items():
        parts.append(f"## {title}\n\n" + "\n".join(table(state)) + "\n")
    parts.append(BACK)
    parts += settlement_refunds.tables(situation)
    steps = "\n".join(f"- **{step}**: {words}" for step, words in WORDS.items())
    return "\n".join(parts) + "\n" + NOTES + steps + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
