"""What OxaPay can do. Loads nothing that speaks to it."""

from chalicelib.payments.capabilities import Capabilities

NAME = "oxapay"

CAPABILITIES = Capabilities(refunds=False, keys=False, closes=False, host=NAME)
