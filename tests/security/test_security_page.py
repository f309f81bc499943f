"""docs/security.md maps every row, and what it points to is there."""

import re

from tests.stage import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = re.findall(r"(?m)^\| (\d+) \| (.*) \| (.*) \| (.*) \|$", PAGE)
NOT_YET = {"29", "45"}


def test_all_rows_are_mapped_in_order():
    assert [int(number) for number, *_ in ROWS] == list(range(1, 47))


def test_every_file_that_is_named_is_there():
    named = set(re.findall(r"`([\w./-]+\.(?:py|txt|yaml|json|toml))`", PAGE))
    assert len(named) > 60
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_a_row_has_a_test_or_says_why_not():
    for number, _, why, test in ROWS:
        if number in NOT_YET:
            assert test == "–" and len(why) > 10, number
        else:
            assert "tests/" in test, number


def test_every_risk_of_the_api_top_ten_is_mapped():
    assert len(re.findall(r"(?m)^\| API(\d+) ", PAGE)) == 10


def test_the_figures_of_the_signals_are_those_of_the_code():
    from chalicelib.kernel import limits

    for signal in vars(limits).values():
        if isinstance(signal, limits.Signal):
            (line,) = [line for line in PAGE.splitlines() if f"`{signal.name}`" in line]
            assert f"| {signal.most} " in line
            assert ("paused" in line) == bool(signal.pause_seconds)
