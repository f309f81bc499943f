"""What a whole run leaves out is large, another part each time, and the same for the same seed."""

from tests import sampling
from tests.stage import ROOT

NAMES = [f"tests/browser/test_a11y.py::test_view[{number}]" for number in range(40)]


def test_a_run_takes_one_in_four_of_the_large_tests():
    assert len(sampling.left_out(NAMES, 7)) == 30
    assert sampling.left_out(NAMES[:1], 7) == set()


def test_the_same_seed_takes_the_same_whoever_lists_them_first():
    assert sampling.left_out(NAMES, 7) == sampling.left_out(NAMES[::-1], 7)


def test_in_some_runs_each_of_them_has_its_turn():
    always_out = set(NAMES)
    for seed in range(60):
        always_out &= sampling.left_out(NAMES, seed)
    assert always_out == set()


def test_what_is_named_large_is_there():
    assert [name for name in sampling.LARGE if not (ROOT / name).exists()] == []


def test_tests_that_are_named_on_the_command_line_are_all_run(request):
    config = request.config

    class Asked:
        args = sampling.LARGE
        getini = staticmethod(config.getini)
        getoption = staticmethod(config.getoption)

    assert not sampling.takes_a_sample(Asked())
