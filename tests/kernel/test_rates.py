"""Limits on how often: never more than allowed, whatever comes at once, is lost or is made up."""

import dataclasses
from types import SimpleNamespace

import pytest

from chalicelib import config
from chalicelib.config import settings
from chalicelib.kernel import cache, clock, rates
from chalicelib.kernel.errors import TooMany
from chalicelib.kernel.ids import identity
from chalicelib.kernel.limits import By, Limit, Rate
from chalicelib.kernel.tables import RateItem
from tests import live
from tests.kernel.lost import reply_lost

GUESSES = Rate("guesses", most=5, seconds=900)
SOMEBODY = identity("ip", "203.0.113.7")
START = 1_790_000_100  # somewhere within a window


def spent(times: int, rate: Rate = GUESSES, who: str = SOMEBODY, now: int = START) -> int:
    """How many of `times` were allowed."""
    allowed = 0
    for _ in range(times):
        try:
            rates.spend(rate, who, now=now)
            allowed += 1
        except TooMany:
            continue
    return allowed


def window_start(now: int, rate: Rate = GUESSES) -> int:
    return now - now % rate.seconds


def test_the_allowance_can_be_spent_and_not_more(tables):
    assert spent(12) == GUESSES.most


def test_a_refusal_says_when_the_window_ends(tables):
    begun = window_start(START)
    spent(5, now=begun)
    with pytest.raises(TooMany) as refused:
        rates.spend(GUESSES, SOMEBODY, now=begun + 890)
    assert refused.value.retry_after == 10


def test_the_next_window_is_a_new_allowance(tables):
    begun = window_start(START)
    assert spent(7, now=begun) == spent(7, now=begun + 900) == 5


def test_everybody_and_every_rate_has_an_allowance_of_its_own(tables):
    assert spent(7) == 5
    assert spent(7, who=identity("ip", "203.0.113.8")) == 5
    assert spent(7, rate=Rate("others", most=3, seconds=900)) == 3


def test_units_that_do_not_fit_are_not_taken(tables):
    rates.spend(GUESSES, SOMEBODY, now=START, units=4)
    with pytest.raises(TooMany):
        rates.spend(GUESSES, SOMEBODY, now=START, units=2)
    rates.spend(GUESSES, SOMEBODY, now=START, units=1)


def test_more_units_than_a_window_has_are_never_taken(tables):
    with pytest.raises(TooMany):
        rates.spend(GUESSES, SOMEBODY, now=START, units=6)
    assert spent(7) == 5


def test_a_lost_reply_spends_once(tables):
    with reply_lost("UpdateItem") as sent:
        rates.spend(GUESSES, SOMEBODY, now=START)
    assert len(sent) == 2
    assert spent(12) == GUESSES.most - 1


def test_the_last_unit_is_had_by_whoever_lost_its_reply(tables):
    spent(4)
    with reply_lost("UpdateItem") as sent:
        rates.spend(GUESSES, SOMEBODY, now=START)
    assert len(sent) == 2


def test_an_exhausted_window_costs_no_more_writes(tables):
    spent(6)
    with reply_lost("UpdateItem", after=10**9) as sent:
        assert spent(100) == 0
    assert sent == []


def test_a_new_function_learns_of_exhaustion_by_its_own_first_refusal(tables):
    spent(6)
    cache.forget_all()
    with reply_lost("UpdateItem", after=10**9) as sent:
        assert spent(100) == 0
    assert len(sent) == 1


def test_a_bucket_is_swept_up_after_its_window(tables):
    rates.spend(GUESSES, SOMEBODY, now=START)
    (item,) = RateItem.scan()
    assert window_start(START) + 900 < item.expires_at <= window_start(START) + 900 + 3600


def test_nothing_of_whom_it_counts_stands_in_the_table(tables):
    rates.spend(GUESSES, identity("email", "ann@shop.test"), now=START)
    (item,) = RateItem.scan()
    assert "ann" not in str(item.attribute_values)


# ---- whose allowance ------------------------------------------------------------------------


def call(source_ip="203.0.113.7", user_id=None, key_id=None, **headers):
    name = f"user:{user_id}" if user_id else f"key:{key_id}" if key_id else "guest"
    caller = SimpleNamespace(name=name, user_id=user_id, key_id=key_id)
    return SimpleNamespace(source_ip=source_ip, caller=caller, headers=headers)


def allowed(calls, by: By = By.ADDRESS) -> int:
    count = 0
    for each in calls:
        try:
            rates.enforce([Limit(GUESSES, by)], each, now=START)
            count += 1
        except TooMany:
            continue
    return count


def test_a_header_moves_nobody_to_another_allowance(tables):
    spoofed = [call(**{"x-forwarded-for": f"198.51.100.{n}"}) for n in range(20)]
    assert allowed(spoofed) == GUESSES.most


def test_addresses_that_one_customer_owns_count_as_one(tables):
    assert allowed([call(f"2001:db8:1:2::{n:x}") for n in range(1, 20)]) == GUESSES.most
    assert allowed([call("2001:db8:1:3::1")]) == 1


def test_an_address_written_as_ipv6_is_the_same_address():
    assert rates.address("::ffff:203.0.113.7") == rates.address("203.0.113.7")
    assert rates.address("203.0.113.7") != rates.address("203.0.113.8")


def test_an_account_is_counted_wherever_it_comes_from(tables):
    calls = [call(f"203.0.113.{n}", user_id="usr_1") for n in range(20)]
    assert allowed(calls, By.CALLER) == GUESSES.most
    assert allowed([call(user_id="usr_2")], By.CALLER) == 1


def test_a_figure_for_one_account_is_not_put_on_all_guests_of_an_address(tables):
    assert allowed([call() for _ in range(20)], By.CALLER) == 20


def test_on_a_laptop_where_all_share_one_address_it_has_more_and_accounts_have_not(
    tables, monkeypatch
):
    at_home = dataclasses.replace(settings(), address_factor=3)
    monkeypatch.setattr(rates, "settings", lambda: at_home)
    assert spent(20) == 3 * GUESSES.most
    assert spent(20, who=identity("caller", "user:usr_1")) == GUESSES.most


@pytest.mark.parametrize(("stage", "factor"), [("local", 100), ("dev", 1), ("prod", 1)])
def test_no_stage_but_the_laptops_multiplies_its_figures(stage, factor, monkeypatch):
    monkeypatch.setenv("STAGE", stage)
    monkeypatch.setenv("TABLE_PREFIX", "cartwright-")
    config.settings.cache_clear()
    try:
        assert config.settings().address_factor == factor
    finally:
        config.settings.cache_clear()


# ---- at once (on the emulator: moto is not atomic) ---------------------------------------------

PARALLEL, THREADS, MOST = 1_000, 25, 50
BUSY = Rate("busy", most=MOST, seconds=86_400)


def spend_at_once(who: str) -> int:
    now = clock.now()
    each = PARALLEL // THREADS
    return sum(live.at_once([lambda: spent(each, BUSY, who, now)] * THREADS))


def test_a_thousand_at_once_never_spend_more_than_the_limit(busy_tables, monkeypatch):
    # Without the memory of empty buckets, so that every single call asks the table.
    monkeypatch.setattr(rates._empty, "get", lambda bucket: None)
    assert spend_at_once(SOMEBODY) == MOST


def test_control_looking_first_and_counting_after_lets_more_through(busy_tables, monkeypatch):
    meeting = live.Meeting(THREADS)

    def look_then_count(rate, who, *, now, units=1):
        bucket = f"{rate.name}#{who}"
        found = list(RateItem.query(bucket, consistent_read=True))
        meeting.wait()
        if found and found[0].used >= rate.most:
            raise TooMany
        RateItem(bucket).update(
            actions=[RateItem.used.add(units), RateItem.last.set("x"), RateItem.expires_at.set(0)]
        )

    monkeypatch.setattr(rates, "spend", look_then_count)
    narrow = Rate("busy", most=5, seconds=86_400)
    let_through = live.at_once([lambda: spent(1, narrow)] * THREADS)
    assert sum(let_through) > narrow.most
