import logging
from typing import Any

import pytest
import requests

from chalicelib.kernel import clock
from chalicelib.payments.providers.usdt import calls
from tests.payments.usdt.nodes import Wire
from tests.payments.usdt.world import CHAINS, World


@pytest.fixture(params=CHAINS)
def world(request, shop):
    shop.sell("mug", stock=20)
    yield World(shop, request.param)
    clock.shift(0)


@pytest.fixture
def wired(monkeypatch):
    def connect(*answers: Any) -> Wire:
        wire = Wire(*answers)
        monkeypatch.setattr(requests.Session, "send", wire.as_method())
        monkeypatch.setattr(calls.telemetry, "logger", lambda: logging.getLogger("nodes"))
        return wire

    return connect
