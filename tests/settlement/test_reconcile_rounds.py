"""Of more open payments than a run has time for, none waits for ever."""

import pytest

from chalicelib.kernel import clock, deadline
from chalicelib.kernel.messaging import rows
from chalicelib.payments.ports import Outcome, State
from chalicelib.settlement import poll, reconcile
from tests.faults.rows import damage

LATER = reconcile.USUAL_SECONDS + 1


@pytest.fixture
def slow(shop, monkeypatch):
    """Eight open payments, one in each shard of the index, of a provider so slow that a run has
    time for two."""
    shop.sell("mug", stock=50)
    names = []
    for shard in range(8):
        placed = shop.buy({"mug": 1})
        names.append(placed.order.payment_id)
        damage("payments", {"payment_id": names[-1]}, open_shard=str(shard))
    asked = []

    def ask(payment, **named):
        asked.append(payment.payment_id)
        return Outcome(State.OPEN)

    monkeypatch.setattr(poll, "poll_provider", ask)
    return names, asked


def runs(asked: list[str], monkeypatch, count: int) -> None:
    for turn in range(count):
        clock.shift(turn * 300)
        until = len(asked) + 2
        monkeypatch.setattr(deadline, "is_over", lambda until=until: len(asked) >= until)
        reconcile.poll_open_payments(clock.now() + LATER)
    clock.shift(0)


def test_each_shard_of_the_index_comes_first_in_some_run(slow, monkeypatch):
    names, asked = slow
    runs(asked, monkeypatch, 12)
    assert set(asked) == set(names)


def test_control_always_from_the_first_shard_on_the_later_ones_are_never_asked_about(
    slow, monkeypatch
):
    _, asked = slow
    monkeypatch.setattr(rows, "TURN_SECONDS", 10**12)
    runs(asked, monkeypatch, 8)
    assert len(set(asked)) == 2


def test_each_row_comes_first_soon_however_few_of_them_a_run_has_time_for(monkeypatch):
    reached = set()
    for turn in range(200):
        monkeypatch.setattr(clock, "now", lambda turn=turn: turn * rows.TURN_SECONDS)
        for source in rows.sources_in_turns(range(8))[:1]:
            reached |= {(source, row) for row in list(rows.in_turns(range(50), most=50))[:10]}
    assert len(reached) == 8 * 50
