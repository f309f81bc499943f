"""A purchase with every function held to its own permissions, as on AWS."""

import json
from collections.abc import Iterator

import pytest

from chalicelib.config import settings
from localcloud import Cloud, fixups
from localcloud.deploy import STACK
from localcloud.processes import free_ports
from tests import live
from tests.journeys.market import Market
from tests.journeys.people import PASSWORD, Member, administers, goes, spends


@pytest.fixture(scope="module")
def strict(tmp_path_factory) -> Iterator[Cloud]:
    """A cloud of its own that refuses whatever a function's policy does not allow."""
    gateway, sandbox = free_ports(2)
    made = Cloud(tmp_path_factory.mktemp("strict"), gateway, sandbox)
    made.emulator.env["AUTH"] = "true"
    with made:
        yield made


@pytest.fixture
def market(strict) -> Iterator[Market]:
    with live.on_local_stage(strict):
        yield Market(strict)


def test_what_the_policies_allow_is_enough_for_every_way_an_order_may_go(market):
    mug = market.sell(10, low_stock_at=9)
    paid, expired, left = (market.buy({mug: 1}) for _ in range(3))
    cart = market.cart({mug: 2})
    market.data("POST", f"/cart/{cart}/reserve", {})
    market.data("POST", f"/cart/{cart}/update", {"variantId": mug, "quantity": 1})
    market.data("POST", f"/cart/{cart}/remove", {"variantId": mug})
    for path in ("/products", "/settings", "/inventory/report", f"/inventory/availability/{mug}"):
        market.data("GET", path)
    assert market.cloud.http.get("/health").json()["status"] == "healthy"

    market.act(paid, "pay", deliver=2, shuffle=True)
    market.act(expired, "expire")
    market.end_hold_of(left)
    assert market.cloud.invoke("sweep")["complete"] == 1

    market.turns(paid, "PAID")
    for order in (expired, left):
        market.turns(order, "CANCELLED")
    live.until(lambda: market.movements(mug)["OUTBOUND"] == 1, "the ledger is written")
    live.until(lambda: _told_low(market, mug), "that stock is low is told")
    live.until(lambda: market.state(mug) == "LOW", "lists know it as well")
    market.cloud.invoke("sweep_jobs")
    live.until(
        lambda: [one for one in market.scan("jobs") if one.get("state") == "DONE"], "a check"
    )
    market.check()


def test_a_late_payment_is_refunded_within_the_permissions(market):
    mug = market.sell(1)
    late = market.buy({mug: 1})
    market.act(late, "pay", lose=True)
    # The order ends as if the session had, and somebody else takes the unit.
    ended = {**_event_of(market, late), "type": "checkout.session.expired", "id": "evt_ended"}
    _put_on_the_queue(market, ended)
    market.turns(late, "CANCELLED")
    market.buy({mug: 1})

    _put_on_the_queue(market, _event_of(market, late))

    live.until(
        lambda: market.order(late)["paymentStatus"] == "REFUNDED", "the late payment is refunded"
    )
    market.check()


def test_the_policies_allow_all_that_is_done_with_money(market):
    mug = market.sell(10)
    owner = {"X_Api_Key": market.cloud.addresses["adminKey"]}
    lost, changed = market.buy({mug: 1}), market.buy({mug: 1})
    market.act(lost, "pay", lose=True)
    _begun_a_while_ago(market, lost)
    market.cloud.invoke("reconcile")
    market.turns(lost, "PAID")

    path = f"/orders/{changed.order_id}/pay"
    for way in ("paypal", "oxapay"):
        begun = market.data("POST", path, {"method": way}, X_Order_Token=changed.token)
    held = _payment(market, begun["paymentId"])
    market.sandbox.control("oxapay", held["session_id"], "pay")
    market.turns(changed, "PAID")

    refund = {"amount": 100, "reason": "scratched"}
    market.data("POST", f"/admin/orders/{lost.order_id}/refund", refund, **owner)
    (shown,) = market.data("GET", f"/admin/orders/{lost.order_id}/payments", **owner)["items"]
    assert shown["refunded"]["amount"] == 100
    market.data("POST", "/admin/reconcile", {"days": 1}, **owner)
    market.comes_to_rest()
    newest = market.data("GET", "/admin/webhooks", **owner)["items"][0]["id"]
    market.data("GET", f"/admin/webhooks/{newest}", **owner)
    market.data("POST", f"/admin/webhooks/{newest}/replay", {}, **owner)
    market.data("POST", "/admin/webhooks/replay", {}, **owner)
    market.data("GET", "/admin/dead-letters", **owner)
    market.data("POST", "/admin/dead-letters/replay", {}, **owner)
    market.check()


def _payment(market, payment_id: str) -> dict:
    return next(row for row in market.scan("payments") if row["payment_id"] == payment_id)


def _begun_a_while_ago(market, bought) -> None:
    """Long enough that reconciliation asks about it."""
    key = {"payment_id": {"S": bought.answer["paymentId"]}}
    market.tables.update_item(
        TableName=settings().table("payments"),
        Key=key,
        UpdateExpression="SET created_at = created_at - :seconds",
        ExpressionAttributeValues={":seconds": {"N": "3600"}},
    )


def test_the_policies_allow_all_that_people_do_with_their_accounts(market):
    ada, bob = Member(market), Member(market)
    ada.buys(market.sell(10), ada.keeps_house())
    administers(market, ada, bob)
    goes(ada)


def test_the_policies_allow_all_that_is_done_with_a_balance(market):
    ada = Member(market)
    # A quarter of it at most may be held unpaid at once.
    spends(market, ada, market.sell(100))
    market.check()
    # A balance's notes are among what the erasing function removes.
    ada.does("POST", "/user/erase", {"password": PASSWORD})
    market.cloud.invoke("erase")
    entries = [row for row in market.scan("balance-entries") if row["user_id"] == ada.user_id]
    assert entries and not any("note" in row for row in entries)


def test_control_functions_without_a_policy_are_refused(market):
    # Last of this file: nobody gives the policies back.
    for function in ("Shop", "Sweep"):
        _forbid(market, function)
    assert market.cloud.http.get("/health").json()["checks"]["cart"] is False
    # The first test here saw the sweep succeed: it is what reads nothing now.
    assert market.cloud.invoke("sweep")["complete"] == 0


def _told_low(market, variant_id: str) -> bool:
    return any(
        item["variant_id"] == variant_id and item.get("low_told") for item in market.scan("stock")
    )


def _event_of(market, bought) -> dict:
    return next(
        event
        for event in market.sandbox.state()["stripe"]["events"]
        if event["type"] == "checkout.session.completed"
        and event["data"]["object"]["id"] == bought.session
    )


def _put_on_the_queue(market, event) -> None:
    message = {"provider": "stripe", "receivedAt": 1, "body": json.dumps(event)}
    market.cloud.aws.client("sqs").send_message(
        QueueUrl=market.queue(), MessageBody=json.dumps(message)
    )


def _forbid(market, function: str) -> None:
    """Take a function's policy away."""
    role = fixups.physical_ids(market.cloud.aws, STACK)[f"{function}Role"]
    iam = market.cloud.aws.client("iam")
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
