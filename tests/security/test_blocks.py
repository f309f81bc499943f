"""The block list: who is kept out is kept out everywhere within seconds, and no admin oneself."""

from dataclasses import replace

import pytest

from chalicelib.kernel import clock, rates
from chalicelib.kernel.caller import GUEST, OWNER, ROLE_PERMISSIONS, Caller, CallerKind, Role
from chalicelib.kernel.errors import Invalid
from chalicelib.security import blocks
from chalicelib.security.blocks import Blocked, BlockKind, BlocksYourself
from chalicelib.security.tables import BlockItem
from tests.kernel.lost import reply_lost

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
HOUR = 3_600


def user(user_id: str, role: Role = Role.USER) -> Caller:
    return Caller(CallerKind.USER, user_id, role, ROLE_PERMISSIONS[role])


ADMIN = user("usr_admin", Role.ADMIN)


def block(kind: BlockKind, value: str, *, seconds: int = HOUR, source_ip: str = ELSEWHERE):
    now = clock.now()
    return blocks.block(
        kind, value, "abuse", until=now + seconds, caller=ADMIN, source_ip=source_ip, now=now
    )


def is_out(caller: Caller, source_ip: str, *, later: int = 0) -> bool:
    try:
        blocks.check(caller, source_ip, now=clock.now() + later)
    except Blocked:
        return True
    return False


@pytest.mark.parametrize("value", [HERE, "203.0.113.0/24", "203.0.113.99/24"])
def test_a_blocked_address_or_network_is_kept_out(tables, value):
    block(BlockKind.ADDRESS, value)
    assert is_out(GUEST, HERE)
    assert is_out(user("usr_1"), HERE)
    assert not is_out(GUEST, ELSEWHERE)


@pytest.mark.parametrize("source_ip", ["2001:db8:1:2::7", "2001:DB8:1:2:0:0:0:7"])
def test_a_network_of_ipv6_is_kept_out_however_it_is_written(tables, source_ip):
    block(BlockKind.ADDRESS, "2001:db8:1:2::/64")
    assert is_out(GUEST, source_ip)
    assert not is_out(GUEST, "2001:db8:1:3::7")


def test_an_address_that_comes_as_ipv6_is_still_the_blocked_one(tables):
    block(BlockKind.ADDRESS, HERE)
    assert is_out(GUEST, f"::ffff:{HERE}")


def test_a_blocked_account_is_kept_out_from_everywhere(tables):
    block(BlockKind.ACCOUNT, "usr_1")
    assert is_out(user("usr_1"), HERE)
    assert is_out(user("usr_1"), ELSEWHERE)
    assert not is_out(user("usr_2"), HERE)


def test_a_block_ends_by_itself(tables):
    block(BlockKind.ADDRESS, HERE)
    assert is_out(GUEST, HERE, later=HOUR - 60)
    assert not is_out(GUEST, HERE, later=HOUR + 60)


def test_a_block_is_taken_back(tables):
    made = block(BlockKind.ADDRESS, HERE)
    assert blocks.unblock(made.block_id) == made
    assert not is_out(GUEST, HERE)
    with pytest.raises(blocks.BlockNotFound):
        blocks.unblock(made.block_id)


def test_blocked_again_the_new_time_holds(tables):
    block(BlockKind.ADDRESS, HERE, seconds=HOUR)
    block(BlockKind.ADDRESS, HERE, seconds=60)
    (only,) = blocks.current(clock.now())
    assert only.until <= clock.now() + 60


def test_another_function_learns_of_a_block_within_seconds(tables):
    assert not is_out(GUEST, HERE)
    known = blocks._remembered.get(blocks.ALL)
    block(BlockKind.ADDRESS, HERE)
    # The other function: it remembers what it read before.
    blocks._remembered.set(blocks.ALL, known)
    assert not is_out(GUEST, HERE)
    clock.shift(blocks.MEMORY_SECONDS)
    assert is_out(GUEST, HERE)


def test_a_call_costs_no_read_while_the_list_is_remembered(tables):
    is_out(GUEST, HERE)
    with reply_lost("Query", after=10**9) as sent:
        for _ in range(50):
            is_out(user("usr_1"), HERE)
    assert sent == []


def test_blocks_hold_on_while_their_table_is_out_of_reach(tables, monkeypatch):
    block(BlockKind.ADDRESS, HERE)
    assert is_out(GUEST, HERE)
    monkeypatch.setattr(blocks.BlockItem, "query", lambda *_, **__: 1 / 0)
    clock.shift(60)
    assert is_out(GUEST, HERE)


# ---- nobody locks the shop's own people out ------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (BlockKind.ADDRESS, HERE),
        (BlockKind.ADDRESS, "203.0.113.0/24"),
        (BlockKind.ACCOUNT, "usr_admin"),
    ],
)
def test_an_admin_cannot_block_oneself_out(tables, kind, value):
    with pytest.raises(BlocksYourself):
        block(kind, value, source_ip=HERE)
    assert blocks.current(clock.now()) == []


def test_the_owners_key_always_opens(tables):
    block(BlockKind.ADDRESS, HERE)
    assert not is_out(OWNER, HERE)
    assert is_out(replace(OWNER, key_id="ck_other"), HERE)


@pytest.mark.parametrize("value", ["0.0.0.0/0", "10.0.0.0/8", "::/0", "2001::/16", "nonsense", ""])
def test_what_is_no_network_or_half_the_world_is_refused(tables, value):
    with pytest.raises(Invalid):
        block(BlockKind.ADDRESS, value)


# ---- pauses that the shop itself demands -----------------------------------------------------


def pause(identity: str, seconds: int = 600) -> bool:
    now = clock.now()
    return blocks.pause(identity, "many failed payments", until=now + seconds, now=now)


def test_a_pause_keeps_an_address_out_of_which_only_the_digest_is_known(tables):
    pause(rates.address(HERE))
    assert is_out(GUEST, HERE)
    assert not is_out(GUEST, ELSEWHERE)
    assert HERE not in str([item.attribute_values for item in BlockItem.scan()])


def test_a_pause_of_an_account_holds_everywhere(tables):
    pause(blocks.account("usr_1"))
    assert is_out(user("usr_1"), ELSEWHERE)


def test_a_shorter_pause_shortens_nothing(tables):
    identity = rates.address(HERE)
    pause(identity, 600)
    assert pause(identity, 60)
    assert is_out(GUEST, HERE, later=540)


def test_a_pause_whose_reply_was_lost_stands(tables):
    with reply_lost("PutItem") as sent:
        assert pause(rates.address(HERE))
    assert len(sent) == 2
    assert is_out(GUEST, HERE)


def test_a_full_list_makes_room_of_what_is_over_and_else_takes_no_more(tables, monkeypatch):
    monkeypatch.setattr(blocks, "MAX_BLOCKS", 3)
    for number in range(3):
        assert pause(f"ip:id_{number}", 60)
    assert not pause("ip:id_more")
    clock.shift(61)
    assert pause("ip:id_more")
    assert len(list(BlockItem.scan())) == 1


def test_control_without_its_condition_a_pause_shortens_a_block(tables, monkeypatch):
    monkeypatch.setattr(blocks.dynamo, "put", lambda item, **_: item.save())
    pause(rates.address(HERE), 600)
    pause(rates.address(HERE), 60)
    assert not is_out(GUEST, HERE, later=540)
