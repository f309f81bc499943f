"""A transfer counts once, and for whom it was asked of."""

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from chalicelib.payments import captures, claims, pages
from chalicelib.payments import service as payments
from chalicelib.payments.providers.usdt import session
from chalicelib.payments.rules import ClaimedAlready, PaymentStatus
from chalicelib.settlement import decide, outcomes, reconcile, review
from chalicelib.settlement.decide_review import ReviewDecision
from tests import factory
from tests.faults.world import check_world
from tests.payments.usdt.world import AFTER_THE_END


def test_every_open_payment_of_one_price_asks_for_another_sum(world):
    asked = {world.units(world.buy(1)) for _ in range(12)}
    assert len(asked) == 12
    assert {session.split(units)[0] for units in asked} == {Money(2499, "USD")}


def test_the_buyer_is_told_where_and_how_much(world):
    placed = world.buy()
    facts, payment = world.facts(placed), world.payment(placed)
    assert facts["amount"] == f"44.98{payment.amount_suffix:04}"
    assert facts["network"] == world.name.removeprefix("usdt-").upper()
    assert payment.url == placed.order.page == placed.url


def test_exactly_that_pays_and_is_found_without_a_word(world):
    placed, other = world.buy(), world.buy()
    world.act("pay", placed)
    world.look()
    assert world.states(placed) == ("PAID", "SUCCESS")
    assert world.states(other) == ("PENDING", "PENDING")
    assert factory.stock("mug")["sold"] == 2
    check_world()


def test_a_hash_counts_once_however_often_it_is_handed_in(world):
    placed = world.buy()
    sent = world.act("pay", placed)
    for _ in range(3):
        status, answer = world.submit_proof(placed, sent)
        assert (status, answer["data"]["status"]) == (200, "SUCCESS")
    assert [line["to"] for line in orders.read(placed.order.order_id).history] == [
        "PENDING",
        "PAID",
    ]
    check_world()


def test_a_strangers_transfer_pays_nothing_before_it_is_counted(world):
    placed, thief = world.buy(), world.buy()
    sent = world.act("pay", placed)
    assert world.refused(thief, sent) == "PAYMENT_OF_ANOTHER"
    world.look()
    assert world.states(placed) == ("PAID", "SUCCESS")
    assert world.states(thief) == ("PENDING", "PENDING")


def test_nor_of_a_cheaper_order_nor_afterwards(world):
    placed, thief = world.buy(2), world.buy(1)
    sent = world.act("pay", placed)
    assert world.refused(thief, sent) == "PAYMENT_OF_ANOTHER"
    world.submit_proof(placed, sent)
    assert world.refused(thief, sent) == "PAYMENT_CLAIMED_ALREADY"


def test_control_where_nobody_asks_whose_a_sum_is_the_thief_has_it(world, monkeypatch):
    placed, thief = world.buy(2), world.buy(1)
    sent = world.act("pay", placed)
    monkeypatch.setattr(claims, "owner", lambda *_: None)
    status, answer = world.submit_proof(thief, sent)
    assert (status, answer["data"]["status"]) == (200, "REVIEW")


def test_of_a_sum_that_nobody_asked_for_only_the_first_has_it(world):
    first, second = world.buy(), world.buy()
    sent = world.act("pay", first, units=44_980_000)
    status, answer = world.submit_proof(first, sent)
    assert (status, answer["data"]["status"]) == (200, "REVIEW")
    assert world.refused(second, sent) == "PAYMENT_CLAIMED_ALREADY"


def both_at_once(world, first, second, sent) -> None:
    """Both are looked at before either is counted."""
    seen = [
        (one, pages.submit_proof(world.payment(one), sent, now=clock.now()))
        for one in (first, second)
    ]
    for one, outcome in seen:
        outcomes.apply(one.order.order_id, outcome, now=clock.now())


def test_two_at_once_are_one(world):
    first, second = world.buy(), world.buy()
    sent = world.act("pay", first, units=44_980_000)
    with pytest.raises(ClaimedAlready):
        both_at_once(world, first, second, sent)
    assert world.states(first) == ("PENDING", "REVIEW")
    assert world.states(second) == ("PENDING", "PENDING")


def test_control_without_the_claim_both_have_it(world, monkeypatch):
    first, second = world.buy(), world.buy()
    sent = world.act("pay", first, units=44_980_000)
    monkeypatch.setattr(claims, "take", lambda *_: None)
    both_at_once(world, first, second, sent)
    assert world.states(second) == ("PENDING", "REVIEW")


@pytest.mark.parametrize(
    ("units", "code", "came"),
    [(22_495_000, "PAYMENT_TOO_LITTLE", 2249), (49_480_001, "PAYMENT_IN_REVIEW", 4948)],
)
def test_another_sum_waits_for_a_person_and_the_answer_says_so(world, units, code, came):
    placed = world.buy()
    sent = world.act("pay", placed, units=units)
    status, answer = world.submit_proof(placed, sent)
    assert (status, answer["data"]["status"]) == (200, "REVIEW")
    assert answer["data"]["notice"]["code"] == code
    payment = world.payment(placed)
    assert payment.captured == Money(came, "USD") and payment.capture_id == sent
    assert "USDT came" in str(payment.reason)
    assert factory.stock("mug")["reserved"] == 2


def test_the_price_to_the_cent_without_its_tail_waits_for_a_person(world):
    placed = world.buy()
    _, answer = world.submit_proof(placed, world.act("pay", placed, units=44_980_000))
    assert answer["data"]["status"] == "REVIEW"


def test_control_without_the_doubt_the_price_to_the_cent_would_pay(world, monkeypatch):
    placed = world.buy()
    sent = world.act("pay", placed, units=44_980_000)
    monkeypatch.setattr(
        "chalicelib.settlement.decide.mismatch",
        lambda payment, outcome: None if outcome.amount == payment.amount else "other",
    )
    _, answer = world.submit_proof(placed, sent)
    assert answer["data"]["status"] == "SUCCESS"


def test_the_owner_decides_on_it(world):
    placed = world.buy()
    world.submit_proof(placed, world.act("less", placed))
    order, payment = review.decide(
        world.payment(placed).payment_id, ReviewDecision.ACCEPT, now=clock.now()
    )
    assert (order.status, payment.status) == ("PAID", "SUCCESS")


def test_at_night_it_is_told_as_another_sum_of_that_payment(world):
    placed = world.buy()
    world.submit_proof(placed, world.act("less", placed))
    found = reconcile.compare(clock.now(), days=1, names=[world.name])
    kinds = [(one.kind, one.payment_id) for one in found.differences]
    assert kinds == [(reconcile.Found.AMOUNT, world.payment(placed).payment_id)]


def test_what_is_sent_twice_is_nobodys_and_is_told_at_night(world):
    placed = world.buy()
    world.act("pay", placed)
    world.look()
    world.act("pay", placed)
    found = reconcile.compare(clock.now(), days=1, names=[world.name])
    kinds = [(one.kind, one.payment_id) for one in found.differences]
    assert kinds == [(reconcile.Found.UNKNOWN, None)]
    assert found.seen == 2


def test_what_comes_late_is_found_at_night_and_revives_the_order(world):
    placed = world.buy()
    world.pass_time(AFTER_THE_END)
    world.shop.sweep()
    assert world.states(placed) == ("CANCELLED", "EXPIRED")
    world.act("pay", placed)
    reconcile.compare(clock.now(), days=1, names=[world.name])
    assert world.states(placed) == ("PAID", "SUCCESS")
    check_world()


def test_what_comes_late_for_goods_that_are_gone_is_to_be_given_back_by_hand(world):
    placed = world.buy(15)
    world.pass_time(AFTER_THE_END)
    world.shop.sweep()
    world.shop.buy({"mug": 18})
    world.act("pay", placed)
    reconcile.compare(clock.now(), days=1, names=[world.name])
    payment = world.payment(placed)
    assert (payment.status, payment.reason) == (PaymentStatus.REVIEW, decide.BY_HAND)


def test_a_sum_that_another_payment_asks_for_by_now_is_not_its(world):
    """A amount_suffix is free again after a month: what came before is not the new payment's."""
    placed = world.buy()
    sent_before = clock.now() - captures.CLOCKS_DIFFER_SECONDS - 60
    world.act("pay", placed)
    [seen] = payments.ready(world.name).captured(clock.now() - 3600)
    older = captures._whose(
        world.name, type(seen)(None, seen.outcome, seen.amount_suffix, sent_before)
    )
    assert older.payment_id is None
    assert captures._whose(world.name, seen).payment_id == world.payment(placed).payment_id
