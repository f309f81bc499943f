"""Balances and the ledger that they are the sums of.

Access patterns
    read   a balance          Get     balances (user_id, currency), consistent
    read   a user's balances  Query   balances (user_id), consistent
    read   a movement         Get     balance-entries (entry_id), consistent
    read   a user's ledger    Query   balance-entries by_user (user_id, place), newest first: to
                                      show, never to decide
    write  a movement         Put     its entry, once, and Update its balance, conditional on the
                                      version it was read in: both in one transaction, which may be
                                      an order's
    write  a payment's end    Put     an entry without a user, in place of a movement that was not
                                      made, only where there is none
    write  a refund of one    Update  the payment's own entry, conditional on what went back so far
    write  forget             Update  what somebody wrote about a movement; the amounts stay
    read   everything         Scan    both, by the nightly check
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection

from chalicelib.balance.rules import Balance, Entry
from chalicelib.kernel.db import mapping
from chalicelib.kernel.db.dynamo import Document, Index


class BalanceItem(Document):
    class Meta:
        table = "balances"

    user_id = UnicodeAttribute(hash_key=True)
    currency = UnicodeAttribute(range_key=True)
    amount = NumberAttribute()
    # Goes up with each movement.
    version = NumberAttribute()
    updated_at = NumberAttribute()

    def as_balance(self) -> Balance:
        return mapping.loaded(Balance, self)


class EntriesByUser(Index["EntryItem"]):
    class Meta:
        index_name = "by_user"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)


class EntryItem(Document):
    class Meta:
        table = "balance-entries"

    entry_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(null=True)
    # Time and version: the order in which they are shown.
    place = UnicodeAttribute(null=True)
    currency = UnicodeAttribute()
    amount = NumberAttribute()
    reason = UnicodeAttribute()
    reference = UnicodeAttribute()
    operator = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    before = NumberAttribute(default=0)
    after = NumberAttribute(default=0)
    # The balance's version that this movement made.
    version = NumberAttribute(default=0)
    at = NumberAttribute()
    refunded = NumberAttribute(default=0)

    by_user = EntriesByUser()

    def as_entry(self) -> Entry:
        return mapping.loaded(Entry, self)
