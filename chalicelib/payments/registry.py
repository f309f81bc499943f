"""Which providers there are. Each is imported when it is first asked for, not at cold start."""

from functools import cache
from importlib import import_module

from chalicelib.kernel.errors import Invalid
from chalicelib.payments.ports import Provider

PROVIDERS = {"stripe": "chalicelib.payments.providers.stripe"}


class PaymentMethodUnavailable(Invalid):
    code = "PAYMENT_METHOD_UNAVAILABLE"


@cache
def provider(name: str) -> Provider:
    """The provider of that name, made from the stage's settings."""
    if name not in PROVIDERS:
        raise PaymentMethodUnavailable()
    made: Provider = import_module(PROVIDERS[name]).make()
    return made
