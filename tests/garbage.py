"""The collector of garbage looks at what a test made, and not at what every test has.

Libraries, the modules of the shop and nine thousand tests stay until the end. To walk over them
again and again, in search of cycles that are not there, is an eighth of the time of tests.
"""

import gc

import pytest

# Of young objects, and of rounds among the older ones. Python's own are 2000, 10 and 10.
THRESHOLDS = (20_000, 20, 20)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection():
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
