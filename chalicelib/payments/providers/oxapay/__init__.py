"""OxaPay: `provider` speaks to it, `invoice` reads what it says of one without trusting it."""

from chalicelib.payments.providers.oxapay.provider import make

__all__ = ["make"]
