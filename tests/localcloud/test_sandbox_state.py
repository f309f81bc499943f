"""The sandbox's memory and clock: restarts, endings, races, and the control API's manners."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests
import stripe

from localcloud.sandbox import Sandbox, SandboxClient
from localcloud.sandbox.client import ControlError
from localcloud.sandbox.store import Store
from localcloud.sandbox.stripe import sessions
from localcloud.sandbox.testing import SECRET, Receiver, client, order, wait_for

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def make(sandbox: SandboxClient, key: str = "k") -> stripe.checkout.Session:
    return client(sandbox.url).v1.checkout.sessions.create(
        params=order(expires_at=None), options={"idempotency_key": key}
    )


def test_a_restart_goes_on_with_yesterdays_sessions(tmp_path, receiver):
    file = tmp_path / "state" / "sandbox.sqlite"
    with Sandbox(state=file, webhook_url=receiver.url, webhook_secret=SECRET) as before:
        paid, open_one = make(before, "a"), make(before, "b")
        before.control("stripe", paid.id, "pay", delayMs=3_600_000)
    assert receiver.events() == []
    with Sandbox(state=file, webhook_url=receiver.url, webhook_secret=SECRET) as after:
        assert make(after, "b").id == open_one.id
        assert after.control("stripe", open_one.id, "pay")["session"]["status"] == "complete"
        assert after.quiesce(hurry=True)
        found = [event["data"]["object"]["id"] for event in receiver.events()]
        assert {paid.id, open_one.id} <= set(found)


def test_a_webhook_under_way_at_the_end_is_sent_at_the_next_start(tmp_path, receiver):
    file = tmp_path / "sandbox.sqlite"
    receiver.gate.clear()
    with Sandbox(state=file, webhook_url=receiver.url, webhook_secret=SECRET) as before:
        before.control("stripe", make(before).id, "expire")
        wait_for(lambda: receiver.waiting == 1)
    with Sandbox(state=file, webhook_url=receiver.url, webhook_secret=SECRET) as after:
        receiver.gate.set()
        assert after.quiesce()
    assert len({event["id"] for event in receiver.events()}) == 1


def test_a_session_ends_by_itself_at_its_time(receiver):
    with Sandbox(webhook_url=receiver.url, webhook_secret=SECRET) as sandbox:
        ended, other = make(sandbox, "a"), make(sandbox, "b")
        store = sandbox.world.store
        with store.transaction():
            document = store.get(sessions.KIND, ended.id)
            store.put(sessions.KIND, {**document, "expires_at": 1})
        (event,) = wait_for(lambda: receiver.events("checkout.session.expired"))
        assert event["data"]["object"]["id"] == ended.id
        assert client(sandbox.url).v1.checkout.sessions.retrieve(other.id).status == "open"


def test_of_a_payer_and_an_end_at_the_same_moment_one_wins():
    with Sandbox() as sandbox:
        for number in range(10):
            session = make(sandbox, f"k{number}")
            start, lost = threading.Barrier(2), []

            def act(action: str) -> None:
                start.wait()  # noqa: B023
                try:
                    sandbox.control("stripe", session.id, action)  # noqa: B023
                except ControlError as refused:
                    lost.append(refused.status)  # noqa: B023

            threads = [threading.Thread(target=act, args=(a,)) for a in ("pay", "expire")]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert lost == [409]
        paid = [s for s in sandbox.state()["stripe"]["sessions"] if s["payment_status"] == "paid"]
        assert len(paid) == len(sandbox.state()["stripe"]["charges"])


def test_a_transaction_that_fails_leaves_nothing():
    with closing(Store()) as store:
        with suppress(KeyError), store.transaction():
            store.put("thing", {"id": "1"})
            raise KeyError
        assert store.get("thing", "1") is None


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("stripe/cs_none/pay", {}, 404, "cs_none"),
        ("nobody/1/pay", {}, 404, "Unknown provider"),
        ("stripe/cs_none/dance", {}, 422, "async-succeed"),
        ("stripe/cs_none/pay", {"deliver": "5"}, 422, "deliver must be of type int"),
        ("stripe/cs_none/pay", {"deliver": True}, 422, "deliver must be of type int"),
        ("stripe/cs_none/pay", {"deliver": 101}, 422, "between 0 and 100"),
        ("stripe/cs_none/pay", {"speed": 1}, 422, "Unknown field speed"),
        ("stripe/cs_none/pay", [1], 422, "JSON object"),
        ("deliver", {"event": "evt_none"}, 404, "No such event"),
        ("faults", {"kind": "refunds.create"}, 422, "fault is missing"),
        ("webhook", {"uri": "x"}, 422, "Unknown field uri"),
        ("dance", {}, 404, ""),
    ],
)
def test_a_control_call_that_makes_no_sense_says_why(path, body, status, words):
    with Sandbox() as sandbox:
        answer = requests.post(f"{sandbox.url}/_control/{path}", json=body, timeout=5)
        assert answer.status_code == status
        assert words in answer.text


@pytest.mark.parametrize(
    "action", ["refund", "refund-fail", "dispute", "async-succeed", "pay-again"]
)
def test_what_does_not_fit_the_sessions_state_is_a_409(action):
    with Sandbox() as sandbox, pytest.raises(ControlError) as refused:
        sandbox.control("stripe", make(sandbox).id, action)
    assert refused.value.status == 409


def test_reset_forgets_everything(receiver):
    with Sandbox(webhook_url=receiver.url, webhook_secret=SECRET) as sandbox:
        session = make(sandbox)
        sandbox.control("stripe", session.id, "pay", delayMs=60_000)
        sandbox.fault("refunds.create", "500")
        sandbox.reset()
        state = sandbox.state()
        assert state["deliveries"] == state["faults"] == state["stripe"]["sessions"] == []
        assert make(sandbox).id != session.id


def test_the_calls_that_came_in_can_be_looked_at():
    with Sandbox() as sandbox:
        make(sandbox, "checkout:o1:1")
        (call,) = sandbox.requests()
        assert (call["kind"], call["idempotencyKey"]) == (
            "checkout.sessions.create",
            "checkout:o1:1",
        )
        assert "line_items[0][price_data][unit_amount]=1999" in requests.utils.unquote(call["body"])


def test_a_name_of_another_machine_is_refused():
    with Sandbox() as sandbox:
        answer = requests.get(sandbox.url, headers={"Host": "evil.example:80"}, timeout=5)
        assert answer.status_code == 421


def test_the_command_line_serves_and_ends_on_sigterm(tmp_path):
    command = [sys.executable, "-m", "localcloud.sandbox", "--port", "0"]
    state = ["--state", str(tmp_path / "state.sqlite")]
    process = subprocess.Popen(
        [*command, *state], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    try:
        url = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline()).group()
        assert make(SandboxClient(url)).status == "open"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.stdout.close()
        process.wait(10)


def test_a_killed_sandbox_has_lost_nothing_at_its_next_start(tmp_path):
    state = tmp_path / "state.sqlite"
    process = subprocess.Popen(
        [sys.executable, "-m", "localcloud.sandbox", "--port", "0", "--state", str(state)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        url = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline()).group()
        made = make(SandboxClient(url))
        SandboxClient(url).control("stripe", made.id, "pay")
    finally:
        process.kill()
        process.stdout.close()
        process.wait(10)
    with Sandbox(state=state) as after:
        assert make(after).id == made.id
        assert [charge["amount"] for charge in after.state()["stripe"]["charges"]] == [4598]


def test_a_busy_port_is_one_clear_sentence():
    with Sandbox() as sandbox:
        port = sandbox.url.rpartition(":")[2]
        done = subprocess.run(
            [sys.executable, "-m", "localcloud.sandbox", "--port", port],
            cwd=ROOT, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"port {port} is busy" in done.stderr
    assert "Traceback" not in done.stderr


def test_sixty_checkouts_at_once_all_get_their_session():
    with Sandbox() as sandbox:
        made: list[str] = []
        threads = [
            threading.Thread(target=lambda n=n: made.append(make(sandbox, f"k{n}").id))
            for n in range(60)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(made)) == 60
