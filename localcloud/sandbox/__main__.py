"""Run the payment sandbox: `python -m localcloud.sandbox --port 4610 --state FILE …`."""

import argparse
import signal
import sys
import threading

from localcloud.sandbox import Sandbox
from localcloud.sandbox.oxapay import SANDBOX_KEY
from localcloud.sandbox.paypal import ACCOUNT, Account
from localcloud.sandbox.stripe.events import ENABLED


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=4610, help="0 takes a free one")
    parser.add_argument("--state", help="SQLite file that keeps everything; default: memory only")
    parser.add_argument("--webhook-url", help="where webhooks go; *.localhost names are fine")
    parser.add_argument(
        "--webhook-secret",
        action="append",
        metavar="whsec_…",
        help="signs the webhooks; give it twice while one secret replaces the other",
    )
    parser.add_argument(
        "--oxapay-key",
        default=SANDBOX_KEY,
        metavar="KEY",
        help="OxaPay's merchant key: it opens the API and signs the webhooks",
    )
    parser.add_argument("--paypal-client-id", default=ACCOUNT.client_id, metavar="ID")
    parser.add_argument("--paypal-client-secret", default=ACCOUNT.client_secret, metavar="SECRET")
    parser.add_argument(
        "--paypal-webhook-id",
        default=ACCOUNT.webhook_id,
        metavar="ID",
        help="the webhook's id, which its signatures cover",
    )
    parser.add_argument("--tron-key", default="", metavar="KEY", help="TronGrid's key")
    parser.add_argument("--shop-origin", help="the shop's address, for links back to it")
    parser.add_argument(
        "--event", action="append", help=f"event types that are sent; default: {', '.join(ENABLED)}"
    )
    return parser.parse_args(given)


def main() -> int:
    """Serve until SIGINT or SIGTERM."""
    given = arguments()
    sandbox = Sandbox(
        port=given.port,
        state=given.state,
        webhook_url=given.webhook_url,
        webhook_secret=given.webhook_secret or "whsec_sandbox_only",
        oxapay_key=given.oxapay_key,
        paypal=Account(given.paypal_client_id, given.paypal_client_secret, given.paypal_webhook_id),
        tron_key=given.tron_key,
        shop_origin=given.shop_origin,
        events=given.event or ENABLED,
    )
    try:
        sandbox.start()
    except OSError as error:
        print(f"The payment sandbox cannot listen: {error}. Choose another with --port.",
              file=sys.stderr)  # fmt: skip
        return 1
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    print(f"Payment sandbox: {sandbox.url}", flush=True)
    stopped.wait()
    sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
