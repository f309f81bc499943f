"""Rows of a job: each has a result, a failure stops nothing, a dry run changes nothing."""

from contextlib import nullcontext

import pytest

from chalicelib.catalog.tables import ProductItem
from chalicelib.jobs import start
from chalicelib.jobs.rules import MOST_TRIES, JobState
from chalicelib.kernel import audit, clock, dry_run
from chalicelib.kernel.errors import Invalid, Unavailable
from tests import stage
from tests.jobs.counting import COUNT, WALKED, counted
from tests.jobs.counting import begin as begin_to_count
from tests.jobs.running import STATUS, begin, outcomes, results, work_off

PRODUCTS = ["p-mug", "p-pen", "p-cup"]
# What a dry run of the catalogue could have changed.
TABLES = ("products", "audit", "settings", "variants", "stock")


@pytest.fixture
def sold(shelf):
    for name in ("mug", "pen", "cup"):
        shelf.sell(name, stock=5)


def statuses() -> dict[str, str]:
    return {item.product_id: item.status for item in ProductItem.scan()}


def contents() -> dict[str, list[str]]:
    return {name: stage.moto_here.contents(name) for name in TABLES}


def test_each_row_has_its_effect_its_result_and_its_entry_in_the_audit_log(sold):
    job = work_off(begin(PRODUCTS))
    assert (job.state, int(job.done), int(job.failed)) == (JobState.DONE, 3, 0)
    assert statuses() == dict.fromkeys(PRODUCTS, "INACTIVE")
    details = results(job)["p-pen"].details
    assert (details["before"], details["after"]) == ({"status": "ACTIVE"}, {"status": "INACTIVE"})
    (entry,) = audit.of_target("product:p-pen", limit=10)
    assert (entry.actor, entry.action) == ("user:usr_1", "job.products.status")
    assert (entry.before, entry.after) == (details["before"], details["after"])
    assert entry.request_id.startswith(job.job_id)


def test_a_row_that_fails_says_why_and_stops_nothing(sold):
    rows = [
        {"productId": "p-mug", "status": "SOLD"},
        {"productId": "p-none", "status": "DRAFT"},
        {"productId": "p-pen", "status": "DRAFT"},
    ]
    wish = start.Wish(STATUS, rows=rows)
    job = work_off(start.start(wish, operation="op", actor="me", now=clock.now()))
    assert outcomes(job) == {
        "p-mug": "VALIDATION_FAILED",
        "p-none": "PRODUCT_NOT_FOUND",
        "p-pen": "OK",
    }
    assert results(job)["p-mug"].details["fields"] == ["status"]
    assert (int(job.done), int(job.failed)) == (1, 2)
    assert statuses()["p-mug"] == "ACTIVE"


def test_a_dry_run_has_the_results_and_changes_nothing(sold):
    before = contents()
    dry = work_off(begin([*PRODUCTS, "p-none"], dry_run=True))
    assert contents() == before
    real = work_off(begin([*PRODUCTS, "p-none"], name="op_two"))
    assert contents() != before
    assert {key: item.details for key, item in results(dry).items()} == {
        key: item.details for key, item in results(real).items()
    }


@pytest.mark.parametrize("enforced", [True, False])
def test_a_kind_that_forgets_the_dry_run_is_kept_from_writing(counting, monkeypatch, enforced):
    def forgetful(name: str) -> None:
        step = counting.step
        step.dry_run = False

    remembering = counting._add

    def add(name, number, step):
        counting.step = step
        return remembering(name, number, step)

    monkeypatch.setattr(counting, "_add", add)
    counting.before = forgetful
    if not enforced:
        # The control: without the guard it writes.
        monkeypatch.setattr(dry_run, "enforced", nullcontext)
    job = work_off(begin_to_count(["a"], dry_run=True))
    assert outcomes(job) == {"a": "INTERNAL_ERROR" if enforced else "OK"}
    assert counted() == ({} if enforced else {"a": 1})


def test_what_is_out_of_reach_for_a_while_is_tried_again(counting):
    tries: list[str] = []

    def before(name: str) -> None:
        tries.append(name)
        if name == "b" and tries.count("b") < 3:
            raise Unavailable

    counting.before = before
    job = work_off(begin_to_count(["a", "b", "c"]))
    assert outcomes(job) == dict.fromkeys("abc", "OK")
    assert sorted(tries) == ["a", "b", "b", "b", "c"]


def test_what_stays_out_of_reach_fails_in_the_end_and_stops_nothing(counting):
    tries: list[str] = []

    def before(name: str) -> None:
        tries.append(name)
        if name == "b":
            raise Unavailable

    counting.before = before
    for _ in range(2):
        job = begin_to_count(["a", "b", "c"])
        for _ in range(MOST_TRIES):
            clock.shift(clock._shift_seconds + 1000)
            work_off_once(job)
    job = work_off(job)
    assert outcomes(job) == {"a": "OK", "b": "UNAVAILABLE", "c": "OK"}
    assert (job.state, int(job.failed)) == (JobState.DONE, 1)
    assert tries.count("b") == MOST_TRIES + 1


def work_off_once(job) -> None:
    from chalicelib.jobs.work import work

    work(job.job_id, clock.now())


def test_an_error_of_the_code_fails_its_row_with_the_code_of_all_such_errors(counting):
    def before(name: str) -> None:
        if name == "b":
            raise ZeroDivisionError

    counting.before = before
    job = work_off(begin_to_count(["a", "b", "c"]))
    assert outcomes(job) == {"a": "OK", "b": "INTERNAL_ERROR", "c": "OK"}


@pytest.mark.parametrize(
    ("kind", "rows", "field"),
    [
        (STATUS, [{"productId": "a"}, {"productId": "a"}], "rows.1.productId"),
        (STATUS, [{"status": "ACTIVE"}], "rows.0.productId"),
        (STATUS, [{"productId": "\x00"}], "rows.0.productId"),
        (STATUS, [{"productId": "a" * 129}], "rows.0.productId"),
        (STATUS, [{"productId": "a", "status": "x" * 7000}], "rows.0.productId"),
        (STATUS, [], "rows"),
        (STATUS, None, "rows"),
        (WALKED, [{"name": "a"}], "rows"),
        ("no.such", None, None),
    ],
)
def test_a_list_that_can_not_have_a_result_for_each_row_is_refused(counting, kind, rows, field):
    with pytest.raises(Invalid) as refused:
        start.start(start.Wish(kind, rows=rows), operation="op", actor="me", now=1)
    assert [entry.field for entry in refused.value.fields] == ([field] if field else [])


def test_parameters_that_the_kind_does_not_take_are_refused(counting):
    with pytest.raises(Invalid):
        wish = start.Wish(COUNT, {"some": 1}, rows=[{"name": "a"}])
        start.start(wish, operation="op", actor="me", now=1)


def test_a_walk_has_no_dry_run(counting):
    with pytest.raises(Invalid):
        start.start(start.Wish(WALKED, dry_run=True), operation="op", actor="me", now=1)


def test_the_same_call_again_finds_its_job(counting):
    first = work_off(begin_to_count(["a"]))
    again = begin_to_count(["a"])
    assert (again.job_id, again.state) == (first.job_id, JobState.DONE)
    assert counted() == {"a": 1}
