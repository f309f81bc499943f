"""Providers that are down: two failures trip, requests are answered at once, jobs ask again."""

from types import SimpleNamespace

import pytest

from chalicelib.kernel import clock, deadline, outages
from chalicelib.kernel.deadline import OutOfTime
from chalicelib.kernel.errors import NotAsked, ProviderBusy, ProviderDown, ProviderFailed
from tests.faults.world import scan


@pytest.fixture(autouse=True)
def staged(tables):
    """The table of outages."""


def call(provider: str = "acme", error: Exception | None = None) -> None:
    with outages.watched(provider):
        if error is not None:
            raise error


def fail(provider: str = "acme") -> None:
    with pytest.raises(ProviderDown):
        call(provider, ProviderDown())


def refused_at_once(provider: str = "acme") -> bool:
    try:
        call(provider)
    except NotAsked:
        return True
    return False


def another_process() -> None:
    """What this one remembers is not known there."""
    outages._down.clear()
    outages._failures.clear()


def test_one_failure_is_nothing_two_switch_the_provider_off_everywhere():
    fail()
    assert not refused_at_once()
    fail()
    fail()
    assert refused_at_once()
    another_process()
    assert refused_at_once()
    assert [row["provider"] for row in scan("outages")] == ["acme"]


def test_another_provider_is_asked_as_ever():
    fail()
    fail()
    assert not refused_at_once("other")


def test_a_success_between_two_failures_makes_them_one_each():
    for _ in range(3):
        fail()
        call()
    assert scan("outages") == []


def test_failures_that_lie_far_apart_do_not_add_up():
    fail()
    clock.shift(outages.COUNTED_SECONDS)
    fail()
    assert scan("outages") == []


@pytest.mark.parametrize("error", [ProviderBusy(), ProviderFailed()])
def test_who_limits_or_refuses_us_has_answered(error):
    for _ in range(5):
        with pytest.raises(type(error)):
            call(error=error)
    assert not refused_at_once()


def test_what_our_own_short_time_cut_off_says_nothing(monkeypatch):
    monkeypatch.setattr(clock, "monotonic", lambda: 100.0)
    for _ in range(5):
        with deadline.within(0.5):
            fail()
        with deadline.within(0.5), pytest.raises(OutOfTime):
            call(error=OutOfTime())
    assert not refused_at_once()


def test_long_silence_counts_though_our_time_is_over(monkeypatch):
    at = SimpleNamespace(now=100.0)
    monkeypatch.setattr(clock, "monotonic", lambda: at.now)
    for _ in range(2):
        with deadline.within(5), pytest.raises(ProviderDown), outages.watched("acme"):
            at.now += 5
            raise ProviderDown
    assert refused_at_once()


def test_a_job_gives_a_provider_that_is_well_another_chance():
    """One payment that the provider can't show keeps no other one waiting."""
    with outages.probing():
        for _ in range(3):
            fail()
            call()
        fail()
        fail()
        assert refused_at_once()


def test_a_job_asks_who_is_down_once_in_each_run():
    fail()
    fail()
    with outages.probing():
        fail()
        assert refused_at_once()
    with outages.probing():
        fail()


def test_a_job_that_finds_it_well_switches_it_on_again():
    fail()
    fail()
    with outages.probing():
        call()
    assert scan("outages") == []
    assert not refused_at_once()


def test_requests_do_not_ask_however_long_it_lasts():
    fail()
    fail()
    for _ in range(3):
        clock.shift(3600)
        assert refused_at_once()


def test_a_request_does_not_end_an_outage_that_it_did_not_know_of():
    call()  # remembers for some seconds that all is well
    outages.OutageItem("acme", since=1).save()
    call()
    assert len(scan("outages")) == 1


def test_in_a_batch_one_failure_spares_the_rest():
    with outages.sparing():
        fail()
        assert refused_at_once()
        assert not refused_at_once("other")
    assert not refused_at_once()


def test_where_the_table_is_out_of_reach_providers_are_asked(monkeypatch):
    def down(*_: object) -> None:
        raise ConnectionError

    fail()
    monkeypatch.setattr(outages.dynamo, "get", down)
    monkeypatch.setattr(outages.OutageItem, "save", down)
    monkeypatch.setattr(outages.OutageItem, "delete", down)
    assert not refused_at_once()
    fail()
    fail()
    assert refused_at_once()  # this process knows, for some seconds
    clock.shift(outages.READ_SECONDS)
    another_process()
    assert not refused_at_once()


def test_control_without_the_note_every_call_waits_for_itself(monkeypatch):
    monkeypatch.setattr(outages, "FAILURES", 10**9)
    for _ in range(10):
        fail()
    assert not refused_at_once()
