"""Cancelling, taking that back, changing the plan: once each, whatever is lost on the way."""

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments.billing_ports import InvoiceState
from chalicelib.subscriptions import changing, tables
from chalicelib.subscriptions.rules import (
    AlreadySubscribed,
    Kind,
    PlanNotFound,
    PlanNotSold,
    Status,
    SubscriptionNotActive,
    SubscriptionNotFound,
    SubscriptionRefused,
)
from tests.faults.shim import Crash, Point, Shim
from tests.subscriptions.world import MONTH, OFF, YEAR

# What one deed writes: the look before it, the wish, the call, the look after it.
DEED_WRITES = 4


@pytest.fixture
def active(subs, ada):
    return subs.active(ada)


def at_stripe(subs):
    return subs.at_stripe("subscriptions")[0]


def keys(subs) -> list[str]:
    """The idempotency keys of all changes that reached the provider."""
    return [call["idempotencyKey"] for call in subs.calls("subscriptions.update")]


# ---- cancelling ----


def test_cancelling_ends_it_with_its_period(subs, active):
    after = subs.cancel(active)
    assert (after.status, after.ends) == (Status.ACTIVE, True)
    assert after.period_end == active.period_end
    assert at_stripe(subs)["cancel_at_period_end"] is True


def test_cancelling_again_is_the_same(subs, active):
    subs.cancel(active)
    assert subs.cancel(active).ends is True
    assert keys(subs) == [f"cancel:{active.subscription_id}:1"]


def test_what_was_cancelled_is_over_after_its_period(subs, ada, active):
    subs.cancel(active)
    subs.hear(subs.befall(active, "renew"))
    after = subs.read(active)
    assert (after.status, after.ends) == (Status.CANCELLED, False)
    assert len(after.invoices) == 1
    assert subs.cancel(active) == subs.read(active)


def test_cancelling_can_be_taken_back(subs, active):
    subs.cancel(active)
    after = subs.resume(active)
    assert after.ends is False
    assert at_stripe(subs)["cancel_at_period_end"] is False


def test_to_and_fro_ends_where_it_was_left(subs, active):
    """Each wish has a key of its own: a key used before would be answered from memory."""
    for ends in (True, False, True, False, True):
        assert (subs.cancel(active) if ends else subs.resume(active)).ends is ends
        assert at_stripe(subs)["cancel_at_period_end"] is ends
    assert len(set(keys(subs))) == 5


def test_control_with_one_key_for_all_the_second_wish_is_never_heard(subs, active, monkeypatch):
    monkeypatch.setattr(
        type(active), "key", lambda self, deed: f"{deed.kind}:{self.subscription_id}"
    )
    subs.cancel(active)
    subs.resume(active)
    subs.cancel(active)
    assert at_stripe(subs)["cancel_at_period_end"] is False


def test_what_nobody_paid_is_over_at_once(subs, ada):
    begun = subs.begin(ada)
    after = subs.cancel(begun)
    assert after.status == Status.EXPIRED
    assert subs.at_stripe("sessions")[0]["status"] == "expired"


def test_who_pays_while_cancelling_has_it_until_the_period_ends(subs, ada):
    begun = subs.begin(ada)
    subs.pay(begun)
    after = subs.cancel(begun)
    assert (after.status, after.ends) == (Status.ACTIVE, True)


def test_what_the_owner_changed_at_stripe_counts(subs, active):
    """The shop believes it is cancelled; at the provider that was taken back."""
    subs.cancel(active)
    store = subs.sandbox.world.store
    store.put("stripe.subscription", {**at_stripe(subs), "cancel_at_period_end": False,
                                      "cancel_at": None})  # fmt: skip
    assert subs.cancel(active).ends is True
    assert at_stripe(subs)["cancel_at_period_end"] is True


# ---- another plan ----


def test_another_plan_is_paid_at_its_own_price(subs, active):
    after = subs.change(active, YEAR)
    assert (after.offer.plan_id, after.offer.price.amount) == (YEAR, 9000)
    assert (after.offer.interval, after.status) == ("year", Status.ACTIVE)
    price = at_stripe(subs)["items"]["data"][0]["price"]
    assert (price["unit_amount"], price["recurring"]["interval"]) == (9000, "year")
    assert after.period_end > active.period_end
    assert at_stripe(subs)["id"] == active.external_id


def test_another_plan_frees_the_first_one(subs, ada, active):
    subs.change(active, YEAR)
    current = tables.subscriber(ada.user_id).current
    assert current == {YEAR: active.subscription_id}
    assert subs.begin(ada, MONTH).subscription_id != active.subscription_id


def test_changing_again_is_the_same(subs, active):
    subs.change(active, YEAR)
    after = subs.change(active, YEAR)
    assert after.offer.plan_id == YEAR
    assert keys(subs) == [f"change:{active.subscription_id}:1"]


def test_changing_to_and_fro_uses_each_plans_product_again(subs, active):
    for plan in (YEAR, MONTH, YEAR):
        assert subs.change(active, plan).offer.plan_id == plan
    assert len(subs.at_stripe("products")) == 2


def test_a_plan_that_the_user_has_already_can_not_be_changed_to(subs, ada, active):
    subs.active(ada, YEAR)
    with pytest.raises(AlreadySubscribed):
        subs.change(active, YEAR)
    assert keys(subs) == []
    assert subs.read(active).deed is None


def test_control_without_that_look_the_user_would_have_two_of_a_plan(
    subs, ada, active, monkeypatch
):
    other = subs.active(ada, YEAR)
    monkeypatch.setattr(changing, "_require_free", lambda subscription, plan_id: None)
    subs.change(active, YEAR)
    assert subs.read(active).offer.plan_id == subs.read(other).offer.plan_id == YEAR


def test_a_page_of_that_plan_that_waits_is_closed(subs, ada, active):
    waiting = subs.begin(ada, YEAR)
    subs.change(active, YEAR)
    assert subs.read(waiting).status == Status.EXPIRED
    assert tables.subscriber(ada.user_id).current == {YEAR: active.subscription_id}


@pytest.mark.parametrize(("plan", "error"), [("none", PlanNotFound), (OFF, PlanNotSold)])
def test_what_is_not_sold_can_not_be_changed_to(subs, active, plan, error):
    with pytest.raises(error):
        subs.change(active, plan)
    assert keys(subs) == []


def test_what_is_not_paid_can_not_be_changed(subs, ada):
    begun = subs.begin(ada)
    with pytest.raises(SubscriptionNotActive):
        subs.change(begun, YEAR)
    with pytest.raises(SubscriptionNotActive):
        subs.resume(begun)


def test_what_is_over_can_neither_be_changed_nor_resumed(subs, active):
    subs.befall(active, "end")  # and the shop is not told
    with pytest.raises(SubscriptionNotActive):
        subs.change(active, YEAR)
    with pytest.raises(SubscriptionNotActive):
        subs.resume(active)
    assert subs.cancel(active).status == Status.CANCELLED


def test_a_refusal_leaves_everything_as_it_was(subs, ada, active, monkeypatch):
    """The provider ends it between the look and the wish: nothing stays taken."""
    honest = changing._write_down

    def late(subscription_id, wanted):
        found = honest(subscription_id, wanted)
        subs.befall(active, "end")
        return found

    monkeypatch.setattr(changing, "_write_down", late)
    with pytest.raises(SubscriptionNotActive):
        subs.change(active, YEAR)
    assert tables.subscriber(ada.user_id).current == {}
    assert subs.read(active).deed is None


def test_a_no_of_the_provider_is_told_and_forgotten(subs, ada, active):
    store = subs.sandbox.world.store
    item = at_stripe(subs)
    store.put("stripe.subscription", {**item, "currency": "eur"})
    with pytest.raises(SubscriptionRefused):
        subs.change(active, YEAR)
    assert subs.read(active).deed is None
    assert tables.subscriber(ada.user_id).current == {MONTH: active.subscription_id}


# ---- what goes wrong ----


@pytest.mark.parametrize("fault", ["reset_after", "503", "garbage"])
@pytest.mark.parametrize("deed", ["cancel", "change"])
def test_a_lost_answer_is_asked_for_again_under_the_same_key(subs, active, fault, deed):
    subs.sandbox.fault("subscriptions.update", fault, times=2)
    do = {"cancel": lambda: subs.cancel(active), "change": lambda: subs.change(active, YEAR)}[deed]
    with pytest.raises(ProviderBusy):
        do()
    assert subs.read(active).deed.kind == Kind(deed.upper())
    after = do()
    assert after.deed is None
    assert (after.ends, after.offer.plan_id) == (
        (True, MONTH) if deed == "cancel" else (False, YEAR)
    )
    assert len(set(keys(subs))) == 1


def test_an_error_kept_under_the_key_is_got_round(subs, active):
    subs.sandbox.fault("subscriptions.update", "500")
    assert subs.cancel(active).ends is True
    assert keys(subs)[-1] == f"cancel:{active.subscription_id}:2"


def test_the_shop_being_told_meanwhile_changes_nothing(subs, active):
    subs.cancel(active)
    subs.hear([each for each in subs.shop.events() if "subscription" in each["type"]])
    assert subs.read(active).ends is True


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(DEED_WRITES))
@pytest.mark.parametrize("deed", ["cancel", "change"])
def test_a_crash_anywhere_is_gone_on_with_by_the_schedule(subs, ada, active, deed, number, after):
    """Or, where not even the wish was written down, by whoever asks again."""
    do = {"cancel": lambda: subs.cancel(active), "change": lambda: subs.change(active, YEAR)}[deed]
    with Shim(crash=Point(number, after)), pytest.raises(Crash):
        do()
    wished = number > 1 or (number == 1 and after)
    assert subs.reconcile(after=3600).failed == 0
    if not wished:
        do()
    found = subs.read(active)
    assert found.deed is None
    assert (found.ends, found.offer.plan_id) == (
        (True, MONTH) if deed == "cancel" else (False, YEAR)
    )
    assert len({key.rpartition(":")[0] for key in keys(subs)}) == 1
    assert tables.subscriber(ada.user_id).current == {found.offer.plan_id: active.subscription_id}
    assert [each.state for each in found.invoices] == [InvoiceState.PAID] * (
        1 if deed == "cancel" else 2
    )


def test_a_deed_has_that_many_writes(subs, active):
    with Shim() as seen:
        subs.cancel(active)
    assert seen.writes == ["TransactWriteItems"] * 2 + ["stripe post", "TransactWriteItems"]
    assert len(seen.writes) == DEED_WRITES


def test_a_wish_that_was_cut_off_is_done_before_the_next_one(subs, active):
    with Shim(crash=Point(2, after=False)), pytest.raises(Crash):
        subs.change(active, YEAR)
    after = subs.cancel(active)
    assert (after.ends, after.offer.plan_id) == (True, YEAR)


# ---- whose it is ----


@pytest.mark.parametrize("deed", ["cancel", "resume", "change"])
def test_nobody_elses_subscription_is_there(subs, active, deed):
    more = [YEAR] if deed == "change" else []
    with pytest.raises(SubscriptionNotFound):
        getattr(changing, deed)(active.subscription_id, "usr_other", *more, now=clock.now())
    assert subs.read(active) == active
