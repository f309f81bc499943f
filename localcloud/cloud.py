"""The whole local shop as one object: start it, use it, stop it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from localcloud import demo_files, fixups, kept, settings, site
from localcloud.aws import Aws, Http
from localcloud.deploy import STACK, deploy, is_deployed
from localcloud.emulator import Emulator
from localcloud.environments import LOCAL, ROOT
from localcloud.functions.rows import logical
from localcloud.lock import claim
from localcloud.pack import Package, package
from localcloud.problem import Problem
from localcloud.processes import Child, check_port

GATEWAY_PORT = 4600
SANDBOX_PORT = 4610


class Cloud:
    """Emulator, shop and payment sandbox, with everything they keep under `state_dir`.

    Start it from the main thread: its children end with the thread that started them.
    """

    def __init__(
        self,
        state_dir: Path | None = None,
        gateway_port: int = GATEWAY_PORT,
        sandbox_port: int = SANDBOX_PORT,
        *,
        addresses_file: Path | None = None,
        root: Path = ROOT,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.root = root
        self.say = say
        self.state = (state_dir or LOCAL / "state").resolve()
        self.state.mkdir(parents=True, exist_ok=True)
        self.addresses_file = addresses_file or self.state / "addresses.json"
        self.cache = LOCAL / "cache"
        self.gateway_port = gateway_port
        self.sandbox_port = sandbox_port
        self.aws = Aws(gateway_port)
        self.emulator = Emulator(self.state, gateway_port)
        self.secrets = settings.own_secrets(self.state)
        self.sandbox: Child | None = None
        self.addresses: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        self._lock: Any = None

    # ---- starting and stopping ---------------------------------------------------------

    def up(self) -> Cloud:
        """Start everything and return when a shopper could come in; raises `Problem`.

        Whatever goes wrong, nothing is left running.
        """
        try:
            self._claim()
            self._start()
        except BaseException:
            self.down()
            raise
        return self

    def down(self) -> None:
        """Stop everything; the emulator saves its state.  Safe to call at any time, and again."""
        if not self._lock:
            return  # nothing of ours is running, and what is there belongs to another start
        self.addresses_file.unlink(missing_ok=True)
        if self.sandbox:
            self.sandbox.stop()
            self.sandbox = None
        self.emulator.stop()
        self.addresses = {}
        self._lock.close()
        self._lock = None

    def __enter__(self) -> Cloud:
        return self.up()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.down()

    def _start(self) -> None:
        with self._step("local cloud started"):
            self.emulator.launch(self.root)
            pool = ThreadPoolExecutor(3)
            try:
                packing = pool.submit(self.pack)
                bundling = pool.submit(site.bundle_libraries, self.root / "storefront", self.cache)
                drawing = pool.submit(site.draw_pictures, self.root, self.cache)
                self.emulator.wait_until(self.emulator.answers)
            finally:
                pool.shutdown(wait=False)
        with self._step("functions packaged"):
            packed = packing.result()
        with self._step("deployed through CloudFormation"):
            self.put_up(packed)
        with self._step("storefront in its bucket"):
            self._publish_site(bundling, drawing)
        with self._step("payment sandbox started"):
            self._start_sandbox()
        with self._step("demo shop loaded"):
            self.load_demo()
        with self._step("shop open"):
            self._wait_for_shop()
        self.addresses_file.write_text(json.dumps(self.addresses, indent=1) + "\n")

    # ---- the steps, which `localcloud.watch` repeats when a file is saved --------------

    def pack(self) -> Package:
        """Package the project as it lies there now."""
        return package(
            "local", self.state / "package", self.root, cache=self.cache, values=self._values()
        )

    def put_up(self, packed: Package) -> None:
        """Deploy a package and publish the addresses that follow from it."""
        if is_deployed(self.aws):
            kept.check(self.state, packed.template)
        self.outputs = deploy(self.aws, packed, self._values())
        kept.remember(self.state, packed.template)
        label = self.outputs["CdnDomain"].split(".")[0]
        port = self.gateway_port
        sandbox = f"http://127.0.0.1:{self.sandbox_port}"
        self.addresses = {
            "shop": f"http://{label}.cloudfront.localhost:{port}",
            "api": f"http://api.shop.localhost:{port}",
            "sandbox": sandbox,
            "mail": f"{self.aws.endpoint}/_ministack/ses/messages",
            "adminKey": self.secrets["admin/key"],
        }
        plain = {
            "stripe/api_base": sandbox,
            "oxapay/api_base": sandbox,
            "paypal/api_base": sandbox,
            "usdt/erc20_rpc": f"{sandbox}/usdt/ethereum",
            "usdt/trc20_api": f"{sandbox}/usdt/tron",
            "shop/url": self.addresses["shop"],
        }
        settings.publish(self.aws, self.secrets, plain)

    def upload_site(self, pictures: Path | None = None) -> int:
        """Bring the storefront's bucket up to date; how many files were sent."""
        pictures = pictures or site.draw_pictures(self.root, self.cache)
        bucket = self.outputs["StorefrontBucketName"]
        return site.upload(self.aws, bucket, site.files(self.root, pictures))

    def load_demo(self) -> None:
        """Load the demo shop into a new one; later, its files that were edited since."""
        now, before = demo_files.digests(self.root), demo_files.loaded(self.aws)
        edited = None if before is None else demo_files.changed(now, before)
        if edited is None or edited:
            self.tool("tools.seed", *(edited or ()))
            # As they were before: what is saved meanwhile is loaded by the next start.
            demo_files.remember(self.aws, now)

    def remember_demo(self) -> None:
        demo_files.remember(self.aws, demo_files.digests(self.root))

    def _publish_site(self, bundling: Future[bool], drawing: Future[Path]) -> None:
        bundling.result()
        self.upload_site(drawing.result())

    def _start_sandbox(self) -> None:
        shop = self.addresses["shop"]
        command = [sys.executable, "-m", "localcloud.sandbox", "--port", str(self.sandbox_port)]
        command += ["--webhook-url", f"{shop}/api/webhooks/stripe", "--shop-origin", shop]
        command += ["--webhook-secret", self.secrets["stripe/webhook_secret"]]
        command += ["--oxapay-key", self.secrets["oxapay/merchant_key"]]
        command += ["--tron-key", self.secrets["usdt/trc20_key"]]
        for name in ("client_id", "client_secret", "webhook_id"):
            argument = f"--paypal-{name.replace('_', '-')}"
            command += [argument, self.secrets[f"paypal/{name}"]]
        command += ["--state", str(self.state / "sandbox.sqlite")]
        environment = settings.tool_environment(self.aws)
        self.sandbox = Child("sandbox", command, environment, self.state)
        self.sandbox.start(self.root)
        control = Http(self.addresses["sandbox"], timeout=2)
        self.sandbox.wait_until(lambda: _answers(control, "/_control/state"))

    def _wait_for_shop(self) -> None:
        deadline = time.monotonic() + 120
        while not _answers(self.http, "/ready"):
            if time.monotonic() > deadline:
                raise Problem("The shop does not become ready: `make logs` shows what it says.")
            time.sleep(0.1)

    # ---- using it ----------------------------------------------------------------------

    @property
    def http(self) -> Http:
        """HTTP to the shop's own address, storefront and API alike."""
        return Http(self.addresses["shop"])

    @property
    def api(self) -> Http:
        """HTTP to the API without the CDN in front."""
        return Http(self.addresses["api"])

    def invoke(self, function: str, event: dict[str, Any] | None = None) -> Any:
        """Run a function by its Chalice name (``sweep``) now and return its answer.

        Without an `event` it gets what a schedule sends.  Raises RuntimeError if it raised.
        """
        name = fixups.physical_ids(self.aws, STACK)[logical(function)]
        answer = self.aws.client("lambda").invoke(
            FunctionName=name, Qualifier="live", Payload=json.dumps(event or _scheduled_now())
        )
        payload = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise RuntimeError(f"{function}: {payload}")
        return payload

    def tool(self, module: str, *arguments: str) -> str:
        """Run one of this project's tools on the local stage and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=settings.tool_environment(self.aws),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            raise Problem(f"`python -m {module}` failed: {lines[-1].strip().rstrip('.')}.")
        return done.stdout

    # ---- inside ------------------------------------------------------------------------

    def _values(self) -> dict[str, str]:
        return {
            "Stage": "local",
            "LocalPort": str(self.gateway_port),
            # A laptop has limits of its own.
            **dict.fromkeys(("RequestsPerSecond", "CheckoutsPerSecond"), "10000"),
            **dict.fromkeys(("RequestsAtOnce", "CheckoutsAtOnce"), "5000"),
            # Where the tools of a storefront of its own serve it while it is made.
            "AllowedOrigins": "http://localhost:5173,http://localhost:3000",
            "CheckoutOrigin": f"http://127.0.0.1:{self.sandbox_port}",
        }

    def _claim(self) -> None:
        self._lock = claim(self.state)
        self.addresses_file.unlink(missing_ok=True)  # of a run that was killed
        self.emulator.end_leftover()
        check_port(self.gateway_port, "CARTWRIGHT_PORT")
        check_port(self.sandbox_port, "CARTWRIGHT_SANDBOX_PORT")

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.say(f"  ✓ {what:<34}{time.monotonic() - started:6.1f} s")


def _answers(http: Http, path: str) -> bool:
    try:
        return http.get(path).status == 200
    except OSError:
        return False


def _scheduled_now() -> dict[str, Any]:
    """What EventBridge sends when a schedule is due."""
    return {
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000000",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "region": "us-east-1",
        "resources": [],
        "detail": {},
    }
