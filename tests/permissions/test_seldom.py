"""Rights that a function needs seldom, each used as the function itself would.

What happens here is what other tests do below the handlers, or a race that hardly ever is. The
recorder holds each call against the policy of the function that runs.
"""

import json

import boto3
import pytest

from chalicelib.config import settings
from chalicelib.inventory.workers import ledger
from chalicelib.kernel import cache, clock, limits, outages, rates
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.ids import token
from chalicelib.kernel.personal_data import Person
from chalicelib.orders import service as orders
from chalicelib.payments import pages
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.tables import ClaimItem, CustomerItem
from chalicelib.privacy.contexts import PERSONAL_DATA
from chalicelib.security import blocks
from chalicelib.settlement import attempts, outcomes
from chalicelib.settlement.workers import reconcile, sweep
from tests import factory, stage
from tests.accounts import people
from tests.balance.buyers import TOTAL, Buyer
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import check_world
from tests.listener import Listener
from tests.payments.redpacket import world as redpacket
from tests.payments.usdt.world import AFTER_THE_END, World
from tests.permissions import recorder
from tests.shop import scheduled
from tests.subscriptions.world import MONTH

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
AN_HOUR = 3600


@pytest.fixture
def mugs(shop):
    shop.sell("mug", stock=9)
    yield shop
    clock.shift(0)


def status(placed) -> str:
    return str(orders.read(placed.order.order_id).status)


def body(**changes):
    wish = {"email": "ada@shop.test", "address": factory.ADDRESS, "shippingMethod": "standard"}
    return wish | changes


def _paid_twice(shop, monkeypatch):
    """An unpaid order of which nobody has heard that its page was paid, nor that the balance paid a
    second try: the process died before that was written down."""
    rich = Buyer(shop, 6000)
    placed = rich.buy(use_balance=False)
    shop.pay(placed)
    with monkeypatch.context() as patched, Shim(crash=Point(2, after=False)):
        patched.setattr(attempts, "_close_others", lambda *_, **__: None)
        with pytest.raises(Crash):
            attempts.pay(placed.order, "balance", now=clock.now())
    assert rich.balance == 6000 - TOTAL
    return rich, placed


# ---- the API -----------------------------------------------------------------------------------


def test_the_api_may_tell_the_topic_of_a_new_account(shop):
    listener = Listener()
    wish = {"email": "eve@shop.test", "password": people.PASSWORD}
    assert shop.call("POST", "/api/auth/register", wish).status_code == 201
    assert [event["type"] for event in listener.events()] == ["account.verification_requested"]


def test_the_api_may_reserve_the_sum_that_a_payment_over_a_chain_asks_for(mugs):
    path = f"/api/cart/{factory.cart_with({'mug': 1})}/checkout"
    answer = mugs.call("POST", path, body(paymentMethod="usdt-trc20"))
    assert answer.status_code == 200, answer.body
    assert len(list(ClaimItem.scan())) == 1


def test_the_api_may_give_a_whole_payment_back_into_the_balance_that_made_it(mugs):
    ada, header = people.bearer()
    factory.user_with(6000, user_id=ada)
    path = f"/api/cart/{factory.cart_with({'mug': 2})}/checkout"
    placed = mugs.call("POST", path, body(paymentMethod="balance"), **header).json_body["data"]
    assert factory.balance_of(ada) == 6000 - TOTAL
    path = f"/api/admin/orders/{placed['orderId']}/refund"
    answer = mugs.call("POST", path, {"reason": "broken"}, **KEY, **{"Idempotency-Key": token()})
    assert answer.status_code == 200, answer.body
    assert factory.balance_of(ada) == 6000
    check_world()


def test_the_api_may_forget_whom_the_provider_knows_somebody_as(shop):
    ada, header = people.bearer()
    wish = {"planId": MONTH}
    begun = shop.call("POST", "/api/subscriptions", wish, **header, **{"Idempotency-Key": token()})
    assert begun.status_code == 200, begun.body
    assert dynamo.get(CustomerItem, ada, "stripe") is not None
    answer = shop.call("POST", "/api/user/erase", {"password": people.PASSWORD}, **header)
    assert answer.status_code == 200, answer.body
    assert dynamo.get(CustomerItem, ada, "stripe") is None


# ---- workers -----------------------------------------------------------------------------------


def test_the_ledger_may_hide_a_message_that_failed_once_more(shop):
    sqs, url = boto3.client("sqs"), settings().ledger_again_queue_url
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"dynamodb": {"NewImage": "poison"}}))
    (message,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    record = {
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:{stage.ACCOUNT}:{stage.LEDGER_QUEUE}",
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "3"},
    }
    failed = ledger({"Records": [record]}, None)["batchItemFailures"]
    assert [each["itemIdentifier"] for each in failed] == [message["MessageId"]]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_the_worker_may_keep_out_who_tries_stolen_cards_though_the_list_is_full(mugs, monkeypatch):
    listener, now = Listener(), clock.now()
    monkeypatch.setattr(blocks, "MAX_BLOCKS", 3)
    for number in range(3):
        blocks.pause(rates.address(f"203.0.113.{number}"), "test", until=now - 1, now=now - 9)
    cache.forget_all()
    path = f"/api/cart/{factory.cart_with({'mug': 1})}/checkout"
    assert mugs.call("POST", path, body()).status_code == 200
    (session,) = mugs.sandbox.state()["stripe"]["sessions"]
    for number in range(limits.DECLINED_PAYMENTS.most):
        intent = {"id": f"pi_{number}", "metadata": session["metadata"]}
        kind = "payment_intent.payment_failed"
        event = {"id": f"evt_{number}", "object": "event", "type": kind, "livemode": False}
        assert mugs.deliver({**event, "data": {"object": intent}}).status_code == 200
        cache.forget_all()  # the worker is another process than the API
        assert mugs.work() == []
    assert {event["type"] for event in listener.events()} == {"security.unusual"}
    assert [each.until > now for each in blocks.current(now)] == [True]


def test_the_worker_may_note_that_a_provider_is_down(mugs):
    orders_placed = [mugs.buy({"mug": 1}) for _ in range(outages.FAILURES)]
    for placed in orders_placed:
        mugs.settle(placed)
    mugs.sandbox.fault("*", "500", times=100)
    for placed in orders_placed:
        mugs.deliver(_refund_of(mugs, placed))
        mugs.work()
    assert list(outages.current()) == ["stripe"]


def _refund_of(shop, placed) -> dict:
    """An event of a refund made in the provider's own pages: the shop asks about its payment."""
    intent = shop.session_of(placed)["payment_intent"]
    refund = {"id": f"re_{token()}", "object": "refund", "payment_intent": intent}
    made = {"id": f"evt_{token()}", "object": "event", "type": "refund.created", "livemode": False}
    return {**made, "data": {"object": {**refund, "status": "succeeded", "metadata": {}}}}


def _erase(user_id: str) -> None:
    """What the schedule does for somebody who has asked for it."""
    person = Person(user_id, None)
    cache.forget_all()  # another process than the API
    with recorder.running("erase"):
        for each in PERSONAL_DATA.values():
            each.erase(person, now=clock.now())


def test_the_eraser_may_return_the_balances_part_of_an_unpaid_order(mugs):
    poor = Buyer(mugs, 1200)
    placed = poor.buy()
    _erase(poor.user_id)
    assert (status(placed), poor.balance) == ("CANCELLED", 1200)
    check_world()


def test_the_eraser_may_give_a_second_payment_back_into_the_balance(mugs, monkeypatch):
    rich, placed = _paid_twice(mugs, monkeypatch)
    _erase(rich.user_id)
    assert (status(placed), rich.balance) == ("PAID", 6000)
    rich.world()


def test_the_eraser_may_close_an_order_that_waits_for_a_red_packet(shop):
    redpacket.open_shop(shop)
    placed = shop.checkout(
        factory.cart_with({"mug": 1}), payment_method=redpacket.NAME, user_id="usr_ada"
    )
    _erase("usr_ada")
    assert status(placed) == "CANCELLED"


def test_the_eraser_may_note_that_a_provider_is_down(mugs):
    placed = [mugs.checkout(factory.cart_with({"mug": 1}), user_id="usr_ada") for _ in range(2)]
    mugs.sandbox.fault("*", "500", times=100)
    _erase("usr_ada")
    assert [status(one) for one in placed] == ["PENDING", "PENDING"]
    assert list(outages.current()) == ["stripe"]


# ---- schedules ---------------------------------------------------------------------------------


@pytest.mark.parametrize("job", [sweep, reconcile], ids=["sweep", "reconcile"])
def test_a_job_may_note_that_a_provider_is_well_again(mugs, job):
    mugs.buy({"mug": 1})
    outages.OutageItem("stripe", since=1).save()
    clock.shift(AN_HOUR)
    job(scheduled(clock.now()), None)
    assert list(outages.current()) == []


def test_the_sweeper_may_count_money_that_came_over_a_chain(shop):
    shop.sell("mug", stock=20)
    world = World(shop, "usdt-trc20")
    placed = world.buy()
    world.act("pay", placed)
    world.pass_time(AFTER_THE_END)
    sweep(scheduled(clock.now()), None)
    assert world.states(placed) == ("PAID", "SUCCESS")
    check_world()


def test_the_sweeper_may_give_a_second_payment_back_into_the_balance(mugs, monkeypatch):
    rich, placed = _paid_twice(mugs, monkeypatch)
    clock.shift(4 * AN_HOUR)
    sweep(scheduled(clock.now()), None)
    assert (status(placed), rich.balance) == ("PAID", 6000)
    rich.world()


def test_the_sweeper_may_find_units_anew_for_who_paid_while_the_order_was_cancelled(
    mugs, monkeypatch
):
    placed = mugs.buy({"mug": 1})
    mugs.pay(placed)
    close_page = pages.close_page

    def cancelled_meanwhile(*asked, **how):
        with recorder.elsewhere():
            outcomes.apply(placed.order.order_id, Outcome(State.ENDED), now=clock.now())
        return close_page(*asked, **how)

    monkeypatch.setattr(pages, "close_page", cancelled_meanwhile)
    clock.shift(AN_HOUR)
    sweep(scheduled(clock.now()), None)
    assert status(placed) == "PAID"
    check_world(mugs.sandbox.state())
