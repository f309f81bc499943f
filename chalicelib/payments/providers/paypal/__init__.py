"""PayPal: `provider` opens, closes and refunds; `calls` is its API over HTTP, `outcomes` what an
order says, `events` and `signature` are webhooks, `amounts` writes money as PayPal does."""

from chalicelib.payments.providers.paypal.provider import make

__all__ = ["make"]
