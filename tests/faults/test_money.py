"""Money against the provider's books, with crashes, lost answers, and webhooks in any order."""

import pytest

from chalicelib.payments.providers.stripe.provider import StripeCheckout
from chalicelib.settlement import poll
from tests.faults.money import Walk
from tests.faults.world import scan

IN_CI, EVERYTHING = (4, 40), (300, 80)


def pytest_generate_tests(metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        everything = bool(metafunc.config.getoption("--everything"))
        metafunc.parametrize("seed", range((EVERYTHING if everything else IN_CI)[0]))


def test_shop_and_provider_agree_to_the_cent_whatever_happens(shop, everything, seed):
    Walk(shop, seed).go((EVERYTHING if everything else IN_CI)[1])


def paid_and_given_back(shop) -> Walk:
    """A walk on whose orders money came in and a part went back, of which nobody was told."""
    walk = Walk(shop, 1)
    for _ in range(3):
        walk.buy()
    for page in walk.pages():
        shop.sandbox.control("stripe", page, "pay", lose=True)
        shop.sandbox.control("stripe", page, "refund", amount=100, lose=True)
    return walk


def test_what_nobody_was_told_of_is_found_in_the_end(shop):
    walk = paid_and_given_back(shop)
    walk.end()
    assert [row["status"] for row in scan("orders")] == ["PAID"] * len(walk.pages()) != []


def test_control_blind_to_the_providers_own_refunds_the_books_differ(shop, monkeypatch):
    walk = paid_and_given_back(shop)
    monkeypatch.setattr(poll.refunding, "sync_refunds", lambda payment, outcome, now: None)
    with pytest.raises(AssertionError):
        walk.end()


def disputed_and_given_back(shop) -> Walk:
    """A walk on whose orders a bank took the money back, of which nobody was told."""
    walk = Walk(shop, 1)
    while len(walk.pages()) < 3:
        walk.buy()
    for page, end in zip(walk.pages(), ("dispute-win", "dispute-lose", None), strict=False):
        for action in ("pay", "dispute", end):
            if action:
                shop.sandbox.control("stripe", page, action, lose=True)
    return walk


def test_what_banks_took_back_is_found_in_the_end_and_counts_as_gone(shop):
    walk = disputed_and_given_back(shop)
    walk.end()
    marks = {row.get("dispute"): row["status"] for row in scan("orders")}
    assert marks == {"WON": "PAID", "LOST": "PAID", "OPEN": "PAID"}
    assert sorted(row["status"] for row in scan("payments")) == [
        "CHARGED_BACK",
        "SUCCESS",
        "SUCCESS",
    ]


def test_control_blind_to_disputes_the_books_differ(shop, monkeypatch):
    walk = disputed_and_given_back(shop)
    monkeypatch.setattr(StripeCheckout, "disputes", lambda self, capture_id: ())
    with pytest.raises(AssertionError):
        walk.end()
