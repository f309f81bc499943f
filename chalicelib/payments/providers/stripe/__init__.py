"""Stripe Checkout: `provider` speaks to Stripe, `amounts` writes money as Stripe does."""

from chalicelib.payments.manifest import Manifest, Webhook

MANIFEST = Manifest(
    "Stripe",
    methods={"stripe": "provider", "stripe-intents": "intents"},
    billing={"stripe": "billing"},
    webhook=Webhook("stripe", "/api/webhooks/stripe", signature="Stripe-Signature"),
    parameters=(
        "stripe/secret_key",
        "stripe/webhook_secret",
        "stripe/publishable_key",
        "stripe/api_base",
    ),
)
