"""Money that goes back in the provider's own pages and into the balance: once, or it shows."""

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.kernel.money import Money
from chalicelib.payments.rules import RefundTo
from chalicelib.settlement import reconcile, refunding
from tests.balance.buyers import TOTAL, payment_of, stands

BACK = 1000


@pytest.fixture
def paid(ada):
    """An order of 44.98, 12.00 of it from the balance and the rest by card."""
    placed = ada.buy()
    ada.shop.settle(placed)
    return placed


def credit(placed) -> int:
    """Credit all that is left; how much that was."""
    made = refunding.refund(
        placed.order.order_id, None, reason="broken", by="key:admin", operation="op",
        now=clock.now(), to=RefundTo.BALANCE,
    )[1]  # fmt: skip
    return sum(one.amount.amount for one in made)


def differences() -> list[str]:
    done = reconcile.compare(clock.now(), days=1, names=["stripe"])
    return [one.kind.value for one in done.differences]


def test_what_went_back_at_the_provider_is_not_credited_as_well(ada, paid):
    ada.shop.act(paid, "refund", amount=BACK)
    assert credit(paid) == TOTAL - BACK
    assert ada.balance == TOTAL - BACK
    assert stands(paid) == ("REFUNDED", "REFUNDED")
    ada.world()


def test_control_without_asking_first_it_is_given_twice(ada, paid, monkeypatch):
    ada.shop.act(paid, "refund", amount=BACK)
    monkeypatch.setattr(refunding, "_sync_from_provider", lambda order_id, now: None)
    assert credit(paid) == TOTAL


def test_nothing_is_credited_while_the_provider_can_not_say(ada, paid):
    ada.shop.sandbox.fault("checkout.sessions.retrieve", "503", times=9)
    with pytest.raises(ProviderBusy):
        credit(paid)
    ada.shop.sandbox.no_faults()
    assert ada.balance == 0
    assert stands(paid) == ("PAID", "SUCCESS")
    assert credit(paid) == TOTAL


def test_what_goes_back_at_the_provider_after_all_was_credited_is_written_down(ada, paid):
    credit(paid)
    ada.shop.act(paid, "refund", amount=BACK)
    assert differences() == ["REFUNDED"]
    assert payment_of(paid).returned == Money(BACK, "USD")
    assert stands(paid) == ("REFUNDED", "REFUNDED")
    assert differences() == []
    ada.world()
