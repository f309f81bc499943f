"""PayPal from the stage's secrets: what is missing or can't be right is named."""

import pytest

from chalicelib import config
from chalicelib.config import Misconfigured
from chalicelib.kernel.parameters import Secrets
from chalicelib.payments.providers.paypal import provider as paypal
from tests.stage import ENVIRONMENT

GOOD = {
    "paypal/client_id": "AZ-client_id",
    "paypal/client_secret": "EZ-secret",
    "paypal/webhook_id": "1AB23456CD789012E",
}
LIVE, SANDBOX = "https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"


@pytest.fixture
def make(monkeypatch):
    """Makes the provider of a stage whose secrets are these."""

    def made(stage="test", **changes):
        for name, value in {**ENVIRONMENT, "STAGE": stage}.items():
            monkeypatch.setenv(name, value)
        config.settings.cache_clear()
        kept = GOOD | {f"paypal/{name}": value for name, value in changes.items()}
        found = Secrets({name: value for name, value in kept.items() if value is not None})
        monkeypatch.setattr(paypal, "secrets", lambda: found)
        return paypal.make()

    yield made
    config.settings.cache_clear()


@pytest.mark.parametrize("name", ["client_id", "client_secret", "webhook_id"])
@pytest.mark.parametrize("value", [None, "", "a b", "ä", "x" * 201, "line\nbreak"])
def test_a_secret_that_is_missing_or_can_not_be_one_is_named(make, name, value):
    with pytest.raises(Misconfigured, match=f"paypal/{name}"):
        make(**{name: value})


@pytest.mark.parametrize(("name", "value"), [("client_id", "a:b"), ("webhook_id", "WH|1")])
def test_a_secret_that_would_shift_its_neighbours_is_named(make, name, value):
    with pytest.raises(Misconfigured, match=f"paypal/{name}"):
        make(**{name: value})


@pytest.mark.parametrize(
    ("stage", "mode", "host"),
    [("prod", None, LIVE), ("dev", None, SANDBOX), ("test", None, SANDBOX),
     ("dev", "live", LIVE), ("prod", "sandbox", SANDBOX)],
)  # fmt: skip
def test_only_production_is_live_unless_it_is_said(make, stage, mode, host):
    assert make(stage, mode=mode)._calls.base == host


def test_a_mode_nobody_knows_is_named(make):
    with pytest.raises(Misconfigured, match="paypal/mode"):
        make(mode="Live")


@pytest.mark.parametrize("address", ["http://127.0.0.1:4610", "http://localhost:4610"])
def test_a_laptop_may_speak_to_its_own_sandbox(make, address):
    assert make("local", api_base=address)._calls.base == address


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_deployed_stage_speaks_to_no_sandbox_of_its_own(make, stage):
    with pytest.raises(Misconfigured, match="paypal/api_base"):
        make(stage, api_base="http://127.0.0.1:4610")


@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254:80", "https://evil.test:443", "http://127.0.0.1", "http://localhost",
     "http://127.0.0.1:4610/x", "http://127.0.0.1:4610@evil.test", "http://localhost.evil.test:80",
     "http://127.0.0.1:4610\n"],
)  # fmt: skip
def test_a_base_that_is_not_this_machine_is_named(make, address):
    with pytest.raises(Misconfigured, match="paypal/api_base"):
        make("local", api_base=address)


def test_what_paypal_takes_is_declared_and_that_pages_can_not_be_closed(make):
    capabilities = make().capabilities
    assert {"USD", "EUR", "JPY", "CNY"} <= capabilities.currencies
    assert not capabilities.currencies & {"KRW", "INR", "RUB"}
    assert (capabilities.closes, capabilities.refunds, capabilities.keys) == (False, True, True)
