"""Store balances after everything: the ledger adds up, and says what orders and payments say."""

from typing import Any

from chalicelib.balance.rules import entry_id

Item = dict[str, Any]
Moved = dict[str, int]


def check_balances(
    balances: list[Item], entries: list[Item], orders: list[Item], payments: list[Item]
) -> None:
    """A balance is the sum of its movements, none below zero; each order and payment has moved it
    just as its state says, and nothing else has but an administrator."""
    moves = [entry for entry in entries if entry["reason"] != "closed"]
    for balance in balances:
        key = (balance["user_id"], balance["currency"])
        own = [each for each in moves if (each["user_id"], each["currency"]) == key]
        own.sort(key=lambda each: each["version"])
        assert [each["version"] for each in own] == [*range(1, balance["version"] + 1)], (
            f"a movement lost or made twice: {balance} {own}"
        )
        there = 0
        for each in own:
            assert each["before"] == there, f"before is not what was: {each}"
            there += each["amount"]
            assert each["after"] == there >= 0, f"below zero, or not what is after: {each}"
        assert balance["amount"] == there, f"not the sum of its ledger: {balance} {there}"
    known = {(balance["user_id"], balance["currency"]) for balance in balances}
    assert {(each["user_id"], each["currency"]) for each in moves} <= known
    moved = {each["entry_id"]: each["amount"] for each in moves if each["reason"] != "admin_adjust"}
    changed = {}
    for order in orders:
        changed |= _taken_by_changes(order, moves)
    rest = {name: amount for name, amount in moved.items() if name not in changed}
    assert rest == _moved_by(orders, payments, moved), "balances and orders tell different stories"


def _taken_by_changes(order: Item, moves: list[Item]) -> Moved:
    """What an order's changes have moved: with its first part, just what it has taken now."""
    order_id, count = order["order_id"], order.get("revision", 0)
    changes = {
        entry_id(kind, f"{order_id}#{number + 1}")
        for kind in ("changed", "changed-back")
        for number in range(count)
    }
    taken = changes | ({entry_id("part", order_id)} if count else set())
    left = dict.fromkeys([order["currency"]], order["balance_part"]) if count else {}
    for each in moves:
        if each["entry_id"] in taken:
            left[each["currency"]] = left.get(each["currency"], 0) + each["amount"]
    assert not any(left.values()), f"an order's part is not what it has taken: {order} {left}"
    return {each["entry_id"]: each["amount"] for each in moves if each["entry_id"] in taken}


def _moved_by(orders: list[Item], payments: list[Item], movements: Moved) -> Moved:
    """The movements that orders and payments stand for, by id. `told` decides where a payment was
    left between two writes."""
    expected: Moved = {}
    for order in orders:
        if order["balance_part"]:
            expected |= _moved_by_order(order)
    for payment in payments:
        expected |= _refunded_by(payment)
        if payment["provider"] == "balance":
            expected |= _moved_by_payment(payment, movements)
    return expected


def _moved_by_order(order: Item) -> Moved:
    part, order_id = order["balance_part"], order["order_id"]
    steps = [(line["from"], line["to"]) for line in order["history"]]
    # Of one that was changed, all that it has taken is counted by itself.
    moved = {} if order.get("revision") else {entry_id("part", order_id): -part}
    if ("PENDING", "CANCELLED") in steps:
        moved[entry_id("returned", order_id)] = part
    if ("CANCELLED", "PAID") in steps:
        moved[entry_id("revived", order_id)] = -part
    return moved


def _refunded_by(payment: Item) -> Moved:
    done = {
        refund_id: refund
        for refund_id, refund in (payment.get("refunds") or {}).items()
        if refund["status"] == "DONE"
    }
    moved = {}
    for refund_id, refund in done.items():
        if refund.get("to") == "BALANCE":
            moved[entry_id("refund", refund_id)] = refund["amount"]
        elif payment["provider"] == "balance" and refund.get("to", "ORIGIN") == "ORIGIN":
            moved[entry_id("back", f"refund:{refund_id}")] = refund["amount"]
    return moved


def _moved_by_payment(payment: Item, movements: Moved) -> Moved:
    """What a payment from the balance has taken, and what of it was sent back as a whole."""
    taken, back = entry_id("pay", payment["payment_id"]), entry_id("back", _late(payment))
    status, moved = payment["status"], {}
    # PENDING with a movement: nobody has come by yet to write it down.
    if status in ("SUCCESS", "REFUNDED", "REFUNDING") or (
        status == "PENDING" and taken in movements
    ):
        moved[taken] = -payment["amount"]
    late = status == "REFUNDED" and not payment.get("refunds")
    if late or (status == "REFUNDING" and back in movements):
        moved[back] = payment["amount"]
    return moved


def _late(payment: Item) -> str:
    return f"late:{payment['payment_id']}"
