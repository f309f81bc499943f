"""What all tests share is frozen, and what a test leaves behind is still collected."""

import gc
import weakref

import pytest

from tests import garbage


class Ring:
    def __init__(self):
        self.own = self


def test_modules_and_tests_are_frozen_and_the_collector_goes_on():
    assert gc.get_freeze_count() > 10_000
    assert gc.isenabled()
    assert gc.get_threshold() == garbage.THRESHOLDS


def test_a_cycle_that_a_test_made_is_collected():
    ring = weakref.ref(Ring())
    gc.collect()
    assert ring() is None


def test_a_collection_that_fails_leaves_the_collector_on():
    hook = garbage.pytest_collection()
    next(hook)
    assert not gc.isenabled()
    with pytest.raises(RuntimeError):
        hook.throw(RuntimeError("no such module"))
    assert gc.isenabled()
