"""What transfers to the shop's own wallet can do, over either chain."""

from chalicelib.payments.capabilities import Capabilities
from chalicelib.payments.providers.usdt.session import CURRENCY, SUFFIXES

# Each chain's wallet names its own host beside these.
CAPABILITIES = Capabilities(
    currencies=frozenset({CURRENCY}),
    refunds=False,
    closes=False,
    amount_suffixes=SUFFIXES - 1,
    hands_in=True,
    opens_alone=True,
)
