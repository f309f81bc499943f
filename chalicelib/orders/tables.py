"""Orders.

Access patterns
    read   an order       Get     orders (order_id), consistent
    read   a user's       Query   orders by_user (user_id, placed_at), newest first, sparse
    read   of an e-mail   Query   orders by_email (email_key, placed_at): to find, never to decide
    write  place          Put     in the checkout's transaction, only once
    write  a step         Update  in one transaction with payment and stock, conditional on the
                                  status it leaves
    write  pay anew       Update  another attempt: conditional on its status and newest payment
    write  amend          Update  its words: conditional on its status, newest payment and revision
    write  claim          Update  conditional on being nobody's and bearing the user's e-mail
    write  forget         Update  whatever is personal; amounts, lines and steps stay
    read   everything     Scan    page by page, by the check
    read   the check      Get     checks (name), consistent
    write  its progress   Put     conditional on the version that was read
"""

from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import IncludeProjection

from chalicelib.kernel.db import mapping
from chalicelib.kernel.db.dynamo import Document, Index
from chalicelib.kernel.db.values import PlainList, PlainMap
from chalicelib.kernel.money import Money
from chalicelib.orders.rules import Order, OrderLine, OrderSummary, email_key

# What each index shows besides its keys. An index costs a write for each change of what it shows,
# and of a buyer's list only the status changes with the order's steps. No address lies there.
LISTED = ("number", "status", "currency", "total", "units")
FOUND_BY_EMAIL = ("number", "locale", "user_id")


class ByUser(Index["OrderItem"]):
    class Meta:
        index_name = "by_user"
        projection = IncludeProjection(list(LISTED))

    user_id = UnicodeAttribute(hash_key=True)
    placed_at = NumberAttribute(range_key=True)


class ByEmail(Index["OrderItem"]):
    class Meta:
        index_name = "by_email"
        projection = IncludeProjection(list(FOUND_BY_EMAIL))

    email_key = UnicodeAttribute(hash_key=True)
    placed_at = NumberAttribute(range_key=True)


class CheckItem(Document):
    """The newest run of the check (integrity/check.py): how far it came, and what it found."""

    LATEST = "latest"

    class Meta:
        table = "checks"

    name = UnicodeAttribute(hash_key=True)
    run_id = UnicodeAttribute()
    operator = UnicodeAttribute()
    repair = BooleanAttribute(default=False)
    started_at = NumberAttribute()
    finished_at = NumberAttribute(null=True)
    version = NumberAttribute()
    # The table under way; its job knows the place in it.
    part = UnicodeAttribute()
    rows = PlainMap(default=dict)
    failed = NumberAttribute(default=0)
    repaired = NumberAttribute(default=0)
    # By kind: how many, and the first of them.
    found = PlainMap(default=dict)
    findings = PlainMap(default=dict)


class OrderItem(Document):
    class Meta:
        table = "orders"

    order_id = UnicodeAttribute(hash_key=True)
    number = UnicodeAttribute()
    kind = UnicodeAttribute(default="SALE")
    cart_id = UnicodeAttribute()
    status = UnicodeAttribute()
    currency = UnicodeAttribute()
    lines = PlainList()
    shipping_price = NumberAttribute()
    total = NumberAttribute()
    units = NumberAttribute()
    email = UnicodeAttribute()
    address = PlainMap(null=True)
    shipping = PlainMap(null=True)
    note = UnicodeAttribute(null=True)
    locale = UnicodeAttribute()
    access_token = UnicodeAttribute()
    payment_id = UnicodeAttribute()
    hold_id = UnicodeAttribute()
    placed_at = NumberAttribute()
    expires_at = NumberAttribute()
    shop_url = UnicodeAttribute()
    history = PlainList()
    user_id = UnicodeAttribute(null=True)
    email_key = UnicodeAttribute(null=True)
    attempts = NumberAttribute(default=1)
    # What the owner's store balance pays of it.
    balance_part = NumberAttribute(default=0)
    words = UnicodeAttribute(null=True)
    revision = NumberAttribute(default=0)
    # The mark of a dispute: OPEN, WON or LOST, and the amount that it is about.
    dispute = UnicodeAttribute(null=True)
    dispute_amount = NumberAttribute(null=True)

    by_user = ByUser()
    by_email = ByEmail()

    def as_summary(self) -> OrderSummary:
        return mapping.loaded(OrderSummary, self)

    def as_order(self) -> Order:
        lines = tuple(_line_of(line, self.currency) for line in self.lines)
        return mapping.loaded(Order, self, lines=lines)


def item_of(order: Order) -> OrderItem:
    """An order as it is stored; no dispute is begun with it."""
    return OrderItem(
        **mapping.plain(order, without=("dispute", "dispute_amount")),
        total=order.total.amount,
        units=order.units,
        email_key=email_key(order.email),
    )


def _line_of(value: dict[str, Any], currency: str) -> OrderLine:
    return OrderLine(**{**value, "unit_price": Money(value["unit_price"], currency)})
