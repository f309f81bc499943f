"""The faults' own option: everything, or what fits into each run of the tests."""

import pytest

from tests.races.conftest import busy_shop  # noqa: F401  # for faults among threads


def pytest_addoption(parser):
    parser.addoption(
        "--everything", action="store_true", help="every pair of crash points, the long model"
    )


@pytest.fixture
def everything(request) -> bool:
    """False also where pytest read this file too late for its option."""
    return bool(request.config.getoption("--everything", default=False))
