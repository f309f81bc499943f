"""`expand`: ids in an answer replaced by the objects they stand for.

Source: docs.stripe.com/api/expanding_objects.
"""

from typing import Any

from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import billing, invoices, payments, sessions
from localcloud.sandbox.stripe.errors import BadParameter
from localcloud.sandbox.world import World

DEEPEST = 4
LINKS = {
    "checkout.session": {
        "customer": billing.CUSTOMER,
        "invoice": invoices.KIND,
        "payment_intent": payments.INTENT,
        "subscription": billing.SUBSCRIPTION,
    },
    "subscription": {"customer": billing.CUSTOMER, "latest_invoice": invoices.KIND},
    "invoice": {"customer": billing.CUSTOMER},
    "payment_intent": {"latest_charge": payments.CHARGE},
    "charge": {"payment_intent": payments.INTENT},
    "refund": {"charge": payments.CHARGE, "payment_intent": payments.INTENT},
    "dispute": {"charge": payments.CHARGE, "payment_intent": payments.INTENT},
}
# Expandable at Stripe and always null here.
EMPTY = {
    "checkout.session": {"payment_link", "setup_intent"},
    "payment_intent": {"application", "customer", "on_behalf_of", "payment_method", "review"},
    "charge": {"application", "balance_transaction", "customer", "on_behalf_of", "review"},
    "refund": {"balance_transaction"},
}


def listing(items: list[Document], url: str, *, more: bool = False) -> Document:
    """Stripe's list object."""
    return {"object": "list", "data": items, "has_more": more, "url": url}


def expanded(world: World, answer: Document, paths: list[str]) -> Document:
    """The answer with every path replaced; raises BadParameter for what cannot be expanded."""
    for index, path in enumerate(paths):
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise BadParameter(
                f"You cannot expand more than {DEEPEST} levels of a property: {path}",
                param=f"expand[{index}]",
            )
        answer = _expand(world, answer, steps, path)
    return answer


def _expand(world: World, node: Any, steps: list[str], path: str) -> Any:
    if not steps or node is None:
        return node
    name, rest = steps[0], steps[1:]
    if name == "data" and node.get("object") == "list":
        return {**node, "data": [_expand(world, item, rest, path) for item in node["data"]]}
    value = node.get(name)
    if not isinstance(value, dict):
        value = _linked(world, node, name, path)
    return {**node, name: _expand(world, value, rest, path)}


def _linked(world: World, node: Document, name: str, path: str) -> Document | None:
    kind = node["object"]
    if kind == "checkout.session" and name == "line_items":
        return lines(world, node["id"])
    if kind == "charge" and name == "refunds":
        found = world.store.find(payments.REFUND, charge=node["id"])
        return listing(found, f"/v1/charges/{node['id']}/refunds")
    target = LINKS.get(kind, {}).get(name)
    if target is None and name not in EMPTY.get(kind, set()):
        raise BadParameter(
            f"This property cannot be expanded ({path}).",
            param="expand",
        )
    identifier = node.get(name)
    return world.store.get(target, identifier) if target and identifier else None


def lines(world: World, session: str, limit: int = 10, after: str | None = None) -> Document:
    """A session's line items, ten at first as at Stripe."""
    kept = world.store.get(sessions.LINES, session) or {"items": []}
    items = kept["items"]
    if after is not None:
        ids = [item["id"] for item in items]
        items = items[ids.index(after) + 1 :] if after in ids else []
    url = f"/v1/checkout/sessions/{session}/line_items"
    return listing(items[:limit], url, more=len(items) > limit)
