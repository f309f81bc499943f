"""A shop that is paid into its wallet, and the chain that the money comes over."""

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.kernel import clock
from chalicelib.orders import service as orders
from chalicelib.payments import service as payments
from chalicelib.payments.rules import Payment
from chalicelib.settlement import reconcile
from tests import factory

CHAINS = ("usdt-erc20", "usdt-trc20")
# Past the end of a payment, its hold, and what lists may come behind.
AFTER_THE_END = 31 * 60 + 120


@dataclass
class World:
    """One chain and the shop."""

    shop: Any
    name: str
    passed: int = 0

    def buy(self, quantity: int = 2) -> Any:
        """A mug is 19.99 and shipping 5.00: two are 44.98 USD."""
        return self.shop.checkout(factory.cart_with({"mug": quantity}), payment_method=self.name)

    def payment(self, placed: Any) -> Payment:
        found = payments.read(orders.read(placed.order.order_id).payment_id)
        assert found is not None
        return found

    def facts(self, placed: Any) -> dict[str, str]:
        instructions = self.payment(placed).instructions
        assert instructions is not None
        return dict(instructions.facts)

    def units(self, placed: Any) -> int:
        return int(self.facts(placed)["amount"].replace(".", ""))

    def act(self, action: str, placed: Any, units: int | None = None) -> str:
        """Let something happen with what this order asks for, or `units`; the hash, if one came."""
        asked = self.units(placed) if units is None else units
        reference = f"{self.facts(placed)['address']}:{asked}"
        done = self.shop.sandbox.control(self.name, reference, action)
        return str(done["transfer"]["hash"]) if done["transfer"] else ""

    def chain(self, action: str, units: int = 0) -> None:
        """Let something happen to the chain itself."""
        address = "TBXoTbWzjcYRJcsZu6GpqUPJRqVLVNmbom"
        if self.name == "usdt-erc20":
            address = "0x1122334455667788990011223344556677889900"
        self.shop.sandbox.control(self.name, f"{address}:{units}", action)

    def submit_proof(self, placed: Any, given: str) -> tuple[int, dict[str, Any]]:
        """Status and envelope of the answer."""
        answer = self.shop.call(
            "POST",
            f"/api/payment/verify/{self.payment(placed).payment_id}",
            {"hash": given},
            **{"X-Order-Token": placed.order.access_token},
        )
        return answer.status_code, json.loads(answer.body)

    def refused(self, placed: Any, given: str) -> str:
        """The code with which a hash is refused; nothing else happens then."""
        before = self.payment(placed)
        status, answer = self.submit_proof(placed, given)
        assert status >= 400, answer
        assert self.payment(placed) == before
        return str(answer["code"])

    def look(self) -> None:
        """The job that asks about what is open."""
        reconcile.poll_open_payments(clock.now() + reconcile.USUAL_SECONDS + 1)

    def pass_time(self, seconds: int) -> None:
        """For the shop and for the chain."""
        self.passed += seconds
        clock.shift(self.passed)
        self.chain("wait", units=seconds)

    def states(self, placed: Any) -> tuple[str, str]:
        """Of the order and its payment."""
        return str(orders.read(placed.order.order_id).status), str(self.payment(placed).status)
