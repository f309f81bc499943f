"""Stripe Checkout: `provider` speaks to Stripe, `amounts` writes money as Stripe does."""

from chalicelib.payments.providers.stripe.provider import make

__all__ = ["make"]
