"""`check_world`: what must hold once everything is quiet, whatever happened before.

Reads the tables whole, past all services, and the provider's own books.
"""

from collections import Counter
from typing import Any

from chalicelib.config import settings
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.values import image
from tests.faults.balances import check_balances

Item = dict[str, Any]
# Units by variant and place.
Units = Counter[tuple[str, str]]
# Stripe by whatever name a test's shop knows it.
CARDS = {"stripe", "stripe-intents", "second"}
WON = {"won", "warning_closed", "prevented"}
OPEN_PAYMENTS = {"PENDING", "PROCESSING", "REVIEW", "REFUNDING"}
ENDED_WITHOUT_ORDER = {"EXPIRED", "FAILED", "REFUNDED", "REFUNDING", "REVIEW", "CHARGED_BACK"}
LEGAL_STEPS = {
    (None, "PENDING"),
    ("PENDING", "PENDING"),  # what was handed in was rejected, or was a part
    ("PENDING", "PAID"),
    ("PENDING", "CANCELLED"),
    ("CANCELLED", "PAID"),
    ("CANCELLED", "CANCELLED"),  # a late payment's refund, remembered without moving
    ("PAID", "PAID"),  # a second payment's refund, or a part of the first's
    ("PAID", "REFUNDED"),
    ("REFUNDED", "REFUNDED"),  # given back at the provider as well
    ("REFUNDED", "PAID"),  # a refund that did not reach the payer
}


def scan(table: str, client: Any = None) -> list[Item]:
    """Every item of a table as plain values."""
    # The shop's own client: making one takes longer than most scans.
    client = client or dynamo.connection().client
    pages = client.get_paginator("scan").paginate(
        TableName=settings().table(table), ConsistentRead=True
    )
    return [image(item) for page in pages for item in page["Items"]]


def unpacked(value: Any) -> str:
    """For `json.dumps`: what a table keeps compressed (a webhook's body), as its text."""
    from chalicelib.webhooks.tables import WebhookItem

    return str(WebhookItem.packed.deserialize(bytes(value)))


def check_world(
    provider_state: dict[str, Any] | None = None, client: Any = None, *, strays: bool = False
) -> None:
    """Raises AssertionError naming the invariant that is broken.

    With `strays`, shards may note units for holds that were never written: a process died between
    the two, and the sweeper has not come by yet.
    """
    stock, holds = scan("stock", client), scan("holds", client)
    orders, payments, carts = (scan(name, client) for name in ("orders", "payments", "carts"))
    check_counters(stock)
    check_shards(stock)
    check_holds(stock, holds, returned(scan("operations", client)), strays=strays)
    check_orders(orders, payments, holds)
    check_carts(carts, orders)
    check_balances(scan("balances", client), scan("balance-entries", client), orders, payments)
    if provider_state is not None:
        check_money(orders, payments, provider_state["stripe"])


def check_counters(stock: list[Item]) -> None:
    """Stocked = available + reserved + sold, none below zero, on every item."""
    for item in stock:
        parts = (item["available"], item["reserved"], item["sold"])
        assert min(parts) >= 0, f"a counter below zero: {item}"
        assert sum(parts) == item["stocked"], f"units lost or made: {item}"


def check_shards(stock: list[Item]) -> None:
    """A shard has reserved what it notes, no more and no less, in every reading of it."""
    for item in stock:
        noted = sum(note["q"] for note in (item.get("holds") or {}).values())
        assert "#" in item["place"] or not noted, f"a note outside of a shard: {item}"
        if "#" in item["place"]:
            assert item["reserved"] == noted, f"reserved and notes differ: {item}"


def check_holds(
    stock: list[Item], holds: list[Item], back: Units | None = None, *, strays: bool = False
) -> None:
    """What is reserved is what holds that are HELD say; what is sold, what COMMITTED ones say,
    but for what came `back`."""
    reserved, sold = _units(holds, "HELD"), _units(holds, "COMMITTED")
    for key, count in (back or {}).items():
        sold[key] -= count
    for key, count in (strays_of(stock, holds) if strays else {}).items():
        reserved[key] += count
    for counter, expected in (("reserved", reserved), ("sold", sold)):
        for item in stock:
            key = (item["variant_id"], item["place"])
            assert item[counter] == expected[key], (
                f"{counter} and holds differ: {item} {expected[key]}"
            )
            del expected[key]
        assert not +expected, f"holds on stock that is not there: {expected}"
    notes = {
        (item["variant_id"], item["place"], hold_id): note["q"]
        for item in stock
        for hold_id, note in (item.get("holds") or {}).items()
    }
    for hold in holds:
        for unit in hold["units"] if hold["status"] == "HELD" else ():
            key = (unit["variant_id"], unit["place"], hold["hold_id"])
            if "#" in unit["place"]:
                assert notes.get(key) == unit["quantity"], f"the shard notes another: {hold}"


def returned(operations: list[Item]) -> Units:
    """What buyers sent back, by the operators' own records."""
    back: Units = Counter()
    for operation in operations:
        if (what := operation["what"]).get("type") == "RETURN":
            for unit in what["units"]:
                back[unit["variant_id"], unit["place"]] += unit["quantity"]
    return back


def strays_of(stock: list[Item], holds: list[Item]) -> Units:
    """Units in shards' notes whose hold does not have them."""
    held = {
        (hold["hold_id"], unit["variant_id"], unit["place"])
        for hold in holds
        for unit in hold["units"]
        if hold["status"] == "HELD"
    }
    found: Units = Counter()
    for item in stock:
        key = (item["variant_id"], item["place"])
        for hold_id, note in (item.get("holds") or {}).items():
            if (hold_id, *key) not in held:
                found[key] += note["q"]
    return found


def check_orders(orders: list[Item], payments: list[Item], holds: list[Item]) -> None:
    """Order, payment and hold tell the same story; the order went only where it may."""
    paid_by, held_by = _by(payments, "payment_id"), _by(holds, "hold_id")
    waited_for = Counter(each["reference"] for each in payments if each["status"] in OPEN_PAYMENTS)
    for order in orders:
        steps = [(line["from"], line["to"]) for line in order["history"]]
        assert set(steps) <= LEGAL_STEPS, f"a step that is not allowed: {steps}"
        assert steps.count(("PENDING", "PAID")) <= 1, f"settled twice: {steps}"
        assert steps[-1][1] == order["status"], f"history and status differ: {order}"
        payment, hold = paid_by[order["payment_id"]], held_by[order["hold_id"]]
        expected = {
            # With an attempt that was called off, or could not be begun, it waits for another.
            "PENDING": (OPEN_PAYMENTS | {"FAILED"}, {"HELD"}),
            # A lost dispute takes the money; the order stays what it is.
            "PAID": ({"SUCCESS", "CHARGED_BACK"}, {"COMMITTED"}),
            "REFUNDED": ({"REFUNDED"}, {"COMMITTED"}),
            "CANCELLED": (ENDED_WITHOUT_ORDER, {"RELEASED"}),
        }[order["status"]]
        # The newest attempt may be over while an older one is under way.
        open_yet = order["status"] == "PENDING" and waited_for[order["order_id"]]
        assert payment["status"] in expected[0] or open_yet, (
            f"order and payment differ: {order} {payment}"
        )
        assert hold["status"] in expected[1], f"order and hold differ: {order} {hold}"
        lines = sum(line["unit_price"] * line["quantity"] for line in order["lines"])
        assert order["total"] == lines + order["shipping_price"], f"total is not its sum: {order}"
        things = sum(line["quantity"] for line in order["lines"])
        assert order["units"] == things, f"units are not its lines': {order}"
        due = order["total"] - order["balance_part"]
        assert payment["amount"] == due, f"payment asks for something else: {payment}"
    for order_id, paying in _paying(payments, orders).items():
        assert paying <= 1, f"an order paid {paying} times: {order_id}"


def check_carts(carts: list[Item], orders: list[Item]) -> None:
    """A cart is open, merged into another, or converted: one of them."""
    placed = {order["order_id"] for order in orders}
    there = {cart["cart_id"] for cart in carts}
    for cart in carts:
        if cart["status"] == "OPEN":
            assert cart.get("order_id") is None, f"open and converted: {cart}"
        elif cart["status"] == "MERGED":
            assert cart["merged_into"] in there, f"merged into nothing: {cart}"
        else:
            assert cart["order_id"] in placed, f"converted into nothing: {cart}"


def check_money(orders: list[Item], payments: list[Item], provider: Item) -> None:
    """Every unit Stripe captured is on one paid order, refunded, with a bank, or in question;
    one session, one attempt."""
    payments = [payment for payment in payments if payment["provider"] in CARDS]
    ours = {payment["payment_id"] for payment in payments}
    orders = [order for order in orders if order["payment_id"] in ours]
    # Subscriptions have sessions and charges too; those are no order's.
    sessions = Counter(
        session["client_reference_id"]
        for session in provider["sessions"]
        if session["mode"] == "payment"
    )
    attempts = Counter(payment["reference"] for payment in payments)
    assert sessions <= attempts, f"an attempt opened twice: {sessions}"
    charges = {one["id"]: one for one in provider["charges"] if "payment_id" in one["metadata"]}
    captured = sum(charge["amount"] for charge in charges.values() if charge["paid"])
    refunded = sum(
        one["amount"]
        for one in provider["refunds"]
        if one["status"] == "succeeded" and one["charge"] in charges
    )
    banks = sum(
        one["amount"]
        for one in provider["disputes"]
        if one["status"] not in WON and one["charge"] in charges
    )
    waiting = sum(
        _left(payment, provider)
        for payment in payments
        if payment["status"] in ("REVIEW", "REFUNDING")
    )
    was_paid = [order for order in orders if order["status"] in ("PAID", "REFUNDED")]
    paid = sum(_kept(order, payments) for order in was_paid)
    assert captured == paid + refunded + banks + waiting, (
        f"{captured} captured, {paid} on paid orders, {refunded} refunded, {banks} with banks,"
        f" {waiting} waiting"
    )


def _left(payment: Item, provider: Item) -> int:
    """What of a payment that waits for a person is still at the provider."""
    return sum(
        charge["amount"]
        - charge["amount_refunded"]
        - sum(
            one["amount"]
            for one in provider["disputes"]
            if one["charge"] == charge["id"] and one["status"] not in WON
        )
        for charge in provider["charges"]
        if charge["paid"] and charge["metadata"].get("payment_id") == payment["payment_id"]
    )


def _kept(order: Item, payments: list[Item]) -> int:
    """What of a paid order's money did not go back through the provider."""
    (payment,) = [each for each in payments if each["payment_id"] == order["payment_id"]]
    back = _gone(payment, "ORIGIN") + _at_bank(payment)
    credited = _gone(payment, "BALANCE") + _gone(payment, "BY_HAND")
    assert back <= payment["captured"], f"more went back than came: {payment}"
    whole = payment["captured"] + order["balance_part"]
    # But for what the owner gives back in the provider's own pages, whatever the shop has given,
    # and what a bank takes after that.
    theirs = _gone(payment, "ORIGIN", by="provider") + _at_bank(payment)
    assert back + credited - theirs <= whole, f"more went back than was paid: {payment}"
    return int(payment["captured"] - back)


def _at_bank(payment: Item) -> int:
    """What of a payment is in an open dispute, or was taken by a lost one."""
    found = (payment.get("disputes") or {}).values()
    return sum(one["amount"] for one in found if one["status"] != "WON")


def _gone(payment: Item, to: str, *, by: str | None = None) -> int:
    """What of a payment went back this way, and through whom."""
    refunds = (payment.get("refunds") or {}).values()
    done = (one for one in refunds if one["status"] == "DONE" and one.get("to", "ORIGIN") == to)
    return sum(one["amount"] for one in done if by in (None, one["by"]))


def _paying(payments: list[Item], orders: list[Item]) -> Counter[str]:
    """How many of an order's attempts paid it, by order. What a bank took of one that was to go
    back anyway paid nothing."""
    theirs = {order["payment_id"] for order in orders if order["status"] != "CANCELLED"}
    return Counter(
        each["reference"]
        for each in payments
        if each["status"] == "SUCCESS"
        or (each["status"] == "CHARGED_BACK" and each["payment_id"] in theirs)
    )


def _units(holds: list[Item], status: str) -> Units:
    units: Units = Counter()
    for hold in holds:
        if hold["status"] == status:
            for unit in hold["units"]:
                units[unit["variant_id"], unit["place"]] += unit["quantity"]
    return units


def _by(items: list[Item], key: str) -> dict[str, Item]:
    return {item[key]: item for item in items}
