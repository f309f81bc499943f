"""Stripe: API version 2026-10-28.endive as the `stripe` package 16.1.0 speaks it.

`api` and `endpoints` answer the calls, `parameters` and `rules` refuse what Stripe refuses, `payer`
and `aftermath` are the world outside (payer, bank, clock), `hosted` is the checkout page.
"""

from localcloud.sandbox.stripe.provider import Stripe

__all__ = ["Stripe"]
