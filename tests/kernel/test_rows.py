"""The rows of a job: each fails alone, is logged with its id and counted, and the job goes on."""

from types import SimpleNamespace

import pytest

from chalicelib.kernel import clock, deadline, telemetry
from chalicelib.kernel.errors import NotAsked, StaleState, Unavailable
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.messaging.worker import scheduled
from tests.faults.shim import Crash
from tests.metrics import metrics


@pytest.fixture(autouse=True)
def staged(tables):
    """A stage, whose settings the jobs log with."""


@pytest.fixture
def logged(monkeypatch):
    """What the job says of its rows."""
    found: list[dict] = []

    def error(text: str, extra: dict, exc_info: Exception) -> None:
        found.append({**extra, "text": text, "error": exc_info})

    monkeypatch.setattr(telemetry, "logger", lambda: SimpleNamespace(error=error))
    return found


class Drift(Exception):
    """None of the kinds of errors that anybody expects."""


ERRORS = [Drift("x"), RuntimeError("x"), KeyError("x"), StaleState(), Unavailable(), TypeError()]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_one_bad_row_of_any_kind_keeps_no_other_one_back(error, logged, capsys):
    worked = []

    def handle(row: str) -> None:
        if row == "bad":
            raise error
        worked.append(row)

    done = rows.work_off("tidy", ["a", "bad", "b", "c"], handle=handle)
    assert worked == ["a", "b", "c"]
    assert done.counts() == {"done": 3, "failed": 1, "left": 0, "complete": 0}
    assert [(one["job"], one["row"], one["error"]) for one in logged] == [("tidy", "bad", error)]
    (line,) = metrics(capsys)
    assert (line["RowsFailed"], line["JobsIncomplete"], line["job"]) == (1, 1, "tidy")


def test_a_row_is_named_by_its_id_alone(logged):
    def handle(row: dict) -> None:
        raise Drift

    rows.work_off("tidy", [{"id": "r1", "email": "e"}], handle=handle, key=lambda row: row["id"])
    assert logged[0]["row"] == "r1"


def test_a_job_without_trouble_is_complete(capsys):
    done = rows.work_off("tidy", [1, 2], handle=lambda row: None)
    assert done.complete
    (line,) = metrics(capsys)
    assert (line["RowsFailed"], line["JobsIncomplete"]) == (0, 0)


def test_a_list_that_breaks_off_keeps_no_other_list_back(logged):
    def broken():
        yield "a"
        raise Unavailable

    worked: list[str] = []
    done = rows.work_off("tidy", broken(), ["b"], handle=worked.append)
    assert worked == ["a", "b"]
    assert (done.failed, done.left, done.complete) == (0, 1, False)
    assert logged[0]["text"] == "rows broke off"


def test_a_job_stops_in_time_and_says_how_many_rows_are_left(monkeypatch):
    at = [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: at[0])

    def handle(row: int) -> None:
        at[0] += 10

    with deadline.within(25):
        done = rows.work_off("tidy", list(range(8)), handle=handle)
    assert done.counts() == {"done": 3, "failed": 0, "left": 5, "complete": 0}


def test_a_row_whose_provider_is_known_to_be_down_is_left_and_no_fault_of_its_own(logged):
    def handle(row: str) -> None:
        if row == "dead":
            raise NotAsked

    done = rows.work_off("tidy", ["a", "dead", "b"], handle=handle)
    assert (done.done, done.failed, done.left, done.complete) == (2, 0, 1, False)
    assert logged == []


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, Crash])
def test_a_process_that_dies_is_not_taken_for_a_bad_row(end):
    def handle(row: int) -> None:
        raise end

    with pytest.raises(end):
        rows.work_off("tidy", [1], handle=handle)


def test_control_a_plain_loop_ends_at_the_first_bad_row():
    worked = []

    def handle(row: str) -> None:
        if row == "bad":
            raise Drift
        worked.append(row)

    with pytest.raises(Drift):
        for row in ["a", "bad", "b"]:
            handle(row)
    assert worked == ["a"]


def test_a_job_that_fails_as_a_whole_is_counted_too(capsys):
    def tidy(now: int) -> None:
        raise ConnectionError

    with pytest.raises(telemetry.Unhandled):
        scheduled(tidy)({})
    (line,) = metrics(capsys)
    assert (line["RowsFailed"], line["job"]) == (1, "tidy")


def test_a_job_knows_when_its_function_ends():
    seconds_left = []

    def tidy(now: int) -> None:
        seconds_left.append(deadline.left())

    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 55_000)
    scheduled(tidy)({}, context)
    assert 45 < seconds_left[0] <= 55 - deadline.CLOSING_SECONDS
