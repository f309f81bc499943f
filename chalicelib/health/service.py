"""Asks what the shop cannot do without, each by the call that it needs."""

from collections.abc import Callable, Mapping

from chalicelib.cart import service as carts
from chalicelib.cart.rules import CartNotFound
from chalicelib.inventory import service as inventory
from chalicelib.kernel import telemetry
from chalicelib.payments.registry import PROVIDERS, provider


def checks() -> Mapping[str, bool]:
    """Each service and whether it answers. Of providers only the keys are looked at."""
    return {name: _answers(check) for name, check in _CHECKS.items()}


def _answers(check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception as error:
        telemetry.logger().warning("health check failed", exc_info=error)
        return False
    return True


def _cart() -> None:
    try:
        carts.read("health", now=0)
    except CartNotFound:
        return


_CHECKS: Mapping[str, Callable[[], object]] = {
    "inventory": lambda: inventory.availability(["health"]),
    "payments": lambda: [provider(name) for name in PROVIDERS],
    "cart": _cart,
}
