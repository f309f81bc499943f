"""Stock against a model on paper, with crashes, repeats, a moving clock and hot variants."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from chalicelib.inventory.holds import writes
from chalicelib.inventory.tables import StockItem
from tests.faults.model import Stock

IN_CI, EVERYTHING = (60, 30), (1_000, 50)


def run(examples: int, steps: int, **named) -> None:
    run_state_machine_as_test(
        Stock,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            **named,
        ),
    )


def test_the_shop_never_differs_from_the_paper(shelf, everything):
    run(*(EVERYTHING if everything else IN_CI))


def test_control_without_the_stocks_condition_the_paper_tells(shelf, monkeypatch):
    monkeypatch.setattr(writes, "_enough", lambda change: StockItem.variant_id.exists())
    with pytest.raises(AssertionError, match=r"oversold|below zero"):
        run(*IN_CI, phases=[Phase.generate])
