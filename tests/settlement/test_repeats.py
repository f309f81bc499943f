"""A webhook that comes again: dropped once its last step is written, never before."""

import pytest

from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from chalicelib.settlement import poll
from chalicelib.webhooks import inbox, workers
from tests.faults.shim import Crash, Shim
from tests.faults.world import check_world, scan


def of_type(events: list[dict], kind: str) -> dict:
    return next(event for event in events if event["type"] == kind)


def log_of(event: dict) -> dict:
    (row,) = [row for row in scan("webhooks") if row["event_id"] == event["id"]]
    return row


@pytest.fixture
def placed(shop):
    return shop.buy({shop.sell("mug", stock=5): 2})


@pytest.fixture
def refund(shop, placed):
    """What the provider tells of a refund made in its own pages, after a payment it told of."""
    shop.settle(placed)
    return of_type(shop.act(placed, "refund", amount=1500), "charge.refunded")


def test_a_repeat_costs_no_write_and_no_question_to_the_provider(shop, refund):
    shop.deliver(refund)
    shop.work()
    before = log_of(refund)
    shop.deliver(refund)
    with Shim() as shim:
        assert shop.work() == []
    asked = [call for call in shim.calls if call.startswith("stripe")]
    assert (shim.writes, asked) == ([], [])
    assert log_of(refund) == before


def test_control_a_log_that_forgets_asks_once_more_and_still_does_nothing_twice(
    shop, placed, refund, forgetful_log
):
    for _ in range(2):
        shop.deliver(refund)
        with Shim() as shim:
            assert shop.work() == []
    assert any(call.startswith("stripe") for call in shim.calls)
    payment = orders.payment_of(orders.read(placed.order.order_id))
    assert (payment.refunded, len(payment.refunds)) == (Money(1500, "USD"), 1)
    check_world(shop.sandbox.state())


def crashed_anywhere(shop, placed, refund) -> list[Money]:
    """What has gone back by the shop's books, for each write at which a worker of this died and
    another one took it up."""
    shop.deliver(refund)
    with Shim() as counted:
        shop.work()
    found = []
    for number, point in enumerate(counted.points()):
        # Each time a refund of its own, of which the shop has not heard.
        event = of_type(shop.act(placed, "refund", amount=10), "charge.refunded")
        shop.deliver(event)
        with Shim(crash=point), pytest.raises(Crash):
            shop.work()
        shop.deliver(event)
        assert shop.work() == []
        payment = orders.payment_of(orders.read(placed.order.order_id))
        found.append(Money(payment.refunded.amount - 1500 - 10 * number, "USD"))
    return found


def test_a_worker_that_dies_between_two_steps_leaves_the_second_to_the_next(shop, placed, refund):
    found = crashed_anywhere(shop, placed, refund)
    assert len(found) >= 4
    assert set(found) == {Money(10, "USD")}
    assert {row["status"] for row in scan("webhooks")} <= {"SUCCESS", "IGNORED"}
    check_world(shop.sandbox.state())


def test_control_a_success_noted_with_the_first_step_loses_the_second(
    shop, placed, refund, monkeypatch
):
    real = poll.poll_provider

    def early(payment, *, now, extra_writes=None, **more):
        poll.only(extra_writes)
        return real(payment, now=now, **more)

    monkeypatch.setattr(poll, "poll_provider", early)
    assert set(crashed_anywhere(shop, placed, refund)) != {Money(10, "USD")}


def test_a_step_that_fails_is_noted_though_an_earlier_one_went_well(
    shop, placed, refund, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(poll.refunding, "sync_refunds", broken)
        shop.deliver(refund)
        assert len(shop.work()) == 1
    assert (log_of(refund)["status"], log_of(refund)["error"]) == ("FAILED", "RuntimeError")
    shop.deliver(refund)
    assert shop.work() == []
    assert log_of(refund)["status"] == "SUCCESS"


def broken(payment, outcome, *, now):
    raise RuntimeError("the table is away")


def test_played_again_by_hand_it_is_worked_off_once_more(shop, refund):
    shop.deliver(refund)
    shop.work()
    inbox.replay(log_of(refund)["webhook_id"])
    with Shim() as shim:
        assert shop.work() == []
    assert any(call.startswith("stripe") for call in shim.calls)
    assert (log_of(refund)["status"], log_of(refund)["attempts"]) == ("SUCCESS", 2)


def test_two_at_once_both_work_and_the_order_decides(shop, placed, monkeypatch):
    event = of_type(shop.pay(placed), "checkout.session.completed")
    real, nested = workers.handle, []

    def while_another(reported, *, now, extra_writes):
        if not nested:
            nested.append(True)
            shop.deliver(event)
            assert shop.work() == []
        return real(reported, now=now, extra_writes=extra_writes)

    monkeypatch.setattr(workers, "handle", while_another)
    shop.deliver(event)
    assert shop.work() == []
    order = orders.read(placed.order.order_id)
    assert [step["to"] for step in order.history] == ["PENDING", "PAID"]
    assert log_of(event)["status"] == "SUCCESS"
    check_world(shop.sandbox.state())
