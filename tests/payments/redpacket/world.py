"""A shop that sells in yuan and takes red packets; a buyer, and its owner."""

from dataclasses import dataclass
from typing import Any

from chalicelib.catalog.tables import SettingItem
from chalicelib.checkout import paying
from chalicelib.checkout.paying import Holder
from chalicelib.kernel import cache, clock
from chalicelib.orders import service as orders
from chalicelib.payments import service as payments
from chalicelib.payments.by_hand import Rejection
from chalicelib.settlement import manual_confirmation
from tests import factory, stage

NAME = "alipay-redpacket"
KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
PASSPHRASE = "8765 4321 暗号"
OTHER = "11223344"
FULL = {"available": 5, "reserved": 0, "sold": 0, "stocked": 5}
HELD = {"available": 3, "reserved": 2, "sold": 0, "stocked": 5}
SOLD = {"available": 3, "reserved": 0, "sold": 2, "stocked": 5}
# Two mugs of 50.00 and the post of 35.00.
DUE = 13_500
HOUR = 3600
# Longer than a page is open, and than one wait for money on its way.
LATER = 2 * HOUR
SETTINGS = {
    **factory.SETTINGS,
    "currency": "CNY",
    "currencies": ["CNY", "USD"],
    "shippingMethods": [
        {**factory.SETTINGS["shippingMethods"][0], "prices": {"CNY": 3500, "USD": 500}}
    ],
    "paymentMethods": [
        {"id": NAME, "name": {"en": "Red packet", "zh-CN": "口令红包"}, "currencies": ["CNY"]},
        {"id": "stripe", "name": {"en": "Card", "zh-CN": "银行卡"}, "currencies": ["CNY", "USD"]},
    ],
}


@dataclass
class Deal:
    """An order to be paid by red packets, seen from both sides."""

    shop: Any
    placed: Any

    @property
    def order(self):
        return orders.read(self.placed.order.order_id)

    @property
    def payment_id(self) -> str:
        return str(self.placed.order.payment_id)

    @property
    def payment(self):
        found = payments.read(self.payment_id)
        assert found is not None
        return found

    @property
    def states(self) -> tuple[str, str]:
        return str(self.order.status), str(self.payment.status)

    @property
    def holder(self) -> Holder:
        return Holder(self.placed.order.access_token, None)

    def submit_proof(self, text: str = PASSPHRASE, *, after: int = 0):
        return paying.submit_proof(self.payment_id, text, self.holder, now=clock.now() + after)

    def proofs(self) -> list:
        return list(manual_confirmation.proofs_of(self.payment))

    def newest(self) -> str:
        return str(self.proofs()[-1].proof_id)

    def confirm(self, received: int = DUE, *, after: int = 0, packet: str | None = None, **said):
        packet = packet or self.newest()
        said = {"by": "key:admin", "now": clock.now() + after, **said}
        return manual_confirmation.confirm(self.payment_id, packet, received, **said)

    def reject(
        self, reason=Rejection.INVALID, *, after: int = 0, packet: str | None = None, **said
    ):
        packet = packet or self.newest()
        said = {"by": "key:admin", "now": clock.now() + after, **said}
        return manual_confirmation.reject(self.payment_id, packet, reason, **said)

    def sweep(self, *, after: int) -> None:
        """Some time later, wherever the clock is asked."""
        clock.shift(after)
        try:
            self.shop.sweep()
        finally:
            clock.shift(0)

    def path(self, what: str = "") -> str:
        return f"/api/admin/payments/{self.payment_id}{what}"

    def as_owner(self, what: str, body: Any = None, method: str = "POST"):
        return self.shop.call(method, self.path(what), body, **KEY)

    def as_buyer(self):
        data = self.shop.call(
            "GET",
            f"/api/payment/{self.payment_id}",
            **{"X-Order-Token": self.placed.order.access_token},
        )
        return data.json_body["data"]


def open_shop(shop) -> None:
    SettingItem(factory.SHOP, value=SETTINGS).save()
    cache.forget_all()
    shop.sell("mug", stock=5, prices={"CNY": 5000, "USD": 700})


def deal(shop, quantity: int = 2, method: str = NAME) -> Deal:
    placed = shop.checkout(factory.cart_with({"mug": quantity}), payment_method=method)
    return Deal(shop, placed)


def reasons(deal) -> list[str]:
    return [line["reason"] for line in deal.order.history]
