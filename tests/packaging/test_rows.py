"""infra/functions.toml: what a row may say, and what is wrong with one that it can't."""

import pytest

from localcloud.functions import resources, rows
from localcloud.problem import Problem
from tests.stage import ROOT
from tools import functions, permissions

INFRA = ROOT / "infra"
WORKER = """
[notify]
about = "Sends what customers are written."
memory = 256
timeout = 30
queue = { name = "notices" }
[notify.may]
orders = ["GetItem"]
"""


def read(tmp_path, text: str) -> rows.Rows:
    path = tmp_path / "functions.toml"
    path.write_text(text)
    return rows.read(path)


def test_what_is_generated_is_what_the_rows_say():
    assert functions.PAGE.read_text() == functions.made(), "run python -m tools.functions"


def test_each_function_of_the_code_has_a_row_and_each_row_a_function():
    from app import app

    workers = {each.name for each in app.pure_lambda_functions}
    answering = {row.name for row in permissions.all_rows().functions if row.paths}
    assert workers | answering == set(permissions.functions())


def test_every_route_is_answered_by_one_of_them():
    from app import app

    found = {permissions.all_rows().answering(path).name for path in app.routes}
    assert found == {"shop", "admin", "webhooks"}


def test_a_new_worker_is_one_row_and_all_else_follows(tmp_path):
    made = resources.template(read(tmp_path, WORKER), INFRA)["Resources"]
    assert set(made) == {
        *("Notify", "NotifyRole", "NotifyLogs"),
        *("Notices", "NoticesDead", "NoticesDeadAlarm"),
    }
    variables = made["Notify"]["Properties"]["Environment"]["Variables"]
    assert variables["NOTICES_QUEUE_URL"] == {"Ref": "Notices"}
    assert made["Notices"]["Properties"]["VisibilityTimeout"] == 180


def test_what_answers_a_path_is_the_longest_prefix(tmp_path):
    text = "".join(
        f'[{name}]\nabout = "x"\nmemory = 128\ntimeout = 9\npaths = ["{path}"]\n'
        for name, path in (("shop", "/api"), ("admin", "/api/admin"))
    )
    found = read(tmp_path, text)
    assert found.answering("/api/admin/users").name == "admin"
    assert found.answering("/api/administration").name == "shop"
    with pytest.raises(Problem, match="answers /other"):
        found.answering("/other")


WRONG = {
    "memory = 64": "memory must be 128 to 10240 MB",
    "timeout = 901": "timeout must be 1 to 900 s",
    'paths = ["/api"]': "must end within 29 s",
    'schedule = "every minute"': r"schedule must be a rate, such as rate\(5 minutes\)",
    'streams = ["stock"]\n#': "give it one",
    "shape = 1": "unknown fields: shape",
    'queue = { name = "notices", tries = 2 }': "tried five times at least",
    'queue = { title = "notices" }': "notify's queue: .*title",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_row_that_cannot_be_is_refused_with_its_reason(tmp_path, line):
    key = line.partition(" =")[0]
    kept = [each for each in WORKER.splitlines() if not each.startswith(f"{key} =")]
    kept = [each for each in kept if "streams" not in key or not each.startswith("queue")]
    whole = "\n".join(kept).replace("[notify]", f"[notify]\n{line}")
    whole = whole.replace("timeout = 30", "timeout = 29") if "paths" in line else whole
    with pytest.raises(Problem, match=WRONG[line]):
        read(tmp_path, whole)


def test_control_the_same_row_without_the_fault_is_taken(tmp_path):
    assert read(tmp_path, WORKER).one("notify").memory == 256


def test_two_rows_may_not_share_a_queue(tmp_path):
    with pytest.raises(Problem, match="names the queue notices twice"):
        read(tmp_path, WORKER + WORKER.replace("notify", "notify_again"))


def test_what_nothing_makes_cannot_be_granted(tmp_path):
    broken = read(tmp_path, WORKER.replace("orders", "odrers"))
    with pytest.raises(Problem, match="notify may use odrers, which nothing in infra/ makes"):
        resources.template(broken, INFRA)
