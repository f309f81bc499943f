"""Health says which part is down, to anybody, and nothing else."""

import boto3
import pytest

from chalicelib.catalog.tables import SettingItem
from chalicelib.kernel import cache
from chalicelib.payments import registry
from tests import factory, stage
from tests.faults.replies import answering, refused
from tests.kernel.envelope import INSIDE


def set_parameter(name: str, value: str) -> None:
    from chalicelib.kernel import parameters

    boto3.client("ssm").put_parameter(
        Name=f"/cartwright/test/{name}", Value=value, Type="SecureString", Overwrite=True
    )
    parameters.forget()
    registry.provider.cache_clear()


def test_a_shop_that_can_do_its_work_is_healthy_and_ready(shop):
    health, ready = shop.call("GET", "/health"), shop.call("GET", "/ready")
    assert health.status_code == ready.status_code == 200
    body = health.json_body
    assert body.pop("timestamp").endswith("Z")
    assert body == {
        "status": "healthy",
        "services": {"inventory": "up", "payments": "up", "cart": "up"},
        "checks": {"inventory": True, "payments": True, "cart": True},
    }
    assert ready.json_body == {"ready": True}
    assert health.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stripe/secret_key", "pk_test_public"),
        ("stripe/secret_key", "sk_other"),
        ("stripe/secret_key", "whsec_mixed_up"),
        ("stripe/webhook_secret", "sk_test_mixed_up"),
        ("stripe/webhook_secret", "whsec_one,two"),
        ("stripe/webhook_secret", "whsec_one,"),
    ],
)
def test_a_key_that_can_not_be_one_takes_payments_down_and_only_those(shop, name, value):
    set_parameter(name, value)
    answer = shop.call("GET", "/health")
    assert answer.status_code == 503
    assert answer.json_body["services"] == {"inventory": "up", "payments": "down", "cart": "up"}
    assert answer.json_body["status"] == "unhealthy"
    assert value not in answer.body.decode() and not INSIDE.search(answer.body.decode())
    ready = shop.call("GET", "/ready")
    assert (ready.status_code, ready.json_body) == (503, {"ready": False})


@pytest.mark.parametrize("prefix", ["sk_test_", "sk_live_", "rk_test_", "rk_live_"])
def test_secret_and_restricted_keys_of_both_modes_are_keys(shop, prefix):
    set_parameter("stripe/secret_key", f"{prefix}x")
    set_parameter("stripe/publishable_key", f"pk{prefix[2:]}x")
    assert shop.call("GET", "/health").json_body["services"]["payments"] == "up"


@pytest.mark.parametrize(
    ("operation", "services"),
    # Stock is read in a batch, its warehouses by key; a cart and what the shop offers by key.
    [("BatchGetItem", {"inventory"}), ("GetItem", {"inventory", "cart", "payments"})],
)
def test_a_table_out_of_reach_takes_down_what_needs_it(shop, operation, services):
    with answering(operation, *[refused("ResourceNotFoundException")] * 9):
        answer = shop.call("GET", "/health")
    assert answer.status_code == 503
    down = {name for name, state in answer.json_body["services"].items() if state == "down"}
    assert down == services
    assert not INSIDE.search(answer.body.decode())


def test_what_was_down_and_is_mended_is_healthy_again_at_the_next_call(shop):
    set_parameter("stripe/secret_key", "nonsense")
    assert shop.call("GET", "/health").status_code == 503
    set_parameter("stripe/secret_key", "sk_test_mended")
    assert shop.call("GET", "/health").status_code == 200


# ---- which ways to pay are off, for administrators ---------------------------------------------


def details(shop, **headers: str):
    return shop.call("GET", "/health", **headers).json_body.get("details")


@pytest.fixture
def admin() -> dict[str, str]:
    return {"X-Api-Key": stage.SECRETS["admin/key"]}


def remove_parameter(name: str) -> None:
    from chalicelib.kernel import parameters

    boto3.client("ssm").delete_parameter(Name=f"/cartwright/test/{name}")
    parameters.forget()
    registry.provider.cache_clear()


def test_administrators_see_which_ways_to_pay_are_on_and_why_others_are_not(shop, admin):
    set_parameter("oxapay/merchant_key", "nonsense")
    remove_parameter("paypal/client_id")
    ways = details(shop, **admin)["payments"]
    assert ways["stripe"] == {"on": True, "why": None}
    assert "oxapay/merchant_key" in ways["oxapay"]["why"] and not ways["oxapay"]["on"]
    assert "paypal/client_id is missing" in ways["paypal"]["why"] and not ways["paypal"]["on"]
    assert "nonsense" not in str(ways)
    assert set(ways) == set(registry.PROVIDERS)


def test_nobody_else_sees_it(shop):
    set_parameter("oxapay/merchant_key", "nonsense")
    assert details(shop) is None


def test_a_way_to_pay_that_was_never_set_up_is_off_and_takes_nothing_down(shop):
    remove_parameter("paypal/client_id")
    assert shop.call("GET", "/health").json_body["services"]["payments"] == "up"


def test_without_any_way_to_pay_payments_are_down(shop):
    card, *_ = factory.SETTINGS["paymentMethods"]
    SettingItem(factory.SHOP, value={**factory.SETTINGS, "paymentMethods": [card]}).save()
    cache.forget_all()
    remove_parameter("stripe/secret_key")
    assert shop.call("GET", "/health").json_body["services"]["payments"] == "down"
