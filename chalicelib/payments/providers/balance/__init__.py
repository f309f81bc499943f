"""The shop's own balance as a way to pay: wholly, and at once."""

from chalicelib.payments.manifest import Manifest

MANIFEST = Manifest("The shop's balance", methods={"balance": "provider"})
