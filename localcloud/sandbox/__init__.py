"""The payment sandbox: payment providers' APIs, hosted pages and webhooks on one machine.

The shop cannot tell it from the real thing: it speaks a provider's API at the network's edge, keeps
its own state, and calls the shop's webhooks by itself.  Shared machinery lives here (store,
deliveries, idempotency, faults, control API); what one provider says and refuses lives in that
provider's package (`stripe/`, `oxapay/`): a further one is one more sibling, see provider.py.

    with Sandbox(webhook_url=…, webhook_secret="whsec_…") as sandbox:
        client = stripe.StripeClient("sk_test_…", base_addresses={"api": sandbox.url})
        …
        sandbox.control("stripe", session.id, "pay", deliver=5, shuffle=True)
"""

from localcloud.sandbox.client import SandboxClient
from localcloud.sandbox.server import Sandbox

__all__ = ["Sandbox", "SandboxClient"]
