"""Jobs over HTTP, as an administrator begins, watches and takes them back."""

import csv
import io

import pytest

from chalicelib.catalog.tables import ProductItem
from chalicelib.jobs import registry, tables
from tests import stage
from tests.jobs.running import due, work_off

PATH = "/api/admin/jobs"
KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
ROWS = [
    {"productId": "p-mug", "status": "INACTIVE"},
    {"productId": "p-none", "status": "INACTIVE"},
    {"productId": "p-pen", "status": "=1+1"},
]


@pytest.fixture
def admin(shop):
    for name in ("mug", "pen"):
        shop.sell(name, stock=5)

    def call(method: str, path: str, body=None, **headers: str):
        return shop.call(method, path, body, **{**KEY, **headers})

    return call


def begin(admin, **changes) -> dict:
    answer = admin("POST", PATH, {"kind": "products.status", "rows": ROWS, **changes})
    assert answer.status_code == 202, answer.json_body
    return answer.json_body["data"]


def finish(job: dict) -> None:
    work_off(tables.read(job["id"]))


def read(admin, path: str) -> dict:
    answer = admin("GET", path)
    assert answer.status_code == 200, answer.json_body
    return answer.json_body["data"]


def test_a_job_is_begun_watched_and_its_results_read(admin):
    job = begin(admin)
    assert (job["state"], job["rows"], job["done"]) == ("RUNNING", 3, 0)
    finish(job)
    whole = read(admin, f"{PATH}/{job['id']}")
    assert (whole["state"], whole["done"], whole["failed"]) == ("DONE", 1, 2)
    assert [one["key"] for one in whole["firstErrors"]] == ["p-none", "p-pen"]
    assert whole["firstErrors"][1]["fields"] == ["status"]
    assert whole["firstErrors"][0]["message"]
    first = read(admin, f"{PATH}/{job['id']}/results?pageSize=2")
    rest = read(admin, f"{PATH}/{job['id']}/results?pageSize=2&cursor={first['nextCursor']}")
    assert [one["key"] for one in first["items"] + rest["items"]] == ["p-mug", "p-none", "p-pen"]
    assert first["items"][0]["before"] == {"status": "ACTIVE"}
    failed = read(admin, f"{PATH}/{job['id']}/results?outcome=FAILED")
    assert [one["number"] for one in failed["items"]] == [2, 3]


def test_the_results_are_a_file_to_mend_and_to_send_again(admin):
    job = begin(admin)
    finish(job)
    answer = admin("GET", f"{PATH}/{job['id']}/results?format=csv&outcome=FAILED")
    assert answer.headers["Content-Type"].startswith("text/csv")
    head, *lines = csv.reader(io.StringIO(answer.body.decode()))
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    assert [(row["productId"], row["code"]) for row in rows] == [
        ("p-none", "PRODUCT_NOT_FOUND"),
        ("p-pen", "VALIDATION_FAILED"),
    ]
    # No sheet takes it for a formula.
    assert rows[1]["status"] == "'=1+1"


def test_a_file_that_is_not_whole_says_where_it_goes_on(admin, monkeypatch):
    monkeypatch.setattr("chalicelib.jobs.result_file.MOST_BYTES", 0)
    monkeypatch.setattr("chalicelib.jobs.result_file.PAGE", 2)
    job = begin(admin)
    finish(job)
    path, keys = f"{PATH}/{job['id']}/results?format=csv", []
    while path:
        answer = admin("GET", path)
        keys += [line["productId"] for line in csv.DictReader(io.StringIO(answer.body.decode()))]
        link = answer.headers.get("Link")
        path = f"{PATH}/{job['id']}/{link[1:].partition('>')[0]}" if link else ""
    assert keys == ["p-mug", "p-none", "p-pen"]


def test_jobs_are_listed_the_newest_first_and_filtered(admin):
    first = begin(admin)
    finish(first)
    due()
    found = read(admin, PATH)["items"]
    assert {one["kind"] for one in found} == {"check", "products.status"}
    assert read(admin, f"{PATH}?kind=check&state=RUNNING")["items"] == [
        one for one in found if one["kind"] == "check"
    ]
    assert read(admin, f"{PATH}?kind=none")["items"] == []
    paged, cursor = [], ""
    while cursor is not None:
        page = read(admin, f"{PATH}?pageSize=1{cursor}")
        paged += page["items"]
        cursor = f"&cursor={page['nextCursor']}" if page["nextCursor"] else None
    assert paged == found
    assert admin("GET", f"{PATH}?cursor=made-up").status_code == 400


def test_the_same_call_again_is_the_same_job(admin):
    body = {"kind": "products.status", "rows": ROWS}
    answers = [admin("POST", PATH, body, **{"Idempotency-Key": "one"}) for _ in range(2)]
    assert answers[0].json_body["data"]["id"] == answers[1].json_body["data"]["id"]


def test_a_job_is_cancelled_resumed_and_undone(admin):
    job = begin(admin)
    path = f"{PATH}/{job['id']}"
    assert admin("POST", f"{path}/cancel", {}).json_body["data"]["state"] == "CANCELLED"
    assert admin("POST", f"{path}/resume", {}).status_code == 202
    finish(job)
    assert ProductItem.get("p-mug").status == "INACTIVE"
    assert admin("POST", f"{path}/cancel", {}).json_body["code"] == "JOB_ENDED"
    back = admin("POST", f"{path}/undo", {})
    assert back.status_code == 202
    finish(back.json_body["data"])
    assert ProductItem.get("p-mug").status == "ACTIVE"
    assert read(admin, path)["undoneBy"] == back.json_body["data"]["id"]
    assert admin("POST", f"{path}/resume", {}).json_body["code"] == "JOB_UNDONE"


def test_what_is_done_to_jobs_stands_in_the_audit_log(admin):
    job = begin(admin, dryRun=True)
    entries = read(admin, f"/api/admin/audit?target=job:{job['id']}")["items"]
    (entry,) = [one for one in entries if one["outcome"] == "OK"]
    assert entry["action"] == "jobs.start_job"
    assert (entry["after"]["kind"], entry["after"]["dry_run"]) == ("products.status", True)


def test_a_kind_takes_its_own_permission_besides(admin, monkeypatch):
    from chalicelib.kernel.caller import OWNER, Permission

    job = begin(admin)
    caller = type(OWNER)(OWNER.kind, None, None, frozenset({Permission.MANAGE_JOBS}), key_id="less")
    monkeypatch.setattr("chalicelib.composition.accounts.identify", lambda *a, **k: caller)
    for method, path, body in [
        ("POST", PATH, {"kind": "products.status", "rows": ROWS}),
        ("GET", f"{PATH}/{job['id']}", None),
        ("GET", f"{PATH}/{job['id']}/results", None),
        *(("POST", f"{PATH}/{job['id']}/{verb}", {}) for verb in ("cancel", "resume", "undo")),
    ]:
        assert admin(method, path, body).status_code == 403, path
    assert read(admin, PATH)["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "no.such", "rows": [{}]},
        {"kind": "products.status"},
        {"kind": "products.status", "rows": []},
        {"kind": "products.status", "rows": [{"productId": "a"}], "params": {"x": 1}},
        {"kind": "check", "dryRun": True},
        {"kind": "check", "rows": [{"a": 1}]},
    ],
)
def test_what_makes_no_sense_is_refused(admin, body):
    assert admin("POST", PATH, body).status_code == 422
    assert read(admin, PATH)["items"] == []


def test_what_is_not_there_is_not_found(admin):
    for path in ("", "/results"):
        assert admin("GET", f"{PATH}/job_none{path}").status_code == 404
    for verb in ("cancel", "resume", "undo"):
        assert admin("POST", f"{PATH}/job_none/{verb}", {}).status_code == 404


def test_a_check_is_begun_as_a_job_as_well(admin):
    answer = admin("POST", PATH, {"kind": "check", "params": {"repair": True}})
    assert answer.status_code == 202
    finish(answer.json_body["data"])
    found = read(admin, "/api/admin/inventory/check")
    assert (found["runId"], found["repair"]) == (answer.json_body["data"]["id"], True)
    assert found["status"] == "DONE"
    begun = admin("POST", PATH, {"kind": "check"})
    assert begun.status_code == 202
    again = admin("POST", PATH, {"kind": "check"})
    assert again.json_body["code"] == "CHECK_UNDERWAY"


def test_every_kind_says_whose_it_is_and_has_a_name_of_its_own():
    kinds = registry.kinds()
    assert {"check", "products.status"} <= set(kinds)
    assert all(kind.permission and kind.name == name for name, kind in kinds.items())
