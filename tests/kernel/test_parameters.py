"""Parameters: few calls, and what was read before goes on while SSM refuses."""

import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib import config
from chalicelib.config import SECRETS_MAX_AGE_SECONDS
from chalicelib.kernel import clock, parameters
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.parameters import PARAMETERS, secrets
from chalicelib.payments import manifest, registry
from tests import stage
from tests.accounts import people
from tests.faults.replies import answering, refused

OPERATION = "GetParameters"
BATCHES = [PARAMETERS, *(each.parameters for each in manifest.found().values() if each.parameters)]
ADMIN = {"X-Api-Key": stage.SECRETS["admin/key"]}
OUTAGES = [
    refused("ThrottlingException"),
    refused("InternalServerError"),
    refused("AccessDeniedException"),
    ReadTimeoutError(endpoint_url="ssm"),
]


def always(error: Exception) -> list[Exception]:
    return [error] * 50


def later(seconds: int = SECRETS_MAX_AGE_SECONDS + 1) -> None:
    clock.shift(seconds + later.shifted)
    later.shifted += seconds


@pytest.fixture(autouse=True)
def _from_now():
    later.shifted = 0


def put(name: str, value: str) -> None:
    boto3.client("ssm").put_parameter(
        Name=f"/cartwright/test/{name}", Value=value, Type="SecureString", Overwrite=True
    )


# ---- few calls --------------------------------------------------------------------------------


def test_a_batch_is_what_one_call_may_ask_for_and_each_name_is_in_one():
    names = [name for batch in BATCHES for name in batch]
    assert max(map(len, BATCHES)) <= parameters.MAX_NAMES
    assert len(names) == len(set(names))


def test_every_parameter_that_the_code_reads_is_in_a_batch():
    listed = {name for batch in BATCHES for name in batch}
    read = re.compile(r"\.(?:get|required)\(\s*\"([a-z-]+/[a-z0-9_]+)\"")
    for path in (stage.ROOT / "chalicelib").rglob("*.py"):
        assert set(read.findall(path.read_text("utf-8"))) <= listed, path


def test_a_cold_function_asks_once_for_who_calls_and_once_for_a_provider(shop):
    parameters.forget()
    with answering(OPERATION) as calls:
        assert shop.call("GET", "/api/admin/users", **ADMIN).status_code == 200
        assert len(calls) == 1
        for _ in range(5):
            secrets().required("shop/url"), secrets().get("cdn/key")
        assert len(calls) == 1
        assert registry.provider("stripe")
        secrets().required("stripe/secret_key"), secrets().required("stripe/webhook_secret")
        assert len(calls) == 2


def test_all_parameters_there_are_take_a_call_for_the_shop_and_one_for_each_provider(tables):
    with answering(OPERATION) as calls:
        for batch in BATCHES:
            for name in batch:
                secrets().get(name)
    assert len(calls) == len(BATCHES) == 6


def test_what_is_declared_together_is_read_together_and_what_is_not_by_itself(tables):
    for wanted in (2, 1):
        parameters.forget()
        with answering(OPERATION) as calls:
            secrets().get("new/one"), secrets().get("new/two")
        assert len(calls) == wanted
        parameters.declare(("new/one", "new/two"))


@pytest.fixture
def granted(tables, monkeypatch):
    """A function that may read two groups of parameters, and the names that it asked SSM for."""
    names: list[str] = []
    get = parameters._client().get_parameters

    class Client:
        def get_parameters(self, **sent: Any) -> Any:
            names.extend(sent["Names"])
            return get(**sent)

    monkeypatch.setenv("PARAMETERS", "auth shop")
    config.settings.cache_clear()
    parameters.forget()
    monkeypatch.setattr(parameters, "_client", Client)
    yield names
    config.settings.cache_clear()
    parameters.forget()


def test_a_parameter_that_is_not_granted_is_not_asked_for(granted):
    assert secrets().required("shop/url")
    # One that is not granted would have the whole call refused.
    assert {name.split("/")[3] for name in granted} == {"auth", "shop"}
    with pytest.raises(config.Misconfigured, match="may not read the parameter admin/key"):
        secrets().get("admin/key")


def test_control_a_function_with_all_groups_asks_for_the_others_too(granted, monkeypatch):
    monkeypatch.setenv("PARAMETERS", "")
    config.settings.cache_clear()
    parameters.forget()
    assert secrets().required("shop/url")
    assert {"admin", "auth", "shop"} <= {name.split("/")[3] for name in granted}


def test_what_is_not_there_is_not_asked_for_again(tables):
    with answering(OPERATION) as calls:
        for _ in range(3):
            assert secrets().get("cdn/key") is None
            assert secrets().get("no/such") is None
    assert len(calls) == 2


def test_another_value_is_read_within_five_minutes(tables):
    assert secrets().required("admin/key") == stage.SECRETS["admin/key"]
    put("admin/key", "turned")
    later()
    assert secrets().required("admin/key") == "turned"


def test_functions_that_began_together_do_not_ask_together(tables):
    asked = set()
    for _ in range(12):
        parameters.forget()
        later.shifted = 0
        clock.shift(0)
        with answering(OPERATION) as calls:
            secrets().get("shop/url")
            while len(calls) < 2:
                later(1)
                secrets().get("shop/url")
        asked.add(later.shifted)
    assert len(asked) > 1
    assert max(asked) <= SECRETS_MAX_AGE_SECONDS


# ---- SSM refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("error", OUTAGES, ids=lambda error: type(error).__name__ + str(error)[:60])
def test_what_is_remembered_is_used_on_while_a_fresh_read_fails(shop, error):
    people.register()
    made = people.sign_in()
    header = {"Authorization": f"Bearer {made.access_token}"}
    assert shop.call("GET", "/api/user/profile", **header).status_code == 200
    later()
    with answering(OPERATION, *always(error)) as calls:
        for _ in range(20):
            assert shop.call("GET", "/api/user/profile", **header).status_code == 200
        # Told no, it waits before it asks again.
        assert len(calls) == 1
        later(300)
        assert shop.call("GET", "/api/user/profile", **header).status_code == 200
        assert len(calls) == 2


def test_as_soon_as_ssm_answers_again_its_word_counts(tables):
    secrets().required("admin/key")
    put("admin/key", "turned")
    later()
    with answering(OPERATION, refused("ThrottlingException")):
        assert secrets().required("admin/key") == stage.SECRETS["admin/key"]
    later(parameters.LONGEST_PAUSE_SECONDS)
    assert secrets().required("admin/key") == "turned"


@pytest.mark.parametrize("error", OUTAGES, ids=lambda error: type(error).__name__ + str(error)[:60])
def test_where_there_is_none_the_caller_is_told_to_come_again(shop, error):
    with answering(OPERATION, *always(error)) as calls:
        for _ in range(10):
            answer = shop.call("GET", "/api/admin/users", **ADMIN)
            assert (answer.status_code, answer.json_body["code"]) == (503, "UNAVAILABLE")
            assert 1 <= int(answer.headers["Retry-After"]) <= parameters.LONGEST_PAUSE_SECONDS
        assert len(calls) < 10
    later(parameters.LONGEST_PAUSE_SECONDS)
    assert shop.call("GET", "/api/admin/users", **ADMIN).status_code == 200


def test_a_webhook_that_can_not_be_verified_now_is_to_come_again(shop):
    with answering(OPERATION, *always(refused("ThrottlingException"))):
        answer = shop.call("POST", "/api/webhooks/stripe", {}, **{"Stripe-Signature": "t=1,v1=0"})
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_the_pauses_between_reads_that_fail_grow(tables):
    with answering(OPERATION, *always(refused("ThrottlingException"))) as calls:
        for _ in range(120):
            with pytest.raises(Unavailable):
                secrets().get("shop/url")
            later(1)
        assert len(calls) < 60


def test_one_batch_s_failure_is_not_another_s(tables):
    secrets().required("shop/url")
    with answering(OPERATION, *always(refused("ThrottlingException"))):
        with pytest.raises(Unavailable):
            secrets().get("stripe/secret_key")
        assert secrets().required("shop/url") == "https://shop.test"


def test_a_missing_parameter_is_no_outage(tables):
    boto3.client("ssm").delete_parameter(Name="/cartwright/test/shop/url")
    with pytest.raises(config.Missing):
        secrets().required("shop/url")


def test_control_without_remembering_an_outage_signs_everybody_out(shop, monkeypatch):
    people.register()
    header = {"Authorization": f"Bearer {people.sign_in().access_token}"}
    real: Callable[..., parameters.Parameters] = parameters.Parameters
    monkeypatch.setattr(
        parameters, "known", lambda batches: real(config.settings().param_prefix, batches)
    )
    with answering(OPERATION, *always(refused("ThrottlingException"))):
        assert shop.call("GET", "/api/user/profile", **header).status_code == 503
