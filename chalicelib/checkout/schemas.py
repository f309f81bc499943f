"""Requests and answers of checkout."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from chalicelib.checkout.rules import Placed, Wish
from chalicelib.kernel import clock
from chalicelib.kernel.i18n import closest
from chalicelib.kernel.schema import Body, Id, MoneyAnswer, Quantity, Wire, text_field

MAX_EMAIL = 254  # RFC 5321's longest path, less its brackets


def _email(text: str) -> str:
    """One address, told by its shape alone; whether it is read, the mail will show."""
    local, at, domain = text.strip().rpartition("@")
    plain = text.isprintable() and not any(letter in text for letter in ' ,;<>()[]"\\')
    labels = domain.split(".")
    if not (at and local and "@" not in local and plain and len(labels) > 1 and all(labels)):
        raise PydanticCustomError("email", "not an e-mail address")
    return f"{local}@{domain.lower()}"


Email = Annotated[str, Field(max_length=MAX_EMAIL), AfterValidator(_email)]
Line = Annotated[str, text_field(120)]


class Address(Body):
    name: Line
    phone: Annotated[str, text_field(40)] | None = None
    line1: Line
    line2: Line | None = None
    city: Line
    region: Line | None = None
    postal_code: Annotated[str, text_field(20)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]


class Checkout(Body):
    """What turns a cart into an order. There is no price in it, and none is taken."""

    email: Email
    address: Address | None = None
    shipping_method: Id | None = None
    payment_method: Id = "stripe"
    note: Annotated[str, text_field(1000)] | None = None
    locale: Literal["en", "zh-CN"] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None

    def wish(self, locale: str) -> Wish:
        address = self.address
        return Wish(
            email=self.email,
            address=address.model_dump(by_alias=True, exclude_none=True) if address else None,
            shipping_method=self.shipping_method,
            payment_method=self.payment_method,
            note=self.note,
            locale=closest(self.locale) or locale,
            currency=self.currency,
        )


class BuyNow(Checkout):
    """Checkout of one variant at once."""

    variant_id: Id
    quantity: Quantity = 1


class PlacedAnswer(Wire):
    order_id: str
    order_number: str
    access_token: str
    payment_id: str
    url: str
    expires_at: str
    total: MoneyAnswer

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
        )
