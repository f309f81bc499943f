"""Red packets handed in.

Access patterns
    read   a payment's packets      Get     red-packets (payment_id), consistent
    write  begin                    Put     red-packets, only once
    write  hand in, decide, close   Put     red-packets, conditional on the version that was read
    write  a passphrase is taken    Put     red-packet-marks (mark), in the transaction of handing
                                            in, conditional: another payment's stays

A passphrase stands here sealed (kernel/sealing.py) until it is decided on, and never in clear. Its
mark stays for ever: a passphrase counts for one payment.
"""

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.kernel.db import dynamo, mapping
from chalicelib.kernel.db.dynamo import Document, OnConditionFailed
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.db.values import PlainList
from chalicelib.kernel.errors import Conflict, StaleState
from chalicelib.payments.providers.redpacket.book import Book, Packet


class PassphraseUsed(Conflict):
    """It was handed in for another order."""

    code = "PASSPHRASE_USED"


class BookItem(Document):
    class Meta:
        table = "red-packets"

    payment_id = UnicodeAttribute(hash_key=True)
    due = NumberAttribute()
    currency = UnicodeAttribute()
    needed = NumberAttribute()
    until = NumberAttribute()
    deadline = NumberAttribute(null=True)
    closed = BooleanAttribute(default=False)
    tries = NumberAttribute(default=0)
    packets = PlainList(default=list)
    version = NumberAttribute(default=0)

    def as_book(self) -> Book:
        packets = tuple(mapping.loaded(Packet, packet) for packet in self.packets)
        return mapping.loaded(Book, self, packets=packets)


class MarkItem(Document):
    class Meta:
        table = "red-packet-marks"

    mark = UnicodeAttribute(hash_key=True)
    payment_id = UnicodeAttribute()


def read(payment_id: str) -> Book | None:
    item = dynamo.get(BookItem, payment_id)
    return item.as_book() if item else None


def begin(book: Book) -> None:
    """Write a new book. StaleState when it is there already."""
    absent = BookItem.payment_id.does_not_exist()
    dynamo.put(_item_of(book), condition=absent, on_condition_failed=StaleState())


def change(
    tx: Transaction, after: Book, *, on_condition_failed: OnConditionFailed | None = None
) -> None:
    """Write a book that was read with its `version`; StaleState (or `on_condition_failed`) if it
    has moved."""
    tx.put(
        _item_of(after),
        condition=BookItem.version == after.version,
        on_condition_failed=on_condition_failed or StaleState(),
    )


def take(tx: Transaction, marks: list[str], payment_id: str) -> None:
    """Count a passphrase for this payment, for ever. PassphraseUsed when it is another one's."""
    for mark in marks:
        tx.put(
            MarkItem(mark, payment_id=payment_id),
            condition=MarkItem.mark.does_not_exist() | (MarkItem.payment_id == payment_id),
            on_condition_failed=PassphraseUsed(),
        )


def _item_of(book: Book) -> BookItem:
    kept = mapping.plain(book, without=("version",))
    return BookItem(**kept, currency=book.due.currency, version=book.version + 1)
