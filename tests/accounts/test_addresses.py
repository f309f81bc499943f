"""An address book: its owner's alone, twenty addresses, one of them the default, always."""

import threading

import pytest

from chalicelib.accounts import addresses
from chalicelib.accounts.addresses import MAX_ADDRESSES, AddressNotFound, TooManyAddresses
from chalicelib.accounts.tables import AddressBookItem
from chalicelib.kernel import clock
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.ids import token
from tests.kernel.lost import reply_lost

pytestmark = pytest.mark.usefixtures("tables")
ADA, BOB = "usr_ada", "usr_bob"
HOME = {
    "name": "Ada",
    "line1": "1 Example Street",
    "city": "X",
    "region": "NY",
    "postalCode": "12345",
    "country": "US",
}


def add(user_id: str = ADA, *, default: bool = False, operation: str = "", **fields: str) -> str:
    _, entry = addresses.add(
        user_id,
        {**HOME, **fields},
        make_default=default,
        operation=operation or token(),
        now=clock.now(),
    )
    return entry.address_id


def default_of(user_id: str = ADA) -> str | None:
    return addresses.read(user_id).default


def test_the_first_address_is_the_default_whatever_is_asked():
    first = add(default=False)
    add()
    assert default_of() == first


def test_another_default_takes_the_place_of_the_first():
    add()
    second = add(default=True)
    assert default_of() == second


def test_the_default_stays_one_when_it_is_changed_without_saying_so():
    first = add()
    addresses.change(ADA, first, {**HOME, "city": "Y"}, make_default=False, now=clock.now())
    assert default_of() == first
    assert addresses.read(ADA).find(first).fields["city"] == "Y"


def test_when_the_default_is_taken_out_the_oldest_left_becomes_it():
    first, second, _ = add(), add(), add()
    addresses.remove(ADA, first, now=clock.now())
    assert default_of() == second


def test_an_empty_book_has_no_default():
    addresses.remove(ADA, add(), now=clock.now())
    assert default_of() is None and addresses.read(ADA).entries == []


def test_twenty_addresses_and_no_more():
    for _ in range(MAX_ADDRESSES):
        add()
    with pytest.raises(TooManyAddresses):
        add()
    assert len(addresses.read(ADA).entries) == MAX_ADDRESSES


def test_the_same_operation_puts_one_address_in():
    assert add(operation="op") == add(operation="op")
    assert len(addresses.read(ADA).entries) == 1


def test_a_lost_reply_puts_one_address_in_and_takes_one_out():
    with reply_lost("PutItem"):
        first = add()
    second = add()
    with reply_lost("PutItem"):
        addresses.remove(ADA, first, now=clock.now())
    assert [entry.address_id for entry in addresses.read(ADA).entries] == [second]


def test_somebody_elses_address_is_not_there():
    theirs = add(BOB)
    for call in (
        lambda: addresses.change(ADA, theirs, HOME, make_default=True, now=clock.now()),
        lambda: addresses.remove(ADA, theirs, now=clock.now()),
    ):
        with pytest.raises(AddressNotFound):
            call()
    assert addresses.read(BOB).default == theirs


def meanwhile(monkeypatch, act) -> None:
    """Let something happen between a change's reading and its writing, once."""
    honest, met = addresses._write, threading.Event()

    def write(*arguments):
        if not met.is_set():
            met.set()
            act()
        return honest(*arguments)

    monkeypatch.setattr(addresses, "_write", write)


def test_two_that_are_put_in_at_once_are_both_in_and_one_is_the_default(monkeypatch):
    meanwhile(monkeypatch, lambda: add(default=True))
    last = add(default=True)
    book = addresses.read(ADA)
    assert len(book.entries) == 2 and book.default == last


def test_control_without_the_condition_one_of_two_is_lost(monkeypatch):
    def unasked(item, **_):
        item.save()

    meanwhile(monkeypatch, lambda: add(default=True))
    monkeypatch.setattr(addresses.dynamo, "put", unasked)
    add(default=True)
    assert len(addresses.read(ADA).entries) == 1


def test_who_always_loses_is_told_to_come_back(monkeypatch):
    add()
    monkeypatch.setattr(addresses, "read", lambda user_id: addresses.Book(user_id))
    with pytest.raises(Unavailable):
        add()


def test_a_forgotten_book_is_empty_and_forgetting_again_is_fine():
    add()
    addresses.forget(ADA)
    addresses.forget(ADA)
    assert list(AddressBookItem.scan()) == []
