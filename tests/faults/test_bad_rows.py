"""One bad row of a job keeps no other one waiting: each job, with damage of each kind."""

import itertools
import json

import pytest
from botocore.exceptions import ClientError

from chalicelib import composition
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import HoldStatus
from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderFailed, StaleState, Unavailable
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.messaging.rows import Done
from chalicelib.kernel.personal_data import Person
from chalicelib.orders import service as orders
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Seen, Unread
from chalicelib.privacy import erasure
from chalicelib.privacy.contexts import PERSONAL_DATA
from chalicelib.settlement import expire, poll, reconcile
from tests import factory
from tests.accounts import people
from tests.faults import hot
from tests.faults.rows import damage, unreadable
from tests.faults.world import scan

LATER = reconcile.USUAL_SECONDS + 1
AN_HOUR = 3600
DENIED = ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutItem")
ERRORS = [RuntimeError("x"), DENIED, Unavailable(), ProviderFailed(), StaleState(), KeyError("x")]


def kind(error: Exception) -> str:
    return type(error).__name__


@pytest.fixture
def bought(shop):
    """Seven orders that were paid while no webhook arrived; the first is the oldest."""
    shop.sell("pen", stock=5)
    shop.sell("mug", stock=50)
    made = [shop.buy({"pen": 1}), *(shop.buy({"mug": 1}) for _ in range(6))]
    for number, each in enumerate(made):
        shop.pay(each)
        place = {"created_at": clock.now() - 900 + number, "open_shard": "0"}
        damage("payments", {"payment_id": each.order.payment_id}, **place)
    return made


def statuses(bought) -> list[str]:
    return [str(orders.read(each.order.order_id).status) for each in bought]


PAID_BUT_THE_FIRST = ["PENDING"] + ["PAID"] * 6


def metrics(capsys) -> list[dict]:
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line) for line in lines if "_aws" in line]


# ---- asking about payments ---------------------------------------------------------------------


def test_stock_that_drifted_keeps_no_other_payment_waiting(bought, capsys):
    damage("stock", {"variant_id": "pen", "place": "main"}, reserved=0)
    capsys.readouterr()
    done = reconcile.poll_open_payments(clock.now() + LATER)
    assert statuses(bought) == PAID_BUT_THE_FIRST
    assert (done.failed, done.complete, done.counts()["complete"]) == (1, False, 0)
    counted = [line for line in metrics(capsys) if line.get("job") == "reconcile"]
    assert [(line["RowsFailed"], line["JobsIncomplete"]) for line in counted] == [(1, 1)]


def test_a_payment_that_can_not_be_read_keeps_no_other_one_waiting(bought):
    unreadable("payments", {"payment_id": bought[0].order.payment_id})
    done = reconcile.poll_open_payments(clock.now() + LATER)
    assert statuses(bought) == PAID_BUT_THE_FIRST
    assert (done.failed, done.complete) == (1, False)


@pytest.mark.parametrize("error", ERRORS, ids=kind)
def test_whatever_one_payment_raises_the_others_are_settled(bought, monkeypatch, error):
    real, bad = poll.poll_provider, bought[0].order.payment_id

    def ask(payment, **named):
        if payment.payment_id == bad:
            raise error
        return real(payment, **named)

    monkeypatch.setattr(poll, "poll_provider", ask)
    done = reconcile.poll_open_payments(clock.now() + LATER)
    assert statuses(bought) == PAID_BUT_THE_FIRST
    assert (done.failed, done.complete) == (1, False)


def test_the_failed_row_is_logged_with_its_id(bought, monkeypatch):
    told = []
    monkeypatch.setattr(Done, "fail", lambda self, row, error: told.append((self.job, row)))
    unreadable("payments", {"payment_id": bought[0].order.payment_id})
    reconcile.poll_open_payments(clock.now() + LATER)
    assert told == [("reconcile", bought[0].order.payment_id)]


def plain_loop(job, *sources, handle, key=str) -> Done:
    for row in itertools.chain(*sources):
        handle(row)
    return Done(job)


def test_control_in_a_plain_loop_every_later_payment_waits_for_ever(bought, monkeypatch):
    monkeypatch.setattr(rows, "work_off", plain_loop)
    monkeypatch.setattr(rows, "TURN_SECONDS", 10**12)  # always from the oldest on
    unreadable("payments", {"payment_id": bought[0].order.payment_id})
    for _ in range(2):
        with pytest.raises(ValueError, match="NONSENSE"):
            reconcile.poll_open_payments(clock.now() + LATER)
    assert statuses(bought) == ["PENDING"] * 7


def test_bad_rows_that_fill_a_whole_run_keep_those_behind_them_waiting_for_some_runs_only(
    bought, monkeypatch
):
    monkeypatch.setattr(reconcile, "MOST_ASKED", 3)
    for each in bought[:3]:
        unreadable("payments", {"payment_id": each.order.payment_id})
    for turn in range(3):
        clock.shift(turn * rows.TURN_SECONDS)
        reconcile.poll_open_payments(clock.now() + LATER)
    clock.shift(0)
    assert statuses(bought)[3:] == ["PAID"] * 4


def test_control_always_from_the_oldest_on_they_wait_for_ever(bought, monkeypatch):
    monkeypatch.setattr(reconcile, "MOST_ASKED", 3)
    monkeypatch.setattr(rows, "TURN_SECONDS", 10**12)
    for each in bought[:3]:
        unreadable("payments", {"payment_id": each.order.payment_id})
    for turn in range(4):
        clock.shift(turn * 300)
        reconcile.poll_open_payments(clock.now() + LATER)
    assert statuses(bought)[3:] == ["PENDING"] * 4


# ---- the providers' books ----------------------------------------------------------------------


def compare(*names: str) -> reconcile.Reconciled:
    return reconcile.compare(clock.now(), days=1, names=names or ["stripe"])


def test_one_capture_that_can_not_be_compared_keeps_no_other_one_back(bought):
    unreadable("payments", {"payment_id": bought[0].order.payment_id})
    done = compare()
    assert statuses(bought) == PAID_BUT_THE_FIRST
    assert (done.failed, done.complete, done.silent) == (1, False, [])


def test_one_row_of_the_providers_list_that_can_not_be_read_keeps_no_other_one_back(
    bought, monkeypatch
):
    real = payments.ready("stripe").captured

    def captured(since: int):
        yield Unread("cs_broken", KeyError("metadata"))
        yield from real(since)

    monkeypatch.setattr(payments.ready("stripe"), "captured", captured)
    done = compare()
    assert statuses(bought) == ["PAID"] * 7
    assert (done.failed, done.complete, done.silent) == (1, False, [])


def test_a_list_that_breaks_off_in_the_middle_is_told_as_silent(bought, monkeypatch):
    def captured(since: int):
        raise RuntimeError
        yield Seen("never", None)

    monkeypatch.setattr(payments.ready("oxapay"), "captured", captured)
    done = compare("oxapay", "stripe")
    assert (done.silent, done.complete) == (["oxapay"], False)
    assert statuses(bought) == ["PAID"] * 7


# ---- the sweeper -------------------------------------------------------------------------------


@pytest.fixture
def expired(shelf):
    """Five holds past their end; the first is of a pen."""
    shelf.sell("pen", stock=5)
    shelf.sell("mug", stock=5)
    hot.hold("hld_bad", {"pen": 1}, until=clock.now() + 60)
    for number in range(4):
        hot.hold(f"hld_{number}", {"mug": 1}, until=clock.now() + 60)


def ended() -> int:
    return sum(row["status"] == HoldStatus.RELEASED for row in scan("holds"))


def test_a_hold_whose_stock_drifted_keeps_no_other_one_from_ending(expired, capsys):
    damage("stock", {"variant_id": "pen", "place": "main"}, reserved=0)
    swept = expire.sweep(clock.now() + AN_HOUR)
    assert (ended(), swept.ended, swept.failed, swept.complete) == (4, 4, 1, False)
    assert swept.counts()["complete"] == 0
    assert [each["RowsFailed"] for each in metrics(capsys) if each.get("job") == "sweep"] == [1]


def test_a_hold_that_can_not_be_read_keeps_no_other_one_from_ending(expired):
    unreadable("holds", {"hold_id": "hld_bad"})
    swept = expire.sweep(clock.now() + AN_HOUR)
    assert (ended(), swept.failed, swept.complete) == (4, 1, False)


def test_control_read_in_one_go_an_unreadable_hold_ends_the_sweep(expired):
    unreadable("holds", {"hold_id": "hld_bad"})
    with pytest.raises(ValueError, match="NONSENSE"):
        list(inventory.expired_holds(clock.now() + AN_HOUR))


def test_one_hot_variant_that_can_not_be_put_in_order_keeps_no_other_one_back(shelf, monkeypatch):
    for name in ("jam", "mug", "pen"):
        shelf.sell(name, stock=20)
        hot.heat(name, 4)
    real = inventory.rebalance

    def rebalance(variant_id: str, *, now: int) -> int:
        if variant_id == "mug":
            raise KeyError(variant_id)
        return real(variant_id, now=now)

    monkeypatch.setattr(inventory, "rebalance", rebalance)
    damage("stock", {"variant_id": "jam", "place": "main"}, available=8, stocked=8)
    damage("stock", {"variant_id": "pen", "place": "main"}, available=8, stocked=8)
    swept = expire.sweep(clock.now())
    assert (swept.failed, swept.complete) == (1, False)
    for name in ("jam", "pen"):
        assert "main" not in hot.by_place(name)


def test_one_note_that_can_not_be_read_keeps_no_other_stray_units(shelf):
    shelf.sell("mug", stock=20)
    hot.heat("mug", 2)
    later = clock.now() + AN_HOUR
    hot.hold("hld_bad", {"mug": 1}, until=later + AN_HOUR)
    hot.hold("hld_lost", {"mug": 3}, until=later + AN_HOUR)
    from chalicelib.inventory.tables import HoldItem

    HoldItem("hld_lost").delete()
    unreadable("holds", {"hold_id": "hld_bad"})
    swept = expire.sweep(later)
    assert (swept.failed, swept.complete) == (1, False)
    assert hot.totals("mug")["reserved"] == 1


# ---- erasing -----------------------------------------------------------------------------------


class Traces:
    """Has nothing, or trouble, of one user."""

    def __init__(self, bad: str) -> None:
        self.bad = bad

    def erase(self, person, now: int) -> bool:
        if person.user_id == self.bad:
            raise KeyError(person.user_id)
        return True


@pytest.fixture
def leaving(tables):
    """Three users who asked to be erased."""
    users = [people.register(f"{name}@shop.test") for name in ("ada", "bob", "cyd")]
    waits = {"it": type("Waits", (), {"erase": lambda self, person, now: False})()}
    for user in users:
        signed_in = people.sign_in(user.email)
        caller = composition.identify(signed_in.access_token, None, now=clock.now())
        assert erasure.erase(caller, people.PASSWORD, waits, now=clock.now()) is False
    return users


def go_on(bad: str) -> erasure.Erased:
    return erasure.go_on({"it": Traces(bad)}, now=clock.now() + 120)


def test_one_person_who_can_not_be_erased_keeps_no_other_one_waiting(leaving, capsys):
    capsys.readouterr()
    done = go_on(leaving[0].user_id)
    assert (done.erased, done.left) == (2, 1)
    assert sum(line.get("RowsFailed", 0) for line in metrics(capsys)) == 1


def test_an_account_that_can_not_be_read_keeps_no_other_one_waiting(leaving):
    damage("users", {"user_id": leaving[0].user_id}, epoch="soon")
    done = go_on("nobody")
    assert done.erased == 2
    assert done.counts() == {"erased": 2, "left": 0, "failed": 1, "complete": False}


def test_stock_is_as_it_was(expired):
    """The fixture itself is sound: without damage everything ends."""
    assert expire.sweep(clock.now() + AN_HOUR).complete
    assert factory.stock("pen")["available"] == 5


def test_one_order_that_can_not_be_emptied_keeps_no_other_one_from_it(shop):
    shop.sell("pen", stock=5)
    shop.sell("mug", stock=5)
    user = people.register("ada@shop.test")
    for name in ("pen", "mug", "mug"):
        shop.checkout(factory.cart_with({name: 1}), user_id=user.user_id, email="ada@shop.test")
    damage("stock", {"variant_id": "pen", "place": "main"}, reserved=0)
    done = PERSONAL_DATA["orders"].erase(Person(user.user_id, None), now=clock.now())
    assert done is False
    emails = [row["email"] for row in scan("orders")]
    assert emails.count("ada@shop.test") == 1
