"""Idempotency keys: the first answer is the answer."""

import threading
from collections.abc import Iterator

import pytest
import requests
import stripe

from localcloud.sandbox import Sandbox
from localcloud.sandbox.testing import KEY, client, order, wait_for


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def shop(sandbox: Sandbox) -> stripe.StripeClient:
    return client(sandbox.url)


def create(shop: stripe.StripeClient, key: str, **changes: object) -> stripe.checkout.Session:
    return shop.v1.checkout.sessions.create(
        params=order(expires_at=None, **changes), options={"idempotency_key": key}
    )


def test_the_same_call_again_gets_the_first_answer_even_when_the_session_moved_on(shop, sandbox):
    first = create(shop, "checkout:o1:1")
    sandbox.control("stripe", first.id, "pay")
    again = create(shop, "checkout:o1:1")
    assert (again.id, again.status) == (first.id, "open")
    assert len(sandbox.state()["stripe"]["sessions"]) == 1
    assert [call["replayed"] for call in sandbox.requests()] == [False, True]


def test_a_replay_says_so_in_its_headers(sandbox):
    answers = [
        requests.post(
            f"{sandbox.url}/v1/refunds",
            data={"payment_intent": "pi_none"},
            headers={"Authorization": f"Bearer {KEY}", "Idempotency-Key": "k"},
            timeout=5,
        )
        for _ in range(2)
    ]
    assert "Idempotent-Replayed" not in answers[0].headers
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[1].headers["Original-Request"] == answers[0].headers["Request-Id"]


def test_a_key_used_for_other_parameters_is_an_error(shop):
    create(shop, "k")
    with pytest.raises(stripe.IdempotencyError) as refused:
        create(shop, "k", client_reference_id="order-2")
    assert (refused.value.http_status, refused.value.error.type) == (400, "idempotency_error")


def test_a_key_used_for_another_endpoint_is_an_error(shop):
    session = create(shop, "k")
    with pytest.raises(stripe.IdempotencyError):
        shop.v1.checkout.sessions.expire(session.id, options={"idempotency_key": "k"})


def test_while_the_first_call_runs_a_second_one_is_a_conflict(shop, sandbox):
    sandbox.fault("checkout.sessions.create", "slow", seconds=60)
    first = threading.Thread(target=lambda: _suppressed(lambda: create(shop, "k")))
    first.start()
    wait_for(lambda: sandbox.world.idempotency._running)
    with pytest.raises(stripe.APIError) as refused:
        create(shop, "k")
    assert refused.value.http_status == 409
    assert refused.value.error.code == "idempotency_key_in_use"
    sandbox.world.stopping.set()  # the slow call need not last
    first.join()


def test_a_refused_parameter_is_not_kept(shop):
    with pytest.raises(stripe.InvalidRequestError):
        create(shop, "k", mode="gift")
    assert create(shop, "k").status == "open"


def test_a_refusal_during_execution_is_kept(shop, sandbox):
    session = create(shop, "s")
    sandbox.control("stripe", session.id, "pay")
    intent = shop.v1.checkout.sessions.retrieve(session.id).payment_intent
    ask = {"params": {"payment_intent": intent, "amount": 5000}}
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="greater than"):
            shop.v1.refunds.create(**ask, options={"idempotency_key": "r"})
    assert [call["replayed"] for call in sandbox.requests()][-2:] == [False, True]


def test_ten_refunds_at_once_with_one_key_give_the_money_back_once(shop, sandbox):
    session = create(shop, "s")
    sandbox.control("stripe", session.id, "pay")
    intent = shop.v1.checkout.sessions.retrieve(session.id).payment_intent
    options = {"idempotency_key": "refund:o1:1"}
    start = threading.Barrier(10)

    def ask() -> None:
        start.wait()
        params = {"payment_intent": intent, "amount": 100}
        _suppressed(lambda: client(sandbox.url).v1.refunds.create(params=params, options=options))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [refund["amount"] for refund in sandbox.state()["stripe"]["refunds"]] == [100]


def test_without_a_key_the_same_call_makes_a_second_refund(shop, sandbox):
    """The negative control: it is the key that holds the money back."""
    session = create(shop, "s")
    sandbox.control("stripe", session.id, "pay")
    intent = shop.v1.checkout.sessions.retrieve(session.id).payment_intent
    for _ in range(2):
        shop.v1.refunds.create(params={"payment_intent": intent, "amount": 100})
    assert len(sandbox.state()["stripe"]["refunds"]) == 2


def test_when_keys_are_forgotten_the_same_call_makes_a_second_session(shop, sandbox):
    first = create(shop, "k")
    assert sandbox.forget_keys() == 1
    assert create(shop, "k").id != first.id


def test_a_key_of_256_characters_is_refused(shop):
    with pytest.raises(stripe.InvalidRequestError, match="255"):
        create(shop, "k" * 256)


def _suppressed(act: object) -> None:
    try:
        act()
    except stripe.StripeError:
        return
