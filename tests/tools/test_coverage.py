"""Coverage is told by context, with branches, the least covered first."""

from tools.coverage import by_context, table


def summary(run: int, there: int, branches: tuple[int, int]) -> dict:
    return {
        "summary": {
            "covered_lines": run, "num_statements": there,
            "covered_branches": branches[0], "num_branches": branches[1],
        }
    }  # fmt: skip


REPORT = {
    "files": {
        "chalicelib/cart/rules.py": summary(8, 10, (1, 4)),
        "chalicelib/cart/service.py": summary(6, 6, (0, 0)),
        "chalicelib/kernel/db/dynamo.py": summary(10, 10, (2, 2)),
        "chalicelib/config.py": summary(0, 0, (0, 0)),
    }
}


def test_files_of_a_context_are_added_up_rooms_included():
    found = by_context(REPORT)
    assert found == {"cart": (15, 20), "kernel": (12, 12), "config.py": (0, 0)}


def test_the_least_covered_context_comes_first():
    lines = list(table(by_context(REPORT)))
    assert lines[0].split() == ["cart", "75.0%", "of", "20"]
    assert len(lines) == 3
