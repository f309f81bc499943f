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

from chalicelib.kernel.db.dynamo import Document, Index
from chalicelib.kernel.db.values import PlainList, PlainMap
from chalicelib.kernel.money import Money
from chalicelib.orders.rules import Order, OrderLine, OrderStatus, OrderSummary, email_key

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
        return OrderSummary(
            order_id=self.order_id,
            number=self.number,
            status=OrderStatus(self.status),
            placed_at=int(self.placed_at),
            units=int(self.units),
            total=Money(int(self.total), self.currency),
        )

    def as_order(self) -> Order:
        return Order(
            order_id=self.order_id,
            number=self.number,
            cart_id=self.cart_id,
            status=OrderStatus(self.status),
            currency=self.currency,
            lines=tuple(_line_of(line, self.currency) for line in self.lines),
            shipping_price=Money(int(self.shipping_price), self.currency),
            email=self.email,
            address=self.address,
            shipping=self.shipping,
            note=self.note,
            locale=self.locale,
            access_token=self.access_token,
            payment_id=self.payment_id,
            hold_id=self.hold_id,
            placed_at=int(self.placed_at),
            expires_at=int(self.expires_at),
            shop_url=self.shop_url,
            history=tuple(self.history),
            user_id=self.user_id,
            attempts=int(self.attempts),
            balance_part=int(self.balance_part),
            words=self.words,
            revision=int(self.revision),
            dispute=self.dispute,
            dispute_amount=int(self.dispute_amount or 0),
        )


def item_of(order: Order) -> OrderItem:
    """An order as it is stored."""
    return OrderItem(
        order.order_id,
        number=order.number,
        cart_id=order.cart_id,
        status=order.status,
        currency=order.currency,
        lines=[_stored(line) for line in order.lines],
        shipping_price=order.shipping_price.amount,
        total=order.total.amount,
        units=order.units,
        email=order.email,
        address=dict(order.address) if order.address else None,
        shipping=dict(order.shipping) if order.shipping else None,
        note=order.note,
        locale=order.locale,
        access_token=order.access_token,
        payment_id=order.payment_id,
        hold_id=order.hold_id,
        placed_at=order.placed_at,
        expires_at=order.expires_at,
        shop_url=order.shop_url,
        history=[dict(line) for line in order.history],
        user_id=order.user_id,
        email_key=email_key(order.email),
        attempts=order.attempts,
        balance_part=order.balance_part,
        words=order.words,
        revision=order.revision,
    )


def _stored(line: OrderLine) -> dict[str, Any]:
    return {
        "variant_id": line.variant_id,
        "product_id": line.product_id,
        "slug": line.slug,
        "name": dict(line.name),
        "variant_name": dict(line.variant_name),
        "specs": [dict(spec) for spec in line.specs],
        "image": dict(line.image) if line.image else None,
        "quantity": line.quantity,
        "unit_price": line.unit_price.amount,
    }


def _line_of(value: dict[str, Any], currency: str) -> OrderLine:
    return OrderLine(**{**value, "unit_price": Money(value["unit_price"], currency)})
