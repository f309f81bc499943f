"""Each repair of the emulator, with what happens without it."""

import json
import os
import subprocess
import sys
import threading
import types
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from localcloud import launcher
from tests.live import until


class Lambdas:
    """Counts calls in flight, and refuses any beyond `most`, as the emulator does."""

    def __init__(self, most):
        self.most, self.flying, self.highest = most, 0, 0
        self.lock = threading.Lock()

    def _acquire_execution_slot(self, func, config):
        with self.lock:
            if self.flying >= self.most:
                return None, "account"
            self.flying += 1
            self.highest = max(self.highest, self.flying)
        return "slot", None

    def _release_execution_slot(self, slot):
        with self.lock:
            self.flying -= 1


ROUTES = {"Handler": "app.app"}
QUEUES = {"Handler": "chalicelib.webhooks.workers.settle"}


def answered(lambdas, calls, met):
    """How many of `calls` calls at once get a turn; each holds its turn until `met` others came."""
    barrier = threading.Barrier(met)

    def call(_):
        slot, _limit = lambdas._acquire_execution_slot({}, ROUTES)
        if slot is None:
            return False
        barrier.wait(10)
        lambdas._release_execution_slot(slot)
        return True

    with ThreadPoolExecutor(calls) as pool:
        return sum(pool.map(call, range(calls)))


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(launcher.os, "cpu_count", lambda: 2)


def test_calls_beyond_what_the_machine_bears_wait_for_their_turn(two_cores):
    lambdas = Lambdas(most=8)
    launcher.wait_instead_of_throttling(lambdas)
    assert answered(lambdas, calls=32, met=8) == 32
    assert lambdas.highest == 8


def test_without_that_repair_they_are_refused():
    lambdas = Lambdas(most=8)
    refused = [lambdas._acquire_execution_slot({}, ROUTES)[0] for _ in range(32)].count(None)
    assert refused == 24


def works_off_a_long_queue(lambdas):
    """Starts as many of a queue's calls as get a turn; they hold it. Returns what ends them."""
    done = threading.Event()

    def call():
        slot, _limit = lambdas._acquire_execution_slot({}, QUEUES)
        done.wait(10)
        lambdas._release_execution_slot(slot)

    for _ in range(32):
        threading.Thread(target=call, daemon=True).start()
    until(lambda: lambdas.flying, "the queue is worked off", 10)
    return done


def test_somebody_who_waits_for_an_answer_waits_for_no_queue(two_cores):
    lambdas = Lambdas(most=32)
    launcher.wait_instead_of_throttling(lambdas)
    done = works_off_a_long_queue(lambdas)
    try:
        assert answered(lambdas, calls=8, met=8) == 8
    finally:
        done.set()


@pytest.fixture
def bucket():
    """The part of the emulator's S3 that its CDN asks."""

    def fetch(bucket_name, key, method, headers, source_arn="", oai_id=""):
        there = key in objects and source_arn
        return (200, {}, b"page") if there else (403, {}, b"AccessDenied")

    objects = {"index.html": b"page"}
    return types.SimpleNamespace(
        serve_cloudfront_origin_fetch=fetch,
        _ensure_bucket=lambda name: {"objects": objects} if name == "site" else None,
        _error=lambda code, message, status, path: (status, {}, code.encode()),
    )


def test_a_missing_object_is_404_and_a_forbidden_one_403(bucket):
    assert bucket.serve_cloudfront_origin_fetch("site", "no.html", "GET", {}, "cdn")[0] == 403
    launcher.tell_missing_from_forbidden(bucket)
    fetch = bucket.serve_cloudfront_origin_fetch
    assert fetch("site", "no.html", "GET", {}, "cdn")[0] == 404
    assert fetch("site", "index.html", "GET", {}, "cdn")[0] == 200
    assert fetch("site", "index.html", "GET", {})[0] == 403
    assert fetch("elsewhere", "index.html", "GET", {})[0] == 403


def test_gateway_answers_tell_the_time():
    text = b'{"timestamp":$context.requestTimeEpoch}'
    gateway = types.SimpleNamespace(_gateway_error_response=lambda *_: (404, {}, text))
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(gateway._gateway_error_response()[2])
    launcher.fill_in_request_time(gateway)
    status, _, body = gateway._gateway_error_response("error", "request")
    assert status == 404
    assert json.loads(body)["timestamp"] > 1_700_000_000_000


def test_the_shops_health_is_not_the_emulators():
    app = types.SimpleNamespace(_HEALTH_PATHS=("/_ministack/health", "/health"))
    launcher.keep_health_for_the_shop(app)
    assert app._HEALTH_PATHS == ("/_ministack/health",)


@pytest.fixture
def unpacked(tmp_path):
    """Unpacks `name` with the given text into a folder of its own, as each new process does."""
    runtime = types.SimpleNamespace(zipfile=zipfile)
    launcher.unpack_once(runtime, tmp_path / "layers", tmp_path / "code")

    def unpack(name, text, place):
        archive = tmp_path / place / name
        target = archive.with_suffix("")
        target.mkdir(parents=True)
        with zipfile.ZipFile(archive, "w") as written:
            written.writestr(zipfile.ZipInfo("python/module.py"), text)
        with runtime.zipfile.ZipFile(archive) as opened:
            opened.extractall(target)
        return target / "python" / "module.py"

    return unpack


def test_processes_with_the_same_content_share_one_folder(unpacked):
    first, second = (unpacked("layer_0.zip", "x = 1", place) for place in ("one", "two"))
    assert first.read_text() == second.read_text() == "x = 1"
    assert first.resolve() == second.resolve()


def test_processes_with_other_content_do_not(unpacked):
    first, second = unpacked("code.zip", "x = 1", "one"), unpacked("code.zip", "x = 2", "two")
    assert (first.read_text(), second.read_text()) == ("x = 1", "x = 2")


def test_removing_one_processs_folder_leaves_the_others(unpacked, tmp_path):
    import shutil

    unpacked("code.zip", "x = 1", "one")
    second = unpacked("code.zip", "x = 1", "two")
    shutil.rmtree(tmp_path / "one")
    assert second.read_text() == "x = 1"


# ---- who gives way to whom -----------------------------------------------------------------------


@pytest.fixture
def runtime():
    """The emulator's runtime: a worker is a process of its own."""
    begun = []

    class Worker:
        def __init__(self, handler):
            self.config, self._proc = {"Handler": handler}, None

        def _spawn(self):
            self._proc = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
            begun.append(self._proc)

        def niceness(self):
            self._spawn()
            return os.getpriority(os.PRIO_PROCESS, self._proc.pid)

    yield types.SimpleNamespace(Worker=Worker)
    for process in begun:
        process.communicate()


def test_what_nobody_waits_for_gives_way_to_what_answers(runtime):
    launcher.let_answers_go_first(runtime)
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert runtime.Worker("app.app").niceness() == ours
    assert runtime.Worker("chalicelib.webhooks.workers.settle").niceness() == launcher.GIVES_WAY


def test_control_untouched_a_queues_worker_is_as_good_as_the_api(runtime):
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert runtime.Worker("chalicelib.webhooks.workers.settle").niceness() == ours


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("sns:PublishBatch", "sns:Publish"),
        ("sqs:SendMessageBatch", "sqs:SendMessage"),
        ("sqs:SendMessage", "sqs:SendMessage"),
        ("dynamodb:GetBatch", "dynamodb:GetBatch"),
        (None, None),
    ],
)
def test_who_may_send_one_message_may_send_ten(asked, wanted):
    actions = types.SimpleNamespace(extract_iam_action=lambda *_: asked)
    launcher.allow_batches_with_their_single_calls(actions)
    assert actions.extract_iam_action("service") == wanted
