"""OxaPay: `provider` speaks to it, `invoice` reads what it says of one without trusting it."""

from chalicelib.payments.manifest import Manifest, Webhook

# It sends a callback again until the answer is `ok`.
WEBHOOK = Webhook("oxapay", "/oxapay-webhook", signature="HMAC", answers_ok=True)
MANIFEST = Manifest(
    "OxaPay",
    methods={"oxapay": "provider"},
    webhook=WEBHOOK,
    parameters=("oxapay/merchant_key", "oxapay/api_base", "oxapay/sandbox"),
)
