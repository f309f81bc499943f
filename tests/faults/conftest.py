"""The faults' own option: everything, or what fits into each run of the tests."""

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--everything", action="store_true", help="every pair of crash points, the long model"
    )


@pytest.fixture
def everything(request) -> bool:
    return wants_everything(request.config)


def wants_everything(config) -> bool:
    """False also where pytest read this file too late for its option."""
    return bool(config.getoption("--everything", default=False))
