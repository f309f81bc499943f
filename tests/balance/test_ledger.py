"""The ledger: each movement once, none below zero, the balance its sum."""

from collections.abc import Callable

import pytest

from chalicelib.balance import check, service
from chalicelib.balance.rules import BalanceTooLow, Movement, Reason
from chalicelib.balance.tables import BalanceItem, EntryItem
from chalicelib.kernel import clock
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.money import Money
from tests import factory
from tests.faults.balances import check_balances
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import scan

pytestmark = pytest.mark.usefixtures("tables")
USER = "usr_ada"


def movement(amount: int, name: str, *, user_id: str = USER, currency: str = "USD") -> Movement:
    return Movement(name, user_id, Money(amount, currency), Reason.ADMIN_ADJUST, "a test's")


def make(amount: int, name: str, **how):
    return service.make(movement(amount, name, **how), now=clock.now())


def add_up() -> None:
    check_balances(scan("balances"), scan("balance-entries"), [], [])
    assert check.compare() == []


def test_a_movement_moves_the_balance_and_says_what_was_before_and_after():
    make(1000, "bal_1")
    entry = make(-300, "bal_2")
    assert (entry.before, entry.after) == (Money(1000, "USD"), Money(700, "USD"))
    assert factory.balance_of(USER) == 700
    add_up()


def test_the_same_movement_made_again_moves_nothing_more():
    first = make(1000, "bal_1")
    assert make(1000, "bal_1") == first
    assert make(-400, "bal_2") == make(-400, "bal_2")
    assert factory.balance_of(USER) == 600
    add_up()


def test_nothing_takes_what_is_not_there():
    make(1000, "bal_1")
    with pytest.raises(BalanceTooLow) as error:
        make(-1001, "bal_2")
    assert error.value.params == {"there": "10.00 USD"}
    assert factory.balance_of(USER) == 1000
    add_up()


def test_currencies_are_balances_of_their_own():
    make(1000, "bal_1")
    make(500, "bal_2", currency="JPY")
    with pytest.raises(BalanceTooLow):
        make(-600, "bal_3", currency="JPY")
    amounts = {one.amount.wire()["currency"]: one.amount.amount for one in service.read_all(USER)}
    assert amounts == {"USD": 1000, "JPY": 500}
    add_up()


def between_reading_and_writing(monkeypatch, work: Callable[[], object]) -> None:
    """Let `work` happen once, after a movement has read its balance and before it is written."""
    honest, met = service.read, []

    def read(user_id: str, currency: str):
        found = honest(user_id, currency)
        if not met:
            met.append(True)
            work()
        return found

    monkeypatch.setattr(service, "read", read)


def both_read_first(monkeypatch, second: Movement) -> None:
    """Another movement is made between this one's reading and its write, once."""
    between_reading_and_writing(monkeypatch, lambda: service.make(second, now=clock.now()))


def test_of_two_at_once_that_it_can_not_both_pay_one_is_refused(monkeypatch):
    make(1000, "bal_1")
    both_read_first(monkeypatch, movement(-700, "bal_2"))
    with pytest.raises(BalanceTooLow):
        make(-700, "bal_3")
    assert factory.balance_of(USER) == 300
    add_up()


def test_two_at_once_that_it_can_pay_are_both_made(monkeypatch):
    make(1000, "bal_1")
    both_read_first(monkeypatch, movement(-400, "bal_2"))
    make(-500, "bal_3")
    assert factory.balance_of(USER) == 100
    add_up()


def test_the_same_movement_twice_at_once_is_made_once_though_it_takes_all(monkeypatch):
    make(1000, "bal_1")
    both_read_first(monkeypatch, movement(-1000, "bal_2"))
    assert make(-1000, "bal_2").after == Money(0, "USD")
    assert factory.balance_of(USER) == 0
    add_up()


def test_control_without_the_turns_condition_more_is_taken_than_there_is(monkeypatch):
    make(1000, "bal_1")
    both_read_first(monkeypatch, movement(-700, "bal_2"))
    monkeypatch.setattr(service, "_unmoved", lambda balance: BalanceItem.user_id.exists())
    make(-700, "bal_3")
    with pytest.raises(AssertionError):
        check_balances(scan("balances"), scan("balance-entries"), [], [])
    (wrong,) = check.compare()
    assert (wrong.balance, wrong.ledger) == (Money(300, "USD"), Money(-400, "USD"))


def test_control_without_its_own_condition_a_movement_is_made_twice(monkeypatch):
    make(1000, "bal_1")
    monkeypatch.setattr(service, "_not_made", lambda: EntryItem.entry_id != "")
    monkeypatch.setattr(service, "find", lambda entry_id: None)
    for _ in range(2):
        with Transaction() as tx:
            service.move(tx, movement(-400, "bal_2"), now=clock.now())
    assert factory.balance_of(USER) == 200
    clock.shift(check.INDEX_SECONDS)
    assert check.compare() != []


def test_a_movement_in_somebodys_transaction_is_made_with_it_or_not_at_all():
    make(1000, "bal_1")
    stale = service.read(USER, "USD")
    make(-100, "bal_2")
    with pytest.raises(StaleState), Transaction() as tx:
        service.move(tx, movement(-100, "bal_3"), now=clock.now(), on=stale)
    assert factory.balance_of(USER) == 900
    add_up()


def test_what_is_closed_can_not_be_made_and_what_is_made_can_not_be_closed():
    make(1000, "bal_1")
    assert service.close("bal_2", "USD", now=clock.now()).closed
    assert make(-400, "bal_2").closed
    assert not service.close("bal_1", "USD", now=clock.now()).closed
    assert service.close("bal_2", "USD", now=clock.now()).closed
    assert factory.balance_of(USER) == 1000
    add_up()


def test_what_is_closed_while_it_is_being_made_is_not_made(monkeypatch):
    # Closing moves no balance: only the entry itself tells.
    make(1000, "bal_1")
    between_reading_and_writing(monkeypatch, lambda: service.close("bal_2", "USD", now=clock.now()))
    assert make(-400, "bal_2").closed
    assert factory.balance_of(USER) == 1000
    add_up()


def test_a_movement_is_made_once_in_whichever_transaction():
    make(1000, "bal_1")
    make(-400, "bal_2")
    with pytest.raises(StaleState), Transaction() as tx:
        service.move(tx, movement(-400, "bal_2"), now=clock.now())
    assert factory.balance_of(USER) == 600
    add_up()


def test_a_movement_that_died_on_the_way_is_made_by_the_next_try():
    make(1000, "bal_1")
    for after in (False, True):
        with Shim(crash=Point(0, after)), pytest.raises(Crash):
            make(-400, f"bal_{after}")
        make(-400, f"bal_{after}")
    assert factory.balance_of(USER) == 200
    add_up()


def test_what_goes_back_of_a_payment_is_never_more_than_it_took():
    make(1000, "bal_1")
    paid = make(-800, "bal_2")

    def back(amount: int, name: str):
        return service.give_back(paid, Money(amount, "USD"), entry_id=name, now=clock.now())

    assert back(500, "bal_3") == back(500, "bal_3")
    assert back(301, "bal_4") is None
    assert back(300, "bal_5") is not None
    assert factory.balance_of(USER) == 1000
    assert check.compare() == []


def test_control_without_its_condition_more_goes_back_than_was_paid(monkeypatch):
    make(1000, "bal_1")
    paid = make(-800, "bal_2")
    stale = service.find("bal_2")
    monkeypatch.setattr(service, "_made", lambda name: stale if name == "bal_2" else None)

    def back(name: str) -> None:
        service.give_back(paid, Money(800, "USD"), entry_id=name, now=clock.now())

    back("bal_3")
    with pytest.raises(Exception, match="UNAVAILABLE"):
        back("bal_4")
    monkeypatch.setattr(service, "_not_more", lambda paid: EntryItem.entry_id.exists())
    back("bal_4")
    assert factory.balance_of(USER) == 1800


def test_the_check_sees_a_balance_that_a_hand_has_changed():
    make(1000, "bal_1")
    item = BalanceItem.get(USER, "USD")
    item.update(actions=[BalanceItem.amount.set(1001)])
    (wrong,) = check.compare()
    assert (wrong.user_id, wrong.balance, wrong.ledger) == (
        USER,
        Money(1001, "USD"),
        Money(1000, "USD"),
    )


def test_the_check_sees_movements_whose_balance_is_gone():
    make(1000, "bal_1")
    BalanceItem.get(USER, "USD").delete()
    (wrong,) = check.compare()
    assert (wrong.balance, wrong.ledger) == (Money(0, "USD"), Money(1000, "USD"))


def test_the_check_takes_no_offence_at_what_moves_while_it_looks(monkeypatch):
    make(1000, "bal_1")
    honest = check.scanning.everything

    def everything(model):
        yield from list(honest(model))
        if model is BalanceItem:
            make(-100, "bal_2")
            make(500, "bal_3", user_id="usr_new")

    monkeypatch.setattr(check.scanning, "everything", everything)
    assert check.compare() == []


def test_the_list_goes_on_from_page_to_page_the_newest_first():
    for number in range(5):
        service.make(movement(100 + number, f"bal_{number}"), now=1000 + number)
    first, cursor = service.page(USER, size=3, cursor=None)
    second, end = service.page(USER, size=3, cursor=cursor)
    assert [one.amount.amount for one in [*first, *second]] == [104, 103, 102, 101, 100]
    assert end is None
