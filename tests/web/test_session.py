"""Staying signed in: tabs of one browser, each with the storefront's own modules, in Node."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.web import node
from tools.storefront import STOREFRONT, VENDOR

TABS = Path(__file__).with_name("tabs.mjs")


def tabs(**wishes: Any) -> dict[str, Any]:
    """What the shop saw and how each tab ended, see tabs.mjs."""
    if not (VENDOR / "ui.js").is_file():
        pytest.skip("storefront/vendor is not built; `make up` builds it")
    command = [node.path(), str(TABS), str(STOREFRONT), json.dumps(wishes)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    printed: dict[str, Any] = json.loads(run.stdout)
    return printed


def test_calls_that_need_a_token_at_once_ask_for_one_together() -> None:
    found = tabs(calls=5)
    assert found["refreshes"] == 1
    assert found["tabs"][0]["outcomes"] == ["ok"] * 5


def test_two_tabs_that_refresh_at_once_both_stay_signed_in() -> None:
    found = tabs(tabs=2)
    assert [tab["signedIn"] for tab in found["tabs"]] == [True, True]
    assert [tab["outcomes"] for tab in found["tabs"]] == [["ok"], ["ok"]]


def test_without_the_lock_the_second_tab_would_be_signed_out() -> None:
    # The shop of this test knows no grace, so that it is the lock that is seen to hold.
    found = tabs(tabs=2, locks=False)
    assert not all(tab["signedIn"] for tab in found["tabs"])


def test_a_token_from_one_tab_serves_the_other() -> None:
    assert tabs(tabs=3, act="share")["refreshes"] == 1


def test_a_refused_call_is_sent_once_more_and_no_further() -> None:
    found = tabs(refuse=True)
    assert found["calls"] == 2
    assert found["tabs"][0]["outcomes"] == ["UNAUTHORIZED"]


def test_a_shop_that_is_down_signs_nobody_out() -> None:
    found = tabs(broken=True)
    assert found["tabs"][0]["signedIn"] is True
    assert found["tabs"][0]["outcomes"] != ["ok"]


def test_signing_out_in_one_tab_empties_all() -> None:
    found = tabs(tabs=2, act="leave")
    assert [tab["signedIn"] for tab in found["tabs"]] == [False, False]
    assert [tab["user"] for tab in found["tabs"]] == [None, None]


def test_a_guest_never_asks_for_a_token() -> None:
    found = tabs(guest=True)
    assert (found["refreshes"], found["signed"]) == (0, 0)
