"""What the shop's own balance can do."""

from chalicelib.payments.capabilities import Capabilities

CAPABILITIES = Capabilities(of_account=True, named=True)
