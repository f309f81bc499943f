"""OxaPay: API v1 invoices, the page where coins are paid, and webhooks."""

from localcloud.sandbox.oxapay.provider import OxaPay
from localcloud.sandbox.oxapay.webhooks import SANDBOX_KEY

__all__ = ["SANDBOX_KEY", "OxaPay"]
