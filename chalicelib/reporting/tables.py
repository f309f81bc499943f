"""Facts for reports, one an event.

Access patterns
    write  a fact          Put     facts (day, place), plain: the same event is the same item
    read   a day's facts   Query   facts (day), each of its eight shards, by time

`day` is the event's UTC day and a shard of its id; a shop's own day, in whatever zone, is a range
over two of them. A late event lands on its own day, and a refund on the refund's.
"""

from collections.abc import Iterator
from dataclasses import asdict, fields

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.kernel import clock, ids
from chalicelib.kernel.db.dynamo import Document
from chalicelib.kernel.db.values import PlainList
from chalicelib.reporting.rules import SHARDS, Fact


class FactItem(Document):
    class Meta:
        table = "facts"

    day = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)
    event_id = UnicodeAttribute()
    type = UnicodeAttribute()
    at = NumberAttribute()
    currency = UnicodeAttribute()
    order_id = UnicodeAttribute(null=True)
    cart_id = UnicodeAttribute(null=True)
    provider = UnicodeAttribute(null=True)
    gross = NumberAttribute(null=True)
    shipping = NumberAttribute(null=True)
    charged = NumberAttribute(null=True)
    store_credit = NumberAttribute(null=True)
    refund = NumberAttribute(null=True)
    returned = NumberAttribute(null=True)
    charged_back = NumberAttribute(null=True)
    units = NumberAttribute(null=True)
    revived = BooleanAttribute(null=True)
    sold = PlainList(null=True)

    def as_fact(self) -> Fact:
        return Fact(**{field.name: getattr(self, field.name) for field in fields(Fact)})


def item_of(fact: Fact) -> FactItem:
    """A fact as it is stored."""
    day = f"{clock.day(fact.at)}#{ids.shard(fact.event_id, SHARDS)}"
    return FactItem(day, f"{fact.at:010d}#{fact.event_id}", **asdict(fact))


def of_day(day: str, since: int, until: int) -> Iterator[FactItem]:
    """The facts of a UTC day (`20261129`) from `since` on and before `until`, in no order."""
    for shard in range(SHARDS):
        places = FactItem.place.between(f"{since:010d}", f"{until - 1:010d}$")
        yield from FactItem.query(f"{day}#{shard:02d}", places)
