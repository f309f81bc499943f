"""Asks what the shop cannot do without, each by the call that it needs."""

from collections.abc import Callable, Mapping

from chalicelib.cart import service as carts
from chalicelib.cart.rules import CartNotFound
from chalicelib.catalog import service as catalog
from chalicelib.config import Misconfigured
from chalicelib.inventory import service as inventory
from chalicelib.kernel import telemetry
from chalicelib.payments import registry
from chalicelib.payments.registry import ProviderHealth


def checks() -> Mapping[str, bool]:
    """Each service and whether it answers. Of providers only the keys are looked at."""
    return {name: _answers(check) for name, check in _CHECKS.items()}


def providers() -> Mapping[str, ProviderHealth]:
    """Which ways to pay can be used, and why others can't; names no secret."""
    return registry.provider_health()


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


def _payments() -> None:
    # What the shop does not offer need not work; one that was never set up is off.
    offered = {str(way["id"]) for way in catalog.shop().payment_methods}
    found = [each for name, each in providers().items() if name in offered]
    if not any(each.on for each in found) or any(each.broken for each in found):
        raise Misconfigured("; ".join(each.why for each in found if each.why))


_CHECKS: Mapping[str, Callable[[], object]] = {
    "inventory": lambda: inventory.availability(["health"]),
    "payments": _payments,
    "cart": _cart,
}
