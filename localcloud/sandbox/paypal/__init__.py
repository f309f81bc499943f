"""PayPal: Orders v2 and Payments v2, as far as a shop uses them that captures at once.

`api` answers the calls, `rules` refuses what PayPal refuses, `payer` is the world outside (payer,
bank, clock), `hosted` is the page where the payer approves, `events` and `signing` are webhooks.
"""

from localcloud.sandbox.paypal.provider import ACCOUNT, Account, PayPal

__all__ = ["ACCOUNT", "Account", "PayPal"]
