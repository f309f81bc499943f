"""The shop's own balance as a way to pay: wholly, and at once."""

from chalicelib.payments.providers.balance.provider import make

__all__ = ["make"]
