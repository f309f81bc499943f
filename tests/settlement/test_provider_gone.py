"""A provider whose keys are gone for good leaves no units, no money and no refund stuck."""

from contextlib import contextmanager

import boto3
import pytest

from chalicelib.kernel import cache, clock, parameters
from chalicelib.kernel.errors import ProviderFailed
from chalicelib.payments import registry
from chalicelib.payments.providers.stripe import sdk
from chalicelib.settlement import expire, pending_refunds, refunding
from tests import factory, stage
from tests.balance.buyers import order_of, payment_of, stands
from tests.faults.world import check_world
from tests.kernel.envelope import refused
from tests.settlement.disputed import tell

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
HOUR, DAY = 3600, 86_400


@contextmanager
def _refused():
    raise ProviderFailed()
    yield


@pytest.fixture(params=["keys are refused", "keys are deleted"])
def gone(request, monkeypatch):
    """Lets Stripe be out of reach for good, in one of two ways."""

    def leave() -> None:
        if request.param == "keys are refused":
            return monkeypatch.setattr(sdk, "answered", _refused)
        boto3.client("ssm").delete_parameter(Name="/cartwright/test/stripe/secret_key")
        parameters.forget()
        cache.forget_all()
        registry.provider.cache_clear()
        return registry.billing.cache_clear()

    return leave


@pytest.fixture
def pending(ada, paid, gone):
    """A refund that was begun and that Stripe will not carry out; its id."""
    ada.shop.sandbox.fault("refunds.create", "503", times=9)
    assert refund(ada.shop, paid, "ORIGIN").json_body["data"]["refund"]["status"] == "PENDING"
    ada.shop.sandbox.no_faults()
    gone()
    (made,) = payment_of(paid).refunds
    return made.refund_id


def refund(shop, placed, to: str):
    path = f"/api/admin/orders/{placed.order.order_id}/refund"
    return shop.call("POST", path, {"reason": "broken", "to": to}, **KEY)


def end(shop, placed, refund_id: str, ending: str):
    path = f"/api/admin/payments/{placed.order.payment_id}/refunds/{refund_id}/end"
    return shop.call("POST", path, {"ending": ending}, **KEY)


def test_the_units_of_an_unpaid_order_come_back_a_day_after_its_page_has_ended(ada, gone):
    placed = ada.buy()
    gone()
    assert expire.sweep(clock.now() + HOUR).failed == 1
    assert factory.stock("mug")["reserved"] == 2
    assert expire.sweep(clock.now() + DAY + 2 * HOUR).ended == 1
    assert stands(placed) == ("CANCELLED", "EXPIRED")
    assert factory.stock("mug")["available"] == 9
    check_world()


def test_money_that_came_all_the_same_revives_the_order(ada, monkeypatch):
    placed = ada.buy()
    events = ada.shop.pay(placed)
    with monkeypatch.context() as patched:
        patched.setattr(sdk, "answered", _refused)
        expire.sweep(clock.now() + DAY + 2 * HOUR)
    assert stands(placed)[0] == "CANCELLED"
    for event in events:
        ada.shop.deliver(event)
    assert ada.shop.work() == []
    assert stands(placed) == ("PAID", "SUCCESS")
    ada.world()


def test_money_that_is_on_its_way_is_waited_for(ada, gone):
    placed = ada.buy()
    tell(ada.shop, ada.shop.act(placed, "pay-async"))
    assert stands(placed) == ("PENDING", "PROCESSING")
    gone()
    assert expire.sweep(clock.now() + 3 * DAY).ended == 0
    assert stands(placed) == ("PENDING", "PROCESSING")
    assert factory.stock("mug")["reserved"] == 2


def test_control_a_provider_that_is_only_busy_is_waited_for(ada):
    ada.buy()
    ada.shop.sandbox.fault("*", "500", times=1000)
    assert expire.sweep(clock.now() + 30 * DAY).ended == 0
    assert factory.stock("mug")["reserved"] == 2


def test_a_refund_given_back_by_hand_ends_the_order(ada, paid, pending):
    assert refund(ada.shop, paid, "BY_HAND").status_code == 409  # all of it is on its way
    ended = end(ada.shop, paid, pending, "BY_HAND")
    assert ended.status_code == 200, ended.body
    (made,) = ended.json_body["data"]["refunds"]
    assert (made["status"], made["to"]) == ("DONE", "BY_HAND")
    assert stands(paid) == ("REFUNDED", "REFUNDED")
    refused(end(ada.shop, paid, pending, "CALLED_OFF"), 409, "REFUND_NOT_PENDING")
    check_world()


def test_a_refund_that_is_called_off_can_be_made_another_way(ada, paid, pending):
    ended = end(ada.shop, paid, pending, "CALLED_OFF")
    assert ended.json_body["data"]["refunds"][0]["status"] == "FAILED"
    assert stands(paid)[0] == "PAID"
    assert refund(ada.shop, paid, "BY_HAND").status_code == 200
    assert stands(paid)[0] == "REFUNDED"
    check_world()


def test_a_refund_that_the_provider_carries_out_now_is_done_and_not_decided(ada, paid):
    ada.shop.sandbox.fault("refunds.create", "503", times=9)
    refund(ada.shop, paid, "ORIGIN")
    ada.shop.sandbox.no_faults()
    (made,) = payment_of(paid).refunds
    refused(end(ada.shop, paid, made.refund_id, "CALLED_OFF"), 409, "REFUND_NOT_PENDING")
    assert stands(paid) == ("REFUNDED", "REFUNDED")
    ada.world()


def test_of_two_who_decide_at_once_one_is_heard(ada, paid, pending, monkeypatch):
    honest, first = refunding.record, []

    def record(*args, **kwargs):
        if not first:
            first.append(True)
            first.append(end(ada.shop, paid, pending, "BY_HAND").status_code)
        return honest(*args, **kwargs)

    monkeypatch.setattr(refunding, "record", record)
    answer = end(ada.shop, paid, pending, "CALLED_OFF")
    assert first[1] == 200
    assert answer.json_body["data"]["refunds"][0]["status"] == "DONE"
    assert order_of(paid).status == "REFUNDED"
    check_world()


def test_a_refund_that_there_is_not_is_refused(ada, paid):
    refused(end(ada.shop, paid, "rfd_none", "BY_HAND"), 404, "REFUND_NOT_FOUND")
    path = "/api/admin/payments/pay_none/refunds/rfd_none/end"
    answer = ada.shop.call("POST", path, {"ending": "BY_HAND"}, **KEY)
    refused(answer, 404, "PAYMENT_NOT_FOUND")
    assert {each.value for each in pending_refunds.Ending} == {"BY_HAND", "CALLED_OFF"}
