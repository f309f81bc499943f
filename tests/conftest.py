"""Fixtures that every folder uses: the stage's tables in process, and something to sell."""

import time

import pytest

from chalicelib.kernel import telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.tables import RateItem
from chalicelib.webhooks import inbox
from localcloud.sandbox import Sandbox
from tests import live, stage
from tests.factory import Shelf
from tests.shop import Shop

pytest_plugins = [
    "tests.garbage",
    "tests.cloud_fixture",
    "tests.permissions.recorder",
    "tests.sampling",
]


# What shares a local cloud, the packager or the machine's ports runs on one worker: three such
# groups, each with a cloud of its own. All other tests run wherever there is room.
GROUPS = {
    "browser": {"browser"},
    "tables": {"busy_tables", "busy_shop"},
    "cloud": {"cloud", "market", "strict", "ports", "project", "local", "prod", "sources"},
}
FOLDERS = {"browser": "browser", "journeys": "cloud", "races": "tables"}
FILES = {"test_stock_small.py": "tables"}  # its clouds are opened by the bench itself


# First: the plugin that deals the tests out reads the groups in this same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if (name := _group_of(item)) is not None:
            item.add_marker(pytest.mark.xdist_group(name))


def _group_of(item) -> str | None:
    """The group of a test, by its folder, else by what it asks for."""
    folder = item.path.relative_to(stage.ROOT / "tests").parts[0]
    if group := FOLDERS.get(folder) or FILES.get(item.path.name):
        return group
    asked = set(item.fixturenames)
    return next((name for name, fixtures in GROUPS.items() if fixtures & asked), None)


def pytest_addoption(parser):
    parser.addoption(
        "--everything",
        action="store_true",
        help="every pair of crash points, the long model, every page in every language",
    )
    parser.addoption(
        "--within",
        type=int,
        metavar="SECONDS",
        help="begin no test after so many seconds; what was left is counted as skipped",
    )


@pytest.fixture
def everything(request) -> bool:
    return bool(request.config.getoption("--everything"))


BEGUN = time.monotonic()


def pytest_runtest_setup(item):
    within = item.config.getoption("--within")
    if within and time.monotonic() - BEGUN > within:
        pytest.skip("time is over: `make test` runs it")
    _stop_moto_for(item)


def _stop_moto_for(item):
    """A test that does not ask for tables in this process reaches whatever AWS it speaks to."""
    if not {"tables", "shop"} & set(item.fixturenames):
        stage.moto_here.stop()


@pytest.fixture
def tables():
    """All tables, the queue and the secrets of a stage, in this process (moto), for one thread."""
    with stage.in_process():
        yield


@pytest.fixture
def busy_tables(cloud):
    """The same on the local cloud, for tables that many threads write at once."""
    with live.on_test_stage(cloud, {}):
        # Client and logger are made by the first call; a function's only thread would as well.
        dynamo.get(RateItem, "warm")
        telemetry.logger()
        yield


@pytest.fixture
def shelf(tables):
    """A shop with settings, to which a test adds what it sells."""
    made = Shelf()
    made.open()
    return made


@pytest.fixture(scope="session")
def provider():
    """One payment sandbox for the whole run; `shop` empties it before each test."""
    secrets = stage.SECRETS
    with Sandbox(
        webhook_secret=secrets["stripe/webhook_secret"], tron_key=secrets["usdt/trc20_key"]
    ) as sandbox:
        yield sandbox


@pytest.fixture
def shop(provider):
    """A whole shop in this process, with the payment sandbox at its side."""
    bases = {f"{name}/api_base": provider.url for name in ("stripe", "oxapay", "paypal")}
    nodes = {"usdt/erc20_rpc": "/usdt/ethereum", "usdt/trc20_api": "/usdt/tron"}
    bases |= {name: provider.url + path for name, path in nodes.items()}
    with stage.in_process(bases):
        provider.reset()
        made = Shop(provider)
        made.open()
        yield made


@pytest.fixture
def forgetful_log(monkeypatch):
    """The log of webhooks does not know what had its effect: each repeat is worked on, and only the
    state of order and payment keeps it from doing everything once more."""
    monkeypatch.setattr(inbox, "DONE", "never")
