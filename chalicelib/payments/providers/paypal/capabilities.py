"""What PayPal can do. Loads nothing that speaks to it."""

from chalicelib.payments.capabilities import Capabilities
from chalicelib.payments.providers.paypal.amounts import CURRENCIES, STEPS

NAME = "paypal"

CAPABILITIES = Capabilities(
    currencies=CURRENCIES,
    steps=STEPS,
    disputes=True,
    reversals_are_refunds=True,
    closes=False,
    host=NAME,
)
