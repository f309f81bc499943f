"""The stage's parameters: each is checked, and the one to mend is named, never its value."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from chalicelib.config import Misconfigured
from chalicelib.kernel import parameters
from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from chalicelib.payments import registry
from chalicelib.payments.ports import ProviderRefused
from chalicelib.payments.providers.usdt import erc20, session, trc20
from tests import factory, stage

USUAL = {name: value for name, value in stage.SECRETS.items() if name.startswith("usdt/")}


@pytest.fixture
def given(monkeypatch):
    """A stage with these parameters in place of the usual ones."""

    def let(**changes: str | None) -> None:
        values = {
            name: value
            for name, value in (USUAL | {f"usdt/{k}": v for k, v in changes.items()}).items()
            if value is not None
        }
        for module in (erc20, trc20):
            monkeypatch.setattr(module, "secrets", lambda: parameters.Secrets(values))
        monkeypatch.setattr(
            parameters,
            "settings",
            lambda: SimpleNamespace(param_prefix="/cartwright/test", parameter_groups=frozenset()),
        )

    return let


def test_both_are_made_of_what_the_stage_has(given):
    given()
    assert erc20.make().capabilities.currencies == {"USD"}
    assert trc20.make().capabilities.amount_suffixes == 9999


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("erc20_wallet", None),
        ("erc20_wallet", ""),
        ("erc20_wallet", "0x1122"),
        ("erc20_wallet", "0xAabbccddeeff00112233445566778899aabbccdd"),
        # Whoever sends to the token's own contract has burnt it.
        ("erc20_wallet", "0xdac17f958d2ee523a2206206994597c13d831ec7"),
        ("erc20_wallet", "TBXoTbWzjcYRJcsZu6GpqUPJRqVLVNmbom"),
        ("erc20_rpc", None),
        ("erc20_rpc", "http://node.test/v3/SECRETVALUE"),
        ("erc20_rpc", "https://user:SECRETVALUE@node.test"),
        ("erc20_rpc", "wss://node.test/SECRETVALUE"),
        ("erc20_confirmations", "0"),
        ("erc20_confirmations", "many"),
        ("trc20_wallet", None),
        ("trc20_wallet", "TBXoTbWzjcYRJcsZu6GpqUPJRqVLVNmbon"),
        ("trc20_wallet", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        ("trc20_wallet", "0x1122334455667788990011223344556677889900"),
        ("trc20_api", "http://api.trongrid.test"),
        ("trc20_key", "SECRETVALUE\n"),
        ("trc20_key", "short"),
    ],
)
def test_a_parameter_that_can_not_be_right_is_named(given, name, value):
    given(**{name: value})
    make = erc20.make if name.startswith("erc20") else trc20.make
    with pytest.raises(Misconfigured, match=f"usdt/{name}") as caught:
        make()
    assert "SECRETVALUE" not in str(caught.value)


def test_trongrids_own_address_and_no_key_are_the_default(given):
    given(trc20_api=None, trc20_key=None)
    assert trc20.make()._chain._node._base == trc20.API


def test_without_a_wallet_the_way_is_off_and_the_shop_says_so(shop, monkeypatch):
    shop.sell("mug", stock=5)
    monkeypatch.setitem(stage.SECRETS, "usdt/trc20_wallet", "TBXo")
    with stage.in_process():
        shop.open()
        shop.sell("mug", stock=5)
        cart_id = factory.cart_with({"mug": 1})
        wish = {
            "email": "a@shop.test",
            "address": factory.ADDRESS,
            "shippingMethod": "standard",
            "paymentMethod": "usdt-trc20",
        }
        answer = shop.call("POST", f"/api/cart/{cart_id}/checkout", wish)
    assert (answer.status_code, answer.json_body["code"]) == (503, "PAYMENT_METHOD_OFF")


@pytest.mark.parametrize(
    "changes",
    [{"total": Money(3000, "JPY")}, {"amount_suffix": 0}, {"amount_suffix": session.SUFFIXES}],
)
def test_what_can_not_be_told_apart_is_not_asked_for(world, changes):
    placed = world.buy()
    charge = replace(orders.charge_of(placed.order, world.payment(placed)), amount_suffix=7)
    provider = registry.provider(world.name)
    assert provider.open(charge).session_id
    with pytest.raises(ProviderRefused):
        provider.open(replace(charge, **changes))
