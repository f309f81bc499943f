"""What many ask for is kept for seconds, and for minutes while its source is out of reach."""

import pytest

from chalicelib.kernel import cache, clock
from chalicelib.kernel.cache import Memory


class Source:
    """Counts how often it is asked, and fails when told to."""

    def __init__(self) -> None:
        self.asked: list = []
        self.down = False

    def one(self) -> int:
        return self.many(["one"])["one"]

    def many(self, keys: list) -> dict:
        self.asked.append(list(keys))
        if self.down:
            raise ConnectionError("the source is down")
        return {key: len(self.asked) for key in keys if key != "absent"}


@pytest.fixture
def source():
    yield Source()
    clock.shift(0)


@pytest.fixture
def memory():
    made: Memory = Memory(seconds=10, size=3, stale_seconds=300)
    yield made
    cache._all.remove(made)


@pytest.fixture(autouse=True)
def still(monkeypatch):
    """Time passes only when a test shifts it."""
    began = clock.time.time()
    monkeypatch.setattr(clock.time, "time", lambda: began)


def test_a_value_is_fetched_once_until_its_seconds_are_over(memory, source):
    assert [memory.get_or_fetch("a", source.one) for _ in range(3)] == [1, 1, 1]
    clock.shift(9)
    assert memory.get_or_fetch("a", source.one) == 1
    clock.shift(10)
    assert memory.get_or_fetch("a", source.one) == 2


def test_each_key_has_its_own_value(memory, source):
    assert (memory.get_or_fetch("a", source.one), memory.get_or_fetch("b", source.one)) == (1, 2)


def test_that_nothing_was_found_is_remembered_too(memory):
    asked = []
    for _ in range(3):
        assert memory.get_or_fetch("a", lambda: asked.append(1)) is None
    assert len(asked) == 1


def test_of_many_only_those_missing_are_fetched_in_one_call(memory, source):
    assert memory.get_or_fetch_many(["a"], source.many) == {"a": 1}
    assert memory.get_or_fetch_many(["a", "b", "c", "b"], source.many) == {"a": 1, "b": 2, "c": 2}
    assert source.asked == [["a"], ["b", "c"]]
    assert memory.get_or_fetch_many(["c", "a"], source.many) == {"a": 1, "c": 2}
    assert len(source.asked) == 2


def test_what_is_absent_is_left_out_and_asked_for_again(memory, source):
    for _ in range(2):
        assert "absent" not in memory.get_or_fetch_many(["a", "absent"], source.many)
    assert source.asked == [["a", "absent"], ["absent"]]


def test_none_asked_for_is_none_fetched(memory, source):
    assert memory.get_or_fetch_many([], source.many) == {}
    assert source.asked == []


def test_an_old_value_is_served_while_the_source_is_down(memory, source):
    memory.get_or_fetch("a", source.one)
    memory.get_or_fetch_many(["b", "c"], source.many)
    source.down = True
    clock.shift(299)
    assert memory.get_or_fetch("a", source.one) == 1
    assert memory.get_or_fetch_many(["b", "c"], source.many) == {"b": 2, "c": 2}


def test_a_value_served_old_is_not_taken_for_a_new_one(memory, source):
    memory.get_or_fetch("a", source.one)
    memory.get_or_fetch_many(["b"], source.many)
    source.down = True
    for seconds in (100, 200, 299):
        clock.shift(seconds)
        memory.get_or_fetch("a", source.one)
        memory.get_or_fetch_many(["b"], source.many)
    source.down = False
    assert memory.get_or_fetch("a", source.one) > 2
    assert memory.get_or_fetch_many(["b"], source.many)["b"] > 2


@pytest.mark.parametrize("seconds", [300, 10_000])
def test_a_value_too_old_is_not_served(memory, source, seconds):
    memory.get_or_fetch("a", source.one)
    memory.get_or_fetch_many(["b"], source.many)
    source.down = True
    clock.shift(seconds)
    for call in (
        lambda: memory.get_or_fetch("a", source.one),
        lambda: memory.get_or_fetch_many(["b"], source.many),
    ):
        with pytest.raises(ConnectionError):
            call()


def test_of_many_one_that_was_never_known_makes_the_failure_known(memory, source):
    memory.get_or_fetch_many(["a"], source.many)
    source.down = True
    with pytest.raises(ConnectionError):
        memory.get_or_fetch_many(["a", "b"], source.many)
    assert memory.get_or_fetch_many(["a"], source.many) == {"a": 1}, "what is fresh needs no source"


def test_no_more_is_kept_than_there_is_room_for(memory, source):
    for key in "abcd":
        memory.get_or_fetch(key, source.one)
    memory.get_or_fetch("d", source.one)
    assert len(source.asked) == 4
    memory.get_or_fetch("a", source.one)
    assert len(source.asked) == 5, "the oldest went first"


def test_forgetting_empties_every_memory(memory, source):
    memory.get_or_fetch("a", source.one)
    cache.forget_all()
    assert memory.get_or_fetch("a", source.one) == 2


def test_anew_fetches_what_is_fresh_and_serves_it_only_while_the_source_is_down(memory, source):
    memory.get_or_fetch_many(["a"], source.many)
    assert memory.get_or_fetch_many(["a"], source.many, anew=True) == {"a": 2}
    source.down = True
    assert memory.get_or_fetch_many(["a"], source.many, anew=True) == {"a": 2}
    clock.shift(300)
    with pytest.raises(ConnectionError):
        memory.get_or_fetch_many(["a"], source.many, anew=True)
