"""Faults on request: what the shop sees, and what really happened."""

import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
import stripe

from localcloud.sandbox import Sandbox
from localcloud.sandbox.client import ControlError
from localcloud.sandbox.testing import SECRET, Receiver, client, order, wait_for

CREATE = "checkout.sessions.create"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[Sandbox]:
    with Sandbox(webhook_url=receiver.url, webhook_secret=SECRET) as running:
        yield running


def create(sandbox: Sandbox, retries: int = 0) -> stripe.checkout.Session:
    return client(sandbox.url, retries).v1.checkout.sessions.create(
        params=order(expires_at=None), options={"idempotency_key": "k"}
    )


def sessions(sandbox: Sandbox) -> int:
    return len(sandbox.state()["stripe"]["sessions"])


@pytest.mark.parametrize(
    ("fault", "error", "status", "made"),
    [
        ("500", stripe.APIError, 500, 0),
        ("500_after", stripe.APIError, 500, 1),
        ("503", stripe.APIError, 503, 0),
        ("429", stripe.RateLimitError, 429, 0),
        ("lock", stripe.RateLimitError, 429, 0),
        ("garbage", stripe.APIError, 502, 0),
        ("hang", stripe.APIConnectionError, None, 0),
        ("reset", stripe.APIConnectionError, None, 0),
        ("timeout_after", stripe.APIConnectionError, None, 1),
        ("reset_after", stripe.APIConnectionError, None, 1),
    ],
)
def test_a_fault_hits_one_call(sandbox, fault, error, status, made):
    sandbox.fault(CREATE, fault, seconds=0)
    with pytest.raises(error) as broken:
        create(sandbox)
    assert broken.value.http_status == status
    assert sessions(sandbox) == made
    assert sandbox.state()["faults"] == []
    # A connection that is reset ends for the caller before it does for the sandbox.
    assert wait_for(sandbox.requests)[-1]["fault"] == fault


@pytest.mark.parametrize("fault", ["timeout_after", "reset_after"])
def test_a_lost_answer_is_found_again_under_its_key(sandbox, fault):
    sandbox.fault(CREATE, fault, seconds=0)
    with pytest.raises(stripe.APIConnectionError):
        create(sandbox)
    found = create(sandbox)
    assert found.id == sandbox.state()["stripe"]["sessions"][0]["id"]
    assert sessions(sandbox) == 1


@pytest.mark.parametrize("fault", ["500", "500_after"])
def test_a_500_is_replayed_under_its_key(sandbox, fault):
    sandbox.fault(CREATE, fault)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            create(sandbox)
    assert sandbox.requests()[-1]["replayed"] is True


@pytest.mark.parametrize("fault", ["503", "429", "reset"])
def test_a_call_that_never_began_may_be_tried_again_under_its_key(sandbox, fault):
    sandbox.fault(CREATE, fault)
    with pytest.raises(stripe.StripeError):
        create(sandbox)
    assert create(sandbox).status == "open"


def test_the_sdks_own_retries_get_through_two_faults(sandbox):
    sandbox.fault(CREATE, "reset_after")
    sandbox.fault(CREATE, "503")
    assert create(sandbox, retries=2).status == "open"
    assert sessions(sandbox) == 1


def test_a_pattern_hits_several_calls_and_others_go_well(sandbox):
    sandbox.fault("refunds.*", "500", times=2)
    shop = client(sandbox.url)
    assert create(sandbox).status == "open"
    for call in (lambda: shop.v1.refunds.list(), lambda: shop.v1.refunds.retrieve("re_1")):
        with pytest.raises(stripe.APIError):
            call()
    assert shop.v1.refunds.list().data == []


def test_a_webhook_may_arrive_before_the_session_is_answered(sandbox, receiver):
    sandbox.fault(CREATE, "paid_first", seconds=10)
    session = create(sandbox)
    paid = receiver.events("checkout.session.completed")
    assert [event["data"]["object"]["id"] for event in paid] == [session.id]
    assert session.status == "open"


def test_faults_can_be_taken_back(sandbox):
    sandbox.fault("*", "500", times=100)
    sandbox.no_faults()
    assert create(sandbox).status == "open"


def test_a_hanging_call_ends_when_the_sandbox_stops():
    running = Sandbox().start()
    running.fault(CREATE, "hang", seconds=600)

    def call() -> None:
        with suppress(stripe.APIConnectionError):
            create(running)

    caller = threading.Thread(target=call)
    caller.start()
    wait_for(lambda: not running.world.faults.waiting())
    running.stop()
    caller.join(5)  # the client itself would wait for ten seconds
    assert not caller.is_alive()


@pytest.mark.parametrize(
    ("kind", "fault", "more"),
    [
        ("nothing", "500", {}),
        (CREATE, "explode", {}),
        ("refunds.create", "paid_first", {}),
        (CREATE, "500", {"times": 0}),
        (CREATE, "hang", {"seconds": -1}),
    ],
)
def test_a_fault_nobody_knows_is_refused(sandbox, kind, fault, more):
    with pytest.raises(ControlError) as refused:
        sandbox.fault(kind, fault, **more)
    assert refused.value.status == 422
