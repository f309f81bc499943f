"""What red packets can do."""

from chalicelib.payments.capabilities import Capabilities

CURRENCY = "CNY"

CAPABILITIES = Capabilities(
    currencies=frozenset({CURRENCY}), refunds=False, hands_in=True, by_hand=True
)
