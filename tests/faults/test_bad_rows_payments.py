"""One bad row keeps no other payment waiting: providers are asked, and their books compared."""

import itertools

import pytest
from botocore.exceptions import ClientError

from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderFailed, StaleState, Unavailable
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.messaging.rows import Done
from chalicelib.orders import service as orders
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Seen, Unread
from chalicelib.settlement import poll, reconcile
from tests.faults.rows import damage, unreadable
from tests.metrics import metrics

LATER = reconcile.USUAL_SECONDS + 1
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
    logged = []
    monkeypatch.setattr(Done, "fail", lambda self, row, error: logged.append((self.job, row)))
    unreadable("payments", {"payment_id": bought[0].order.payment_id})
    reconcile.poll_open_payments(clock.now() + LATER)
    assert logged == [("reconcile", bought[0].order.payment_id)]


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
    # However the turns fall: each begins elsewhere in what is left.
    for turn in range(8):
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
