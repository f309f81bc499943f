"""Requests and answers of checkout."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.checkout.rules import Placed, Wish
from chalicelib.kernel import clock
from chalicelib.kernel.contact.fields import Address, Email
from chalicelib.kernel.i18n import closest
from chalicelib.kernel.web.request import validated
from chalicelib.kernel.web.schema import (
    BlankIsAbsent,
    Body,
    Id,
    MoneyAnswer,
    Quantity,
    Wire,
    text_field,
)


class Checkout(BlankIsAbsent):
    """What turns a cart into an order. There is no price in it, and none is taken."""

    email: Email
    address: Address | None = None
    # In place of an address: one of the signed-in user's own book.
    address_id: Id | None = None
    shipping_method: Id | None = None
    payment_method: Id = "stripe"
    note: Annotated[str, text_field(1000)] | None = None
    locale: Literal["en", "zh-CN"] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    # Let the signed-in user's store balance pay what it can; the method named pays the rest.
    use_balance: Annotated[bool, Field(strict=True)] = False
    # How much of it at most, in minor units of the order's currency.
    balance_most: Annotated[int, Field(strict=True, ge=1, le=10**12)] | None = None

    @model_validator(mode="after")
    def _one_address(self) -> "Checkout":
        if self.address is not None and self.address_id is not None:
            raise PydanticCustomError("one_of", "an address or one of the book")
        return self

    def wish(self, locale: str, from_book: Mapping[str, str] | None = None) -> Wish:
        """`from_book` is the address that `address_id` names: checked like one that is typed, since
        it may be older than the rules. Raises Invalid."""
        address = self.address or (_of_book(from_book) if from_book else None)
        return Wish(
            email=self.email,
            address=address.wire() if address else None,
            shipping_method=self.shipping_method,
            payment_method=self.payment_method,
            note=self.note,
            locale=closest(self.locale) or locale,
            currency=self.currency,
            use_balance=self.use_balance,
            balance_most=self.balance_most,
        )


class _FromBook(Body):
    """Its complaints are named as those of an address that is typed."""

    address: Address


def _of_book(fields: Mapping[str, str]) -> Address:
    return validated(_FromBook, {"address": dict(fields)}).address


class BuyNow(Checkout):
    """Checkout of one variant at once."""

    variant_id: Id
    quantity: Quantity = 1
    # The caller's order of it that waits, opened by its token: it follows these words.
    order_id: Id | None = None


class PlacedAnswer(Wire):
    order_id: str
    order_number: str
    access_token: str
    payment_id: str
    url: str
    expires_at: str
    total: MoneyAnswer
    # What is left to pay at `url`; nothing where the store balance has paid it wholly.
    due: MoneyAnswer

    @classmethod
    def of(cls, placed: Placed) -> "PlacedAnswer":
        order = placed.order
        return cls(
            order_id=order.order_id,
            order_number=order.number,
            access_token=order.access_token,
            payment_id=order.payment_id,
            url=placed.url,
            expires_at=clock.iso(order.expires_at),
            total=MoneyAnswer.of(order.total),
            due=MoneyAnswer.of(order.unpaid),
        )
