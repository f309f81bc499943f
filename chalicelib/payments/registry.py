"""Which providers there are. Each is imported when it is first asked for, not at cold start."""

from functools import cache
from importlib import import_module

from chalicelib.config import Misconfigured
from chalicelib.kernel import telemetry
from chalicelib.kernel.errors import Invalid, Unavailable
from chalicelib.payments.ports import Provider

PROVIDERS = {
    "stripe": "chalicelib.payments.providers.stripe",
    "oxapay": "chalicelib.payments.providers.oxapay",
    "paypal": "chalicelib.payments.providers.paypal",
    "balance": "chalicelib.payments.providers.balance",
}


class PaymentMethodUnavailable(Invalid):
    code = "PAYMENT_METHOD_UNAVAILABLE"


class PaymentNeedsAccount(Invalid):
    """This money is an account's: only its user, signed in, can pay with it."""

    code = "PAYMENT_NEEDS_ACCOUNT"


class PaymentMethodOff(Unavailable):
    """Switched on in the shop's settings, but its keys are missing or malformed."""

    code = "PAYMENT_METHOD_OFF"
    retry_after = 300


@cache
def provider(name: str) -> Provider:
    """The provider of that name, made from the stage's settings."""
    if name not in PROVIDERS:
        raise PaymentMethodUnavailable()
    made: Provider = import_module(PROVIDERS[name]).make()
    return made


def ready(name: str) -> Provider:
    """The provider, for a request: one that is set up wrongly is off, and the log says why."""
    try:
        return provider(name)
    except Misconfigured as error:
        telemetry.logger().error("payment provider is off", exc_info=error)
        raise PaymentMethodOff() from error
