"""Each way in which a hash can be wrong has an answer of its own, and counts for nothing."""

import json

import pytest

from chalicelib.kernel import clock
from tests import factory
from tests.payments.usdt.world import AFTER_THE_END


@pytest.mark.parametrize(
    "given", ["0x12", "g" * 64, "ab" * 33, "TBXoTbWzjcYRJcsZu6GpqUPJRqVLVNmbom"]
)
def test_what_is_no_hash(world, given):
    assert world.refused(world.buy(), given) == "TRANSFER_HASH_INVALID"


def test_one_that_no_block_has(world):
    assert world.refused(world.buy(), "ab" * 32) == "TRANSFER_NOT_SEEN"


def test_one_of_the_other_network(world):
    placed = world.buy()
    other = {"usdt-erc20": "usdt-trc20", "usdt-trc20": "usdt-erc20"}[world.name]
    elsewhere = world.shop.checkout(factory.cart_with({"mug": 1}), payment_method=other)
    facts = world.facts(elsewhere)
    reference = f"{facts['address']}:{world.units(placed)}"
    sent = world.shop.sandbox.control(other, reference, "pay")["transfer"]["hash"]
    assert world.refused(placed, sent) == "TRANSFER_NOT_SEEN"


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("fail", "TRANSFER_FAILED"),
        ("other-token", "TRANSFER_WRONG_TOKEN"),
        ("approve", "TRANSFER_WRONG_TOKEN"),
        ("other-wallet", "TRANSFER_WRONG_WALLET"),
    ],
)
def test_one_that_brought_the_wallet_nothing(world, action, code):
    placed = world.buy()
    sent = world.act(action, placed)
    assert world.refused(placed, sent) == code
    world.look()
    assert world.states(placed) == ("PENDING", "PENDING")


def test_one_from_before_there_was_anything_to_pay(world):
    early = world.buy()
    sent = world.act("pay", early, units=44_980_000)
    world.pass_time(600)
    placed = world.buy()
    assert world.refused(placed, sent) == "TRANSFER_TOO_OLD"


def test_dust(world):
    placed = world.buy()
    assert world.refused(placed, world.act("pay", placed, units=1_000_000)) == "TRANSFER_TOO_LITTLE"


def test_a_sum_of_nothing_is_no_transfer(world):
    placed = world.buy()
    assert world.refused(placed, world.act("pay", placed, units=0)) == "TRANSFER_WRONG_TOKEN"


def test_another_sum_that_is_not_final_yet(world):
    placed = world.buy()
    sent = world.act("send", placed, units=30_000_000)
    assert world.refused(placed, sent) == "TRANSFER_UNCONFIRMED"


def test_a_hash_may_be_copied_in_any_dress(world):
    placed = world.buy()
    sent = world.act("pay", placed)
    status, answer = world.submit_proof(placed, f" 0x{sent.upper()} ")
    assert (status, answer["data"]["status"]) == (200, "SUCCESS")


def test_texts_are_told_in_chinese_too(world):
    placed = world.buy()
    answer = world.shop.call(
        "POST",
        f"/api/payment/verify/{world.payment(placed).payment_id}",
        {"hash": "ab" * 32},
        **{"X-Order-Token": placed.order.access_token, "Accept-Language": "zh-CN"},
    )
    assert "网络" in json.loads(answer.body)["message"]


def test_after_the_end_a_hash_still_counts(world):
    placed = world.buy()
    world.pass_time(AFTER_THE_END)
    world.shop.sweep(after=0)
    assert world.states(placed) == ("CANCELLED", "EXPIRED")
    sent = world.act("pay", placed)
    status, answer = world.submit_proof(placed, sent)
    assert (status, answer["data"]["status"]) == (200, "SUCCESS")
    assert world.states(placed) == ("PAID", "SUCCESS")
    assert clock.now() > world.payment(placed).expires_at
