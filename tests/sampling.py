"""A whole run takes a quarter of what is `large`, each time another one; `--everything` takes all.

Large is what takes seconds a test and comes in many variants: pages in the browser in all languages
and schemes, shops opened and closed again, crowds. `make full` runs all of it. The sample follows
from a seed that the run prints, so that it can be taken once more.
"""

import math
import random
import time
from collections.abc import Sequence

import pytest

SHARE = 4
# Folders and files of tests that are large as they are; a single one is marked `large`.
LARGE = (
    "tests/bench/test_stock_small.py",
    "tests/browser/test_a11y.py",
    "tests/browser/test_account.py",
    "tests/browser/test_address_form.py",
    "tests/browser/test_balance.py",
    "tests/browser/test_payment.py",
    "tests/browser/test_red_packet.py",
    "tests/browser/test_session.py",
    "tests/browser/test_subscriptions.py",
    "tests/browser/test_waiting_order.py",
    "tests/browser/test_ways_to_pay.py",
    "tests/docs/test_fuzz.py",
    "tests/journeys/test_flash_sale.py",
    "tests/journeys/test_permissions.py",
    "tests/localcloud/test_cloud_running.py",
    "tests/races/test_accounts.py",
    "tests/races/test_settlement.py",
)


def pytest_addoption(parser):
    parser.addoption(
        "--sample-seed", type=int, metavar="N", help="which large tests a whole run takes"
    )


def pytest_configure(config):
    given = config.getoption("--sample-seed")
    shared = getattr(config, "workerinput", {}).get("sample_seed")
    config.sample_seed = next(
        (seed for seed in (given, shared) if seed is not None), int(time.time()) % 100_000
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    # Every worker must collect the same tests.
    node.workerinput["sample_seed"] = node.config.sample_seed


def pytest_report_header(config):
    if takes_a_sample(config):
        seed = config.sample_seed
        return f"large tests: one in {SHARE}, by --sample-seed={seed}; --everything takes all"
    return None


def takes_a_sample(config: pytest.Config) -> bool:
    """Whether this run is of all tests and need not take every large one."""
    return config.args == config.getini("testpaths") and not config.getoption("--everything")


def is_large(item: pytest.Item) -> bool:
    return item.nodeid.startswith(LARGE) or item.get_closest_marker("large") is not None


def left_out(large: Sequence[str], seed: int) -> set[str]:
    """The names of large tests that a run of this seed does not take."""
    taken = random.Random(seed).sample(sorted(large), math.ceil(len(large) / SHARE))
    return set(large) - set(taken)


def pytest_collection_modifyitems(config, items):
    if not takes_a_sample(config):
        return
    out = left_out([item.nodeid for item in items if is_large(item)], config.sample_seed)
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in out])
    items[:] = [item for item in items if item.nodeid not in out]
