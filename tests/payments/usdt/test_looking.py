"""The job that looks for transfers: confirmations, blocks that are replaced, nodes that lag."""

import time

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments import registry
from chalicelib.payments.ports import State
from tests import factory
from tests.payments.usdt.world import AFTER_THE_END


def status(world, placed) -> State:
    return registry.provider(world.name).status(str(world.payment(placed).session_id)).state


def test_what_is_not_final_is_on_its_way_and_pays_once_it_is(world):
    placed = world.buy()
    world.act("send", placed)
    world.look()
    assert world.states(placed) == ("PENDING", "PROCESSING")
    world.chain("confirm")
    world.look()
    assert world.states(placed) == ("PAID", "SUCCESS")


def test_handed_in_before_it_is_final_it_is_on_its_way(world):
    placed = world.buy()
    sent = world.act("send", placed)
    _, answer = world.submit_proof(placed, sent)
    assert answer["data"]["status"] == "PROCESSING"
    world.chain("confirm")
    _, answer = world.submit_proof(placed, sent)
    assert answer["data"]["status"] == "SUCCESS"


def test_units_wait_for_money_that_is_on_its_way(world):
    placed = world.buy()
    world.pass_time(AFTER_THE_END - 60)
    world.act("send", placed)
    world.shop.sweep(after=60)
    assert factory.stock("mug")["reserved"] == 2
    world.chain("confirm")
    world.look()
    assert world.states(placed) == ("PAID", "SUCCESS")


def test_one_block_short_of_final_is_not_final(world, monkeypatch):
    placed = world.buy()
    chain = world.shop.sandbox.providers[world.name].chain
    # One chain makes a block every three seconds: none may come by itself between these lines.
    stopped_at = time.time()
    monkeypatch.setattr(chain, "clock", lambda: stopped_at)
    world.act("send", placed)
    for _ in range(chain.rules.depth - 2):
        world.chain("mine")
    assert status(world, placed) == State.PROCESSING
    world.chain("mine")
    assert status(world, placed) == State.PAID


def test_a_transfer_that_a_replaced_block_took_along_was_none(world):
    placed = world.buy()
    sent = world.act("send", placed)
    world.look()
    world.act("drop", placed)
    world.chain("confirm")
    assert status(world, placed) == State.OPEN
    assert world.refused(placed, sent) == "TRANSFER_NOT_SEEN"
    world.pass_time(AFTER_THE_END)
    world.shop.sweep()
    assert world.states(placed) == ("CANCELLED", "EXPIRED")
    assert factory.stock("mug")["reserved"] == 0


def test_a_transfer_that_stands_in_the_new_block_as_well_counts(world):
    placed = world.buy()
    world.act("send", placed)
    world.act("replace", placed)
    world.chain("confirm")
    assert status(world, placed) == State.PAID


def test_nothing_came_and_time_is_over(world):
    placed = world.buy()
    assert status(world, placed) == State.OPEN
    world.pass_time(AFTER_THE_END)
    assert status(world, placed) == State.ENDED
    world.shop.sweep()
    assert world.states(placed) == ("CANCELLED", "EXPIRED")


def test_a_node_that_lags_behind_the_end_does_not_end_a_payment(world):
    placed = world.buy()
    world.pass_time(AFTER_THE_END - 300)
    world.act("pay", placed)
    world.pass_time(300)
    blocks = 900 // world.shop.sandbox.providers[world.name].chain.rules.block_seconds
    world.chain("lag", units=blocks)
    assert status(world, placed) == State.OPEN
    world.chain("lag", units=0)
    assert status(world, placed) == State.PAID


def test_control_by_the_shops_clock_alone_a_lagging_node_ends_what_is_paid(world, monkeypatch):
    placed = world.buy()
    world.pass_time(AFTER_THE_END - 300)
    world.act("pay", placed)
    world.pass_time(300)
    blocks = 900 // world.shop.sandbox.providers[world.name].chain.rules.block_seconds
    world.chain("lag", units=blocks)
    chain = registry.provider(world.name)._chain
    monkeypatch.setattr(chain, "head_time", clock.now, raising=False)
    assert status(world, placed) == State.ENDED


def test_other_sums_and_tokens_and_dust_are_passed_over(world):
    placed = world.buy()
    for action in ("less", "more", "other-token", "approve", "fail"):
        world.act(action, placed)
    world.act("pay", placed, units=0)
    assert status(world, placed) == State.OPEN


@pytest.mark.parametrize("fault", ["500", "503", "429", "lock", "hang", "reset", "garbage"])
def test_a_node_that_is_down_or_limits_us_says_nothing(world, fault):
    placed = world.buy()
    world.act("pay", placed)
    kind = "ethereum.*" if world.name == "usdt-erc20" else "tron.*"
    world.shop.sandbox.fault(kind, fault, seconds=0)
    with pytest.raises(ProviderBusy):
        status(world, placed)
    world.look()
    assert world.states(placed) == ("PAID", "SUCCESS")


def test_a_wallet_that_was_changed_does_not_lose_what_is_under_way(world):
    placed = world.buy()
    provider = registry.provider(world.name)
    provider._address = {
        "usdt-erc20": "0xaabbccddeeff00112233445566778899aabbccdd",
        "usdt-trc20": "TRXxrG6ZxXVdxbRwo4Lpp88VYFh88pGiEt",
    }[world.name]
    world.act("pay", placed)
    assert status(world, placed) == State.PAID
    assert world.facts(world.buy())["address"] == provider._address
