"""Which providers there are. Each is imported when it is first asked for, not at cold start."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from chalicelib.config import Misconfigured, Missing
from chalicelib.kernel import parameters, telemetry
from chalicelib.kernel.errors import Invalid, ProviderFailed, Unavailable
from chalicelib.payments import manifest as manifests
from chalicelib.payments.billing_ports import Billing
from chalicelib.payments.capabilities import Capabilities
from chalicelib.payments.ports import Provider


def methods() -> dict[str, str]:
    """Payment method → the module whose `make()` makes its provider, as the folders declare."""
    return {
        method: _inside(folder, module)
        for folder, manifest in manifests.found().items()
        for method, module in manifest.methods.items()
    }


def _inside(folder: str, module: str) -> str:
    return f"{folder}.{module}" if module else folder


PROVIDERS = methods()
# Those that take money again and again.
BILLING = {
    method: _inside(folder, module)
    for folder, manifest in manifests.found().items()
    for method, module in (manifest.billing or {}).items()
}
for _manifest in manifests.found().values():
    parameters.declare(_manifest.parameters)


class PaymentMethodUnavailable(Invalid):
    code = "PAYMENT_METHOD_UNAVAILABLE"


class PaymentNeedsAccount(Invalid):
    """This money is an account's: only its user, signed in, can pay with it."""

    code = "PAYMENT_NEEDS_ACCOUNT"


class PaymentMethodOff(Unavailable):
    """Switched on in the shop's settings, but its keys are missing or malformed."""

    code = "PAYMENT_METHOD_OFF"
    retry_after = 300


# What is raised where asking again will not help by itself: nobody knows the provider, it has no
# keys, or it takes them no more. A provider that is only down raises ProviderBusy.
GONE = (ProviderFailed, PaymentMethodUnavailable, PaymentMethodOff, Misconfigured)


@cache
def provider(name: str) -> Provider:
    """The provider of that name, made from the stage's settings."""
    if name not in PROVIDERS:
        raise PaymentMethodUnavailable()
    made: Provider = import_module(PROVIDERS[name]).make()
    return made


def capabilities(name: str) -> Capabilities:
    """What a payment method can do, from its folder's own word: no keys are needed for it."""
    for folder, manifest in manifests.found().items():
        if name in manifest.methods:
            module = import_module(_inside(folder, manifest.capabilities))
            said: Capabilities = module.CAPABILITIES
            return said
    raise PaymentMethodUnavailable()


@dataclass(frozen=True)
class ProviderHealth:
    """Whether a provider can be used; if not, why, and whether that is somebody's mistake."""

    on: bool
    why: str | None = None
    broken: bool = False


def provider_health() -> Mapping[str, ProviderHealth]:
    """Every provider there is. Only its settings are looked at; nobody is called."""
    return {name: _health_of(name) for name in PROVIDERS}


def _health_of(name: str) -> ProviderHealth:
    try:
        provider(name)
    except Missing as error:
        return ProviderHealth(False, str(error))
    except Misconfigured as error:
        return ProviderHealth(False, str(error), broken=True)
    return ProviderHealth(True)


@cache
def billing(name: str) -> Billing:
    """The provider of that name as one of subscriptions."""
    if name not in BILLING:
        raise PaymentMethodUnavailable()
    made: Billing = import_module(BILLING[name]).make()
    return made


def ready(name: str) -> Provider:
    """The provider, for a request: one that is set up wrongly is off, and the log says why."""
    with _off_when_misconfigured():
        return provider(name)


def ready_billing(name: str) -> Billing:
    """The same for subscriptions."""
    with _off_when_misconfigured():
        return billing(name)


@contextmanager
def _off_when_misconfigured() -> Iterator[None]:
    try:
        yield
    except Misconfigured as error:
        telemetry.logger().error("payment provider is off", exc_info=error)
        raise PaymentMethodOff() from error
