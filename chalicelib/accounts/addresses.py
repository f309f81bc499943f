"""A person's address book: one document, in which one address is the default.

That exactly one is the default is the document's shape (`default` names it), not a promise of the
code: two at once can't make two. Every change is one write, conditional on the book as it was read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.accounts.tables import AddressBookItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import retry_on_conflict
from chalicelib.kernel.errors import Invalid, NotFound, StaleState
from chalicelib.kernel.ids import derived

MAX_ADDRESSES = 20


class AddressNotFound(NotFound):
    """Not there, or somebody else's."""

    code = "ADDRESS_NOT_FOUND"


class TooManyAddresses(Invalid):
    code = "TOO_MANY_ADDRESSES"


@dataclass(frozen=True)
class Entry:
    """One address: `fields` as the wire names them (`postalCode`), when it was put in."""

    address_id: str
    fields: Mapping[str, str]
    added_at: int


@dataclass(frozen=True)
class Book:
    """All addresses of a person, oldest first; `default` is one of them while there is any."""

    user_id: str
    entries: Sequence[Entry] = ()
    default: str | None = None
    version: int = 0

    def find(self, address_id: str) -> Entry:
        """The entry. Raises AddressNotFound."""
        for entry in self.entries:
            if entry.address_id == address_id:
                return entry
        raise AddressNotFound()

    def having(self, entry: Entry, *, make_default: bool) -> "Book":
        """The book with the entry new in it. Raises TooManyAddresses."""
        if any(one.address_id == entry.address_id for one in self.entries):
            return self  # its own first run, whose answer was lost
        if len(self.entries) >= MAX_ADDRESSES:
            raise TooManyAddresses(limit=MAX_ADDRESSES)
        default = entry.address_id if make_default or self.default is None else self.default
        return replace(self, entries=[*self.entries, entry], default=default)

    def changed(self, address_id: str, fields: Mapping[str, str], *, make_default: bool) -> "Book":
        """The book with other words at this address. Raises AddressNotFound."""
        changed = replace(self.find(address_id), fields=fields)
        entries = [changed if one.address_id == address_id else one for one in self.entries]
        return replace(self, entries=entries, default=address_id if make_default else self.default)

    def without(self, address_id: str) -> "Book":
        """The book without it; the oldest that is left becomes the default in its place."""
        entries = [one for one in self.entries if one.address_id != address_id]
        default = self.default
        if default == address_id:
            default = entries[0].address_id if entries else None
        return replace(self, entries=entries, default=default)


def read(user_id: str) -> Book:
    """A person's book, empty when nothing was ever put in."""
    item = dynamo.get(AddressBookItem, user_id)
    return _book_of(item) if item else Book(user_id)


def add(
    user_id: str,
    fields: Mapping[str, str],
    *,
    make_default: bool,
    operation: str,
    now: int,
) -> tuple[Book, Entry]:
    """Put an address in; the first one is the default whatever is asked.

    `operation` is this call's own: run again, it finds its entry. Raises TooManyAddresses.
    """
    entry = Entry(derived("adr", user_id, operation), dict(fields), now)
    book = _change(user_id, lambda book: book.having(entry, make_default=make_default), now)
    return book, book.find(entry.address_id)


def change(
    user_id: str, address_id: str, fields: Mapping[str, str], *, make_default: bool, now: int
) -> tuple[Book, Entry]:
    """Replace an address. The default stays one until another is made it: there is always one.

    Raises AddressNotFound.
    """
    book = _change(
        user_id, lambda book: book.changed(address_id, fields, make_default=make_default), now
    )
    return book, book.find(address_id)


def remove(user_id: str, address_id: str, *, now: int) -> Book:
    """Take an address out. Raises AddressNotFound."""
    found: list[Entry] = []

    def wish(book: Book) -> Book:
        # Gone at the second look: this very write had landed, or another's of the same wish.
        if not found:
            found.append(book.find(address_id))
        return book.without(address_id)

    return _change(user_id, wish, now)


def forget(user_id: str) -> None:
    """Remove the whole book."""
    dynamo.delete(AddressBookItem(user_id))


def _change(user_id: str, wish: Callable[[Book], Book], now: int) -> Book:
    def attempt() -> Book:
        book = read(user_id)
        wanted = wish(book)
        if wanted == book:
            return book
        return _write(wanted, now)

    return retry_on_conflict(attempt)


def _write(book: Book, now: int) -> Book:
    """Write the book if it is still as it was read, else StaleState."""
    unchanged = (
        AddressBookItem.version == book.version
        if book.version
        else AddressBookItem.user_id.does_not_exist()
    )
    written = replace(book, version=book.version + 1)
    dynamo.put(_item_of(written, now), condition=unchanged, on_condition_failed=StaleState())
    return written


def _item_of(book: Book, now: int) -> AddressBookItem:
    return AddressBookItem(
        book.user_id,
        entries=[
            {"address_id": one.address_id, "fields": dict(one.fields), "added_at": one.added_at}
            for one in book.entries
        ],
        default=book.default,
        version=book.version,
        updated_at=now,
    )


def _book_of(item: AddressBookItem) -> Book:
    return Book(
        user_id=item.user_id,
        entries=[_entry_of(value) for value in item.entries],
        default=item.default,
        version=int(item.version),
    )


def _entry_of(value: Mapping[str, Any]) -> Entry:
    return Entry(value["address_id"], value["fields"], value["added_at"])
