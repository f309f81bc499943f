"""Deadlines: what is begun in a request or a worker ends before the gateway or Lambda ends it."""

import math
from types import SimpleNamespace

import pytest

from chalicelib.health import service
from chalicelib.kernel import clock, deadline
from chalicelib.kernel.deadline import OutOfTime


@pytest.fixture(autouse=True)
def ticks(monkeypatch):
    """A clock that stands still until a test moves it."""
    made = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(clock, "monotonic", lambda: made.at)
    return made


def function(seconds: float) -> SimpleNamespace:
    return SimpleNamespace(get_remaining_time_in_millis=lambda: int(seconds * 1000))


def request(began: float | None = None, context: object = None) -> SimpleNamespace:
    gateway_context = {} if began is None else {"requestTimeEpoch": int(began * 1000)}
    return SimpleNamespace(context=gateway_context, lambda_context=context)


def test_where_nobody_set_an_end_there_is_none():
    assert deadline.left() == math.inf
    assert not deadline.is_over()
    assert deadline.timeouts(3, 8) == (3, 8)


def test_time_passes_and_is_over(ticks):
    with deadline.within(10):
        assert deadline.left() == 10
        ticks.at += 10
        assert deadline.is_over()
    assert deadline.left() == math.inf


def test_what_is_inside_never_lasts_longer_than_what_is_around_it(ticks):
    with deadline.within(10):
        with deadline.within(60):
            assert deadline.left() == 10
        with deadline.within(2):
            assert deadline.left() == 2
        ticks.at += 4
        assert deadline.left() == 6


def test_a_request_has_what_the_gateway_waits_less_the_time_to_answer():
    with deadline.of_request(request()):
        assert deadline.left() == deadline.GATEWAY_SECONDS - deadline.CLOSING_SECONDS


def test_what_passed_before_the_function_ran_counts():
    with deadline.of_request(request(began=clock.now() - 3)):
        most = deadline.GATEWAY_SECONDS - deadline.CLOSING_SECONDS - 3
        assert most - 1 <= deadline.left() <= most


@pytest.mark.parametrize("wrong", [-3600, 3600])
def test_a_clock_that_is_wrong_by_an_hour_takes_no_request_all_its_time(wrong):
    with deadline.of_request(request(began=clock.now() + wrong)):
        assert deadline.left() >= 15


def test_a_function_that_ends_sooner_than_the_gateway_ends_the_request_sooner():
    with deadline.of_request(request(context=function(10))):
        assert deadline.left() == 10 - deadline.CLOSING_SECONDS


def test_a_worker_ends_before_its_function_does():
    with deadline.of_worker(function(30)):
        assert deadline.left() == 30 - deadline.CLOSING_SECONDS
    with deadline.of_worker(None):
        assert deadline.left() == math.inf


TIMEOUTS = [(60, (3, 8)), (9, (3, 6)), (4, (2, 2)), (1, (0.5, 0.5))]


@pytest.mark.parametrize(("seconds", "expected"), TIMEOUTS)
def test_a_call_waits_no_longer_than_there_is_time(seconds, expected):
    with deadline.within(seconds):
        assert deadline.timeouts(3, 8) == expected
        assert sum(expected) <= seconds


@pytest.mark.parametrize("seconds", [0.9, 0, -5])
def test_a_call_that_would_only_be_cut_off_is_not_begun(seconds):
    with deadline.within(seconds), pytest.raises(OutOfTime):
        deadline.timeouts(3, 8)


def test_every_view_runs_with_a_deadline(monkeypatch, shop):
    seen = []

    def checks():
        seen.append(deadline.left())
        return {"catalog": True}

    monkeypatch.setattr(service, "checks", checks)
    assert shop.call("GET", "/health").status_code == 200
    assert 0 < seen[0] <= deadline.GATEWAY_SECONDS
    assert deadline.left() == math.inf
