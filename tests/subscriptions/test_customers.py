"""One customer to a user at a provider: made once, told once, made anew only when it is gone."""

import pytest

from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments import customers
from chalicelib.payments.providers.stripe.billing import StripeBilling
from chalicelib.payments.tables import CustomerItem
from tests.kernel.lost import reply_lost

USER, EMAIL = "usr_ada", "ada@shop.test"


def customer() -> str:
    return customers.customer_of(USER, EMAIL, provider="stripe")


def kept() -> CustomerItem | None:
    return dynamo.get(CustomerItem, USER, "stripe")


def test_a_user_has_one_customer_who_is_told_where_receipts_go(subs):
    assert customer() == customer()
    (made,) = subs.at_stripe("customers")
    assert (made["id"], made["email"]) == (customer(), EMAIL)
    assert len(subs.calls("customers.create")) == len(subs.calls("customers.update")) == 1


def between_making_and_keeping(subs, monkeypatch) -> tuple[str, str]:
    """Another call is faster, between this one's making and its writing down; both answers."""
    honest, others = StripeBilling.new_customer, []

    def late(self, user_id, *, again):
        made = honest(self, user_id, again=again)
        if not others:
            others.append("")
            others.append(customer())
        return made

    monkeypatch.setattr(StripeBilling, "new_customer", late)
    return customer(), others[1]


def test_two_at_once_have_one(subs, monkeypatch):
    one, other = between_making_and_keeping(subs, monkeypatch)
    assert one == other == kept().customer_id
    assert len(subs.at_stripe("customers")) == 1


def test_two_at_once_have_one_even_if_the_provider_made_two(subs, monkeypatch):
    """As after a day, when keys are forgotten: the first to be written down decides."""
    keys = iter(range(10))
    honest = StripeBilling.new_customer
    monkeypatch.setattr(
        StripeBilling,
        "new_customer",
        lambda self, user_id, *, again: honest(self, user_id, again=next(keys)),
    )
    one, other = between_making_and_keeping(subs, monkeypatch)
    assert one == other == kept().customer_id
    assert len(subs.at_stripe("customers")) == 2


def test_control_without_the_condition_two_at_once_have_two(subs, monkeypatch):
    keys = iter(range(10))
    honest, update = StripeBilling.new_customer, dynamo.update
    monkeypatch.setattr(
        StripeBilling,
        "new_customer",
        lambda self, user_id, *, again: honest(self, user_id, again=next(keys)),
    )
    monkeypatch.setattr(
        customers.dynamo,
        "update",
        lambda item, actions, *, condition, on_condition_failed: update(
            item, actions, condition=None, on_condition_failed=on_condition_failed
        ),
    )
    one, other = between_making_and_keeping(subs, monkeypatch)
    assert one != other


def test_a_write_whose_reply_is_lost_keeps_the_same(subs):
    with reply_lost("UpdateItem") as sent:
        made = customer()
    assert len(sent) >= 2
    assert made == kept().customer_id
    assert len(subs.at_stripe("customers")) == 1


def test_the_provider_is_told_of_the_person_only_when_their_customer_is_kept(subs):
    subs.sandbox.fault("customers.update", "503", times=2)
    with pytest.raises(ProviderBusy):
        customer()
    assert subs.at_stripe("customers")[0]["email"] is None
    assert kept().customer_id is not None
    customer()
    assert subs.at_stripe("customers")[0]["email"] == EMAIL


def test_one_that_is_gone_is_replaced_once(subs):
    first = customer()
    for _ in range(2):
        customers.gone(USER, first, provider="stripe")
    second = customer()
    customers.gone(USER, first, provider="stripe")  # a late word about the old one
    assert second == customer() != first


def test_forgetting_is_done_at_the_provider_first(subs):
    customer()
    subs.sandbox.fault("customers.delete", "503", times=2)
    with pytest.raises(ProviderBusy):
        customers.forget(USER)
    assert kept() is not None
    customers.forget(USER)
    customers.forget(USER)
    assert kept() is None
    assert subs.at_stripe("customers")[0]["deleted"] is True
