"""Unusual behaviour is told of once per window, counts a fact once, and never stops the shop."""

import json

import pytest

from chalicelib.kernel import audit, cache, clock, i18n, limits, rates
from chalicelib.kernel.caller import GUEST
from chalicelib.kernel.limits import Signal
from chalicelib.kernel.messaging import events
from chalicelib.security import blocks, signals
from chalicelib.security.tables import SignalItem
from tests import live
from tests.kernel.lost import reply_lost
from tests.listener import Listener

HERE = "203.0.113.7"
WHO = rates.address(HERE)
CARDS = Signal("cards", most=5, seconds=3_600, pause_seconds=900)
NOTED = Signal("noted", most=5, seconds=3_600)
NOW = 1_790_000_000


@pytest.fixture
def published(tables, monkeypatch):
    """What was published, in order."""
    published: list[events.Event] = []
    monkeypatch.setattr(events, "publish", published.append)
    return published


def notice(times: int, signal: Signal = CARDS, who: str = WHO, now: int = NOW, first: int = 0):
    return [
        signals.notice(signal, who, f"fact-{number}", now=now)
        for number in range(first, first + times)
    ]


def is_out(now: int) -> bool:
    try:
        blocks.check(GUEST, HERE, now=now)
    except blocks.Blocked:
        return True
    return False


def test_it_is_told_once_when_facts_are_many(published):
    assert notice(20) == [False] * 4 + [True] + [False] * 15
    (event,) = published
    assert event.type == "security.unusual"
    assert event.data["signal"] == "cards"
    assert event.data["identity"] == WHO


def test_few_facts_are_not_told(published):
    notice(4)
    assert published == []


def test_the_same_fact_counts_once(published):
    for _ in range(20):
        signals.notice(CARDS, WHO, "one webhook that comes again and again", now=NOW)
    assert published == []


def test_a_lost_reply_counts_once(published):
    with reply_lost("UpdateItem"):
        notice(1)
    notice(3, first=1)
    assert published == []
    notice(1, first=4)
    assert len(published) == 1


def test_the_next_window_is_told_of_anew(published):
    notice(5)
    notice(5, now=NOW + CARDS.seconds)
    assert len({event.id for event in published}) == len(published) == 2


def test_others_are_not_suspected_for_it(published):
    notice(4)
    notice(4, who=rates.address("203.0.113.8"))
    assert published == []


def test_it_can_demand_a_pause_and_the_pause_ends(published):
    notice(5)
    assert is_out(NOW + 899)
    assert not is_out(NOW + 900)
    assert published[0].data["pausedSeconds"] == 900


def test_what_demands_no_pause_keeps_nobody_out(published):
    notice(20, signal=NOTED)
    assert len(published) == 1
    assert not is_out(NOW + 1)
    assert published[0].data["pausedSeconds"] == 0


def test_it_stands_in_the_audit_log(published):
    notice(5)
    (entry,) = audit.of_target(WHO, limit=10)
    assert (entry.actor, entry.action) == ("shop", "security.unusual")
    assert entry.after == {"signal": "cards", "paused": True}


def test_after_it_was_told_nothing_more_is_written(published):
    notice(5)
    with reply_lost("UpdateItem", after=10**9) as sent:
        notice(50, first=5)
    assert sent == []


def test_another_function_learns_that_it_was_told(published):
    notice(5)
    cache.forget_all()
    notice(5, first=5)
    assert len(published) == 1


def test_what_could_not_be_published_is_told_by_a_later_fact_under_the_same_name(
    published, monkeypatch
):
    working, failed = events.publish, []

    def fail(event):
        failed.append(event)
        raise ConnectionError

    monkeypatch.setattr(events, "publish", fail)
    assert notice(5) == [False] * 5
    monkeypatch.setattr(events, "publish", working)
    assert notice(1, first=5) == [False]  # somebody may still be telling
    assert notice(1, first=6, now=NOW + signals.TELLING_SECONDS) == [True]
    assert [event.id for event in published] == [failed[0].id]


def test_what_goes_wrong_here_is_nobodys_business(tables, monkeypatch):
    monkeypatch.setattr(signals.dynamo, "update", lambda *_, **__: 1 / 0)
    assert notice(20) == [False] * 20


def test_the_table_holds_nothing_that_was_sent(published):
    signals.notice(CARDS, WHO, "ann@shop.test", now=NOW)
    (item,) = SignalItem.scan()
    assert "ann" not in str(item.attribute_values)
    assert HERE not in str(item.attribute_values)


def refused(number: int, path: str | None = None) -> signals.RefusedCall:
    return signals.RefusedCall(HERE, "usr_1", path or f"/api/cart/crt_{number}", f"req-{number}")


def test_every_code_that_is_counted_is_one_that_the_shop_says():
    assert set(signals.OF_CODES) <= set(i18n.texts("en"))


def test_an_old_tab_that_asks_for_its_cart_again_and_again_is_no_guessing(published):
    for number in range(limits.GUESSED_TOKENS.most):
        signals.notice_refusal("CART_NOT_FOUND", refused(number, "/api/cart/crt_1"), now=NOW)
    assert published == []


@pytest.mark.parametrize("code", sorted(signals.OF_CODES))
def test_refusals_are_counted_for_the_address_and_the_account(published, code):
    signal = signals.OF_CODES[code]
    for number in range(signal.most):
        signals.notice_refusal(code, refused(number), now=NOW)
    assert [(event.data["signal"], event.data["identity"]) for event in published] == [
        (signal.name, WHO),
        (signal.name, blocks.account("usr_1")),
    ]


def test_a_refusal_that_says_nothing_costs_nothing(published):
    with reply_lost("UpdateItem", after=10**9) as sent:
        signals.notice_refusal("OUT_OF_STOCK", refused(1), now=NOW)
    assert sent == []


def test_failed_sign_ins_are_told_of_before_their_limit_hides_them():
    (limit,) = limits.SIGN_IN
    assert limits.FAILED_SIGN_INS.most < limit.rate.most


def test_the_event_reaches_the_shops_topic(tables):
    listener = Listener()
    notice(5)
    (event,) = listener.events()
    assert event["type"] == "security.unusual"
    assert HERE not in json.dumps(event)


# ---- at once (on the emulator: moto is not atomic) ---------------------------------------------

THREADS = 25


def test_many_facts_at_once_are_told_of_once(busy_tables, monkeypatch):
    published: list[events.Event] = []
    monkeypatch.setattr(events, "publish", published.append)
    now = clock.now()
    jobs = [
        lambda number=number: notice(4, signal=NOTED, now=now, first=4 * number)
        for number in range(THREADS)
    ]
    assert sum(sum(reported) for reported in live.at_once(jobs)) == len(published) == 1


def test_control_without_the_claim_each_of_them_tells(busy_tables, monkeypatch):
    published: list[events.Event] = []
    meeting = live.Meeting(THREADS)
    monkeypatch.setattr(events, "publish", published.append)
    monkeypatch.setattr(signals, "_claim", lambda bucket, now: (meeting.wait(), True)[1])
    now = clock.now()
    # Full from the start: every one of them finds that it is to be told of.
    monkeypatch.setattr(signals, "_enter", lambda *_: True)
    live.at_once([lambda: notice(1, signal=NOTED, now=now)] * THREADS)
    assert len(published) > 1
