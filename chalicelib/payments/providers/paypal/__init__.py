"""PayPal: `provider` opens, closes and refunds; `calls` is its API over HTTP, `outcomes` what an
order says, `events` and `signature` are webhooks, `amounts` writes money as PayPal does."""

from chalicelib.payments.manifest import Manifest, Webhook

MANIFEST = Manifest(
    "PayPal",
    methods={"paypal": "provider"},
    webhook=Webhook(
        "paypal", "/api/payment/webhook", signature="Paypal-Transmission-Sig", counted=True
    ),
    parameters=(
        "paypal/client_id",
        "paypal/client_secret",
        "paypal/webhook_id",
        "paypal/mode",
        "paypal/api_base",
    ),
)
