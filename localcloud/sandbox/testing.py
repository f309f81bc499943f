"""What tests of the sandbox, and of code that talks to it, need again and again."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import stripe

SECRET = "whsec_for_tests_only"
KEY = "sk_test_for_tests_only"


def client(url: str, retries: int = 0) -> stripe.StripeClient:
    """The real SDK, pointed at a sandbox."""
    return stripe.StripeClient(
        KEY,
        base_addresses={"api": url},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=(3, 10)),
    )


def order(**changes: Any) -> Any:
    """Parameters of a session for two lines, 45.98 USD in all; None takes one away."""
    parameters: dict[str, Any] = {
        "mode": "payment",
        "line_items": [line(1999, quantity=2), line(600, name="Shipping")],
        "customer_email": "pat@example.com",
        "client_reference_id": "order-1",
        "metadata": {"order_id": "order-1"},
        "payment_intent_data": {"metadata": {"order_id": "order-1"}},
        "success_url": "http://shop.localhost:4600/order.html?session={CHECKOUT_SESSION_ID}#order=1",
        "cancel_url": "http://shop.localhost:4600/order.html?cancelled=1#order=1",
        "expires_at": int(time.time()) + 1860,
        "locale": "en",
        **changes,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def plan(customer: str, /, amount: int = 900, interval: str = "month", **changes: Any) -> Any:
    """Parameters of a session that begins a subscription; None takes one away."""
    price = {
        "currency": "usd",
        "unit_amount": amount,
        "product_data": {"name": "Tea each month"},
        "recurring": {"interval": interval},
    }
    return order(
        **{
            "mode": "subscription",
            "customer": customer,
            "customer_email": None,
            "payment_intent_data": None,
            "line_items": [{"quantity": 1, "price_data": price}],
            "subscription_data": {"metadata": {"subscription_id": "sub-1"}},
            **changes,
        }
    )


def line(amount: int, *, name: str = "Tea", currency: str = "usd", quantity: int = 1) -> Any:
    """One entry of `line_items`."""
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": name}}
    return {"quantity": quantity, "price_data": price}


def wait_for(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """The first truthy value of `condition`; AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (value := condition()):
        assert time.monotonic() < deadline, "the condition did not come true in time"
        pause.wait(0.01)
    return value


@dataclass
class Receiver:
    """A shop's webhook endpoint that notes what arrives, under a `*.localhost` name.

    `answers` are the statuses of the next answers, then 200; `says` is what each of them says.  A
    cleared `gate` holds answers.
    """

    answers: list[int] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    most_at_once: int = 0
    says: bytes = b""

    def __post_init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self._lock = threading.Lock()
        self._at_once = 0
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Where webhooks go."""
        return self.at("/api/webhooks/stripe")

    def at(self, path: str) -> str:
        """Another address of the same shop."""
        return f"http://webhooks.shop.localhost:{self._server.server_port}{path}"

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """The events that arrived, of one type or of all, in order of arrival."""
        with self._lock:
            found = [json.loads(item["body"]) for item in self.received]
        return [event for event in found if kind in ("", event["type"])]

    def note(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        """Take one delivery; the status to answer with."""
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self.gate.wait(10)
        with self._lock:
            self._at_once -= 1
            self.received.append({"path": path, "body": body, "headers": headers})
            return self.answers.pop(0) if self.answers else 200

    @property
    def waiting(self) -> int:
        """How many deliveries stand at the gate."""
        with self._lock:
            return self._at_once

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.gate.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.receiver.note(self.path, body, dict(self.headers))
        self.send_response(status)
        self.send_header("Content-Length", str(len(self.receiver.says)))
        self.end_headers()
        self.wfile.write(self.receiver.says)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: tests look at `received` instead."""
