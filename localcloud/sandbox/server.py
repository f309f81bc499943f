"""The sandbox as a server: in a thread of a test, or alone as `python -m localcloud.sandbox`."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from localcloud.sandbox import control, overview
from localcloud.sandbox.client import ControlError, SandboxClient
from localcloud.sandbox.deliveries import RETRY_SECONDS, Deliveries
from localcloud.sandbox.faults import Faults
from localcloud.sandbox.idempotency import Idempotency
from localcloud.sandbox.network import LOOPBACK
from localcloud.sandbox.oxapay import SANDBOX_KEY, OxaPay
from localcloud.sandbox.paypal import ACCOUNT, Account, PayPal
from localcloud.sandbox.provider import Provider
from localcloud.sandbox.store import Store
from localcloud.sandbox.stripe import Stripe
from localcloud.sandbox.stripe.events import ENABLED
from localcloud.sandbox.usdt import ERC20, TRC20, Usdt
from localcloud.sandbox.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

TICK_SECONDS = 1.0
PRUNE_SECONDS = 600.0


class Sandbox(SandboxClient):
    """A sandbox in this process: `start()` and `stop()`, or a `with` block.

    port 0 takes a free one.  `state` is a file, or None for memory only.  `webhook_secret` is
    Stripe's, one or two; `oxapay_key` both opens OxaPay's API and signs its webhooks; `paypal` is
    the account at PayPal's; `tron_key` is TronGrid's, for calls that send one.
    `retry_seconds` are the pauses between tries of one webhook.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        state: str | Path | None = None,
        webhook_url: str | None = None,
        webhook_secret: str | Sequence[str] = "whsec_sandbox_only",
        oxapay_key: str = SANDBOX_KEY,
        paypal: Account = ACCOUNT,
        tron_key: str = "",
        shop_origin: str | None = None,
        events: Sequence[str] = ENABLED,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        secrets = [webhook_secret] if isinstance(webhook_secret, str) else webhook_secret
        store = Store(state or ":memory:")
        self.world = World(
            store=store,
            deliveries=Deliveries(store, webhook_url, retry_seconds),
            idempotency=Idempotency(store),
            faults=Faults(),
            url="",
            shop_origin=shop_origin,
        )
        made: list[Provider] = [
            Stripe(self.world, secrets, events),
            OxaPay(self.world, oxapay_key),
            PayPal(self.world, paypal),
            Usdt(self.world, ERC20),
            Usdt(self.world, TRC20, tron_key),
        ]
        self.providers = {provider.name: provider for provider in made}
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> Self:
        """Listen and work; returns when calls are answered.  Raises OSError on a busy port."""
        self._application = _application(self.world, self.providers)
        self._server = _listen(self._port, self._application)
        super().__init__(f"http://{LOOPBACK}:{self._server.server_port}")
        self.world.url = self.url
        for provider in self.providers.values():
            self.world.deliveries.sign_with(provider.name, provider.headers)
        self.world.deliveries.start()
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True),
            threading.Thread(target=self._clock, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        # No wire between the two: whoever has the sandbox in its own process asks it directly.
        answer = self._application.test_client().open(f"/_control/{path}", method=method, json=body)
        if answer.status_code != 200:
            raise ControlError(answer.status_code, answer.text)
        return dict(answer.get_json())

    def stop(self) -> None:
        """Stop answering and sending; what is unfinished stays in the state file."""
        self.world.stopping.set()
        if self._server:
            self._server.shutdown()
        for thread in self._threads:
            thread.join(timeout=5)
        if self._server:
            self.world.deliveries.stop()
            self._server.server_close()
        self.world.store.close()

    def _clock(self) -> None:
        """What time does: sessions end, old idempotency keys are dropped."""
        pruned = 0.0
        while not self.world.stopping.wait(TICK_SECONDS):
            for provider in self.providers.values():
                provider.tick()
            if time.monotonic() - pruned > PRUNE_SECONDS:
                self.world.idempotency.forget()
                pruned = time.monotonic()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Quiet(WSGIRequestHandler):
    """Says nothing about each request: the overview page lists them."""

    protocol_version = "HTTP/1.1"

    def make_environ(self) -> "WSGIEnvironment":
        """With the headers whose names have an underscore (`merchant_api_key`): werkzeug leaves
        them out, because one with a dash would look the same."""
        environ = super().make_environ()
        for name, value in self.headers.items():
            if "_" in name:
                environ.setdefault(f"HTTP_{name.upper().replace('-', '_')}", value)
        return environ

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing; errors are still written."""


def _listen(port: int, application: Flask) -> BaseWSGIServer:
    try:
        return make_server(LOOPBACK, port, application, threaded=True, request_handler=_Quiet)
    except SystemExit:  # werkzeug's way to say that the port is busy
        raise OSError(f"port {port} is busy") from None


def _application(world: World, providers: dict[str, Provider]) -> Flask:
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for provider in providers.values():
        for routes in provider.blueprints():
            app.register_blueprint(routes)
    app.register_blueprint(control.blueprint(world, providers))
    app.register_blueprint(overview.blueprint(world, providers))
    app.before_request(_only_this_machine)
    app.after_request(_harden)
    return app


def _only_this_machine() -> ResponseReturnValue | None:
    """Refuse foreign Host names: a web page elsewhere must not reach in through DNS rebinding."""
    host = request.host.rpartition(":")[0] or request.host
    if host in (LOOPBACK, "localhost") or host.endswith(".localhost"):
        return None
    return {"error": f"This sandbox answers on this machine only, not as {host}"}, 421


def _harden(answer: Response) -> Response:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers.setdefault("Referrer-Policy", "no-referrer")
    return answer
