"""A provider hangs: it costs some calls, not every buyer's time, and nobody else's order.

Counted are the calls that reach the provider: each would last until its timeout.
"""

import pytest
import requests
import stripe

from chalicelib.kernel import clock, outages
from chalicelib.orders import service as orders
from chalicelib.payments import service as payments
from chalicelib.payments.providers.oxapay import provider as oxapay
from chalicelib.payments.providers.stripe import sdk
from chalicelib.payments.registry import PROVIDERS
from chalicelib.settlement import expire, reconcile
from localcloud.sandbox.testing import Receiver
from tests import factory
from tests.faults import hot
from tests.faults.world import check_world, scan
from tests.kernel.envelope import refused

AN_HOUR = 3600
LATER = reconcile.USUAL_SECONDS + 1
# Two steps that fail, each with the SDK's one repeat.
TWO_FAILURES = 4
BODY = {"address": factory.ADDRESS, "shippingMethod": "standard"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """No call waits long for an answer that never comes."""
    monkeypatch.setattr(sdk, "TIMEOUT_SECONDS", (1, 0.2))
    monkeypatch.setattr(oxapay, "TIMEOUT_SECONDS", (1, 0.2))
    monkeypatch.setattr(stripe.RequestsClient, "_sleep_time_seconds", lambda *_: 0)


def hang(shop, kind: str) -> None:
    shop.sandbox.fault(kind, "hang", times=600, seconds=0.5)


SENT: list[str] = []


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What this process sends; the sandbox knows of a call that hangs only when it is over."""
    SENT.clear()
    real = requests.Session.send

    def send(session, request, **how):
        SENT.append(request.url)
        return real(session, request, **how)

    monkeypatch.setattr(requests.Session, "send", send)


def calls(path: str = "/v1/checkout/sessions") -> int:
    return sum(path in url for url in SENT)


def checkout(shop, number: int, **changes: str):
    body = {**BODY, "email": f"buyer{number}@shop.test", **changes}
    return shop.call("POST", f"/api/cart/{factory.cart_with({'mug': 1})}/checkout", body)


@pytest.fixture
def down(shop):
    """Stripe hangs, and two buyers have found out."""
    shop.sell("mug", stock=50)
    hang(shop, "checkout.sessions.*")
    for number in range(2):
        refused(checkout(shop, number), 503, "PROVIDER_BUSY")
    return shop


# ---- requests ----------------------------------------------------------------------------------


def test_after_two_buyers_nobody_waits_for_a_provider_that_hangs(down):
    assert calls() == TWO_FAILURES
    for number in range(2, 8):
        answer = checkout(down, number)
        refused(answer, 503, "PROVIDER_BUSY")
        assert answer.headers["Retry-After"] == "60"
    assert calls() == TWO_FAILURES
    # Nothing was written for those who were sent away at once.
    assert len(scan("orders")) == 2
    assert factory.stock("mug")["reserved"] == 2


def test_control_without_the_note_every_buyer_waits(shop, monkeypatch):
    monkeypatch.setattr(outages, "FAILURES", 10**9)
    shop.sell("mug", stock=50)
    hang(shop, "checkout.sessions.*")
    for number in range(4):
        checkout(shop, number)
    assert calls() == 4 * 2


def test_another_way_to_pay_works_all_the_while(down):
    placed = down.checkout(factory.cart_with({"mug": 1}), payment_method="oxapay")
    assert placed.url


def test_a_job_finds_out_that_it_is_well_and_buyers_are_let_through(down):
    down.sandbox.no_faults()
    refused(checkout(down, 2), 503, "PROVIDER_BUSY")
    expire.sweep(clock.now())
    assert scan("outages") == []
    assert checkout(down, 3).status_code == 200


def test_while_it_hangs_a_job_asks_once_in_a_run(down):
    before = calls()
    expire.sweep(clock.now())
    assert calls() - before == 2  # with the SDK's repeat
    assert len(scan("outages")) == 1


@pytest.mark.parametrize("fault", ["lock", "429"])
def test_a_buyer_who_clicks_often_switches_nothing_off_for_others(shop, fault):
    shop.sell("mug", stock=50)
    shop.sandbox.fault("checkout.sessions.create", fault, times=12)
    for number in range(6):
        refused(checkout(shop, number), 503, "PROVIDER_BUSY")
    shop.sandbox.no_faults()
    assert checkout(shop, 7).status_code == 200


# ---- expired holds of others -------------------------------------------------------------------


@pytest.fixture
def taken(shop):
    """All six mugs stand in orders past their end, whose provider hangs."""
    shop.sell("mug", stock=6)
    for _ in range(6):
        shop.buy({"mug": 1})
    clock.shift(AN_HOUR)
    hang(shop, "checkout.sessions.*")
    return shop


def test_a_checkout_that_must_end_holds_of_a_hanging_provider_is_bounded_and_answered(taken):
    before = calls()
    answer = checkout(taken, 1, paymentMethod="oxapay")
    assert answer.status_code in (409, 503)
    assert answer.json_body["success"] is False
    assert answer.json_body["code"] in ("OUT_OF_STOCK", "UNAVAILABLE")
    assert calls() - before <= TWO_FAILURES


def test_control_without_the_note_it_asks_for_each_hold(taken, monkeypatch):
    monkeypatch.setattr(outages, "FAILURES", 10**9)
    before = calls()
    checkout(taken, 1, paymentMethod="oxapay")
    assert calls() - before > TWO_FAILURES


def test_holds_of_others_are_ended_though_one_provider_is_down(shop):
    shop.sell("pen", stock=5)
    for _ in range(4):
        shop.buy({"pen": 1})
    hot.hold("hld_free", {"pen": 1}, until=clock.now() + 1)
    clock.shift(AN_HOUR)
    outages.OutageItem("stripe", since=1).save()
    before = calls()
    assert shop.checkout(factory.cart_with({"pen": 1}), payment_method="oxapay").url
    assert calls() == before


def test_the_sweeper_asks_twice_and_ends_what_needs_no_provider(taken):
    taken.sell("pen", stock=4)
    for number in range(4):
        hot.hold(f"hld_{number}", {"pen": 1}, until=clock.now() + 1)
    before = calls()
    swept = expire.sweep(clock.now() + AN_HOUR)
    assert calls() - before == TWO_FAILURES
    assert (swept.ended, swept.failed, swept.complete) == (4, 2, False)
    assert swept.counts()["left"] == 4
    taken.sandbox.no_faults()
    assert expire.sweep(clock.now() + AN_HOUR).ended == 6
    check_world(taken.sandbox.state())


# ---- jobs and the queue ------------------------------------------------------------------------


def status(placed) -> str:
    return str(orders.read(placed.order.order_id).status)


@pytest.fixture
def mixed(shop):
    """Three orders paid by coins, three by card; the webhooks of all wait on the queue."""
    shop.sell("mug", stock=50)
    with Receiver() as receiver:
        receiver.says = b"ok"
        shop.sandbox.world.deliveries.url = receiver.url
        coins, cards = [], []
        for number in range(3):
            placed = shop.checkout(
                factory.cart_with({"mug": 1}), payment_method="oxapay", email=f"{number}@shop.test"
            )
            session = payments.read(placed.order.payment_id).session_id
            shop.sandbox.control("oxapay", session, "pay")
            coins.append(placed)
        assert shop.sandbox.quiesce()
        for sent in list(receiver.received):
            headers = {name: value for name, value in sent["headers"].items() if name != "Host"}
            shop.call("POST", "/oxapay-webhook", sent["body"], **headers)
        shop.sandbox.world.deliveries.url = None
        for _ in range(3):
            placed = shop.buy({"mug": 1})
            for event in shop.pay(placed):
                shop.deliver(event)
            cards.append(placed)
    return coins, cards


def test_messages_of_a_provider_that_hangs_hold_up_no_others(shop, mixed):
    coins, cards = mixed
    hang(shop, "payment.*")
    before, failed = calls("/v1/payment"), []
    for _ in range(6):
        failed += shop.work()
    assert [status(each) for each in cards] == ["PAID"] * 3
    assert [status(each) for each in coins] == ["PENDING"] * 3
    # Once in each batch until it is known to be down, each with its repeat.
    assert calls("/v1/payment") - before <= TWO_FAILURES
    assert len(failed) <= 2


def test_what_waits_for_a_provider_that_is_down_costs_no_row_and_counts_no_try(shop, mixed):
    hang(shop, "payment.*")
    for _ in range(6):
        shop.work()
    tried = [row for row in scan("webhooks") if row["provider"] == "oxapay"]
    assert sum(row["attempts"] for row in tried) <= 2
    assert all(row["error"] != "NotAsked" for row in tried)


def test_reconciliation_asks_twice_and_goes_on_with_the_other_provider(shop):
    shop.sell("mug", stock=50)
    coins = [
        shop.checkout(factory.cart_with({"mug": 1}), payment_method="oxapay") for _ in range(6)
    ]
    cards = [shop.buy({"mug": 1}) for _ in range(6)]
    for each in cards:
        shop.pay(each)
    hang(shop, "payment.*")
    before = calls("/v1/payment")
    with outages.probing():
        done = reconcile.poll_open_payments(clock.now() + LATER)
    assert [status(each) for each in cards] == ["PAID"] * 6
    assert [status(each) for each in coins] == ["PENDING"] * 6
    assert (done.failed, done.complete) == (2, False)
    assert calls("/v1/payment") - before == TWO_FAILURES


# ---- whether it is well again ------------------------------------------------------------------


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_can_be_asked_whether_it_is_well(shop, name):
    with outages.probing():
        payments.ready(name).ping()


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_providers_host_is_found_again_by_its_name(shop, name):
    host = payments.ready(name).capabilities.host
    if host is None:
        return
    outages.OutageItem(host, since=1).save()
    with outages.probing():
        payments.probe_outages()
    assert scan("outages") == []


def test_one_that_was_switched_off_meanwhile_keeps_no_other_one_down(shop):
    for name in ("gone", "stripe"):
        outages.OutageItem(name, since=1).save()
    with outages.probing():
        payments.probe_outages()
    assert [row["provider"] for row in scan("outages")] == ["gone"]
