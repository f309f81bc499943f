"""Items as dataclasses and back: what has one name is copied, what has not is given or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest
from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.kernel.db.dynamo import Document
from chalicelib.kernel.db.mapping import loaded, plain
from chalicelib.kernel.db.values import PlainList, PlainMap
from chalicelib.kernel.money import Money


class Size(StrEnum):
    SMALL = "SMALL"
    LARGE = "LARGE"


@dataclass(frozen=True)
class Part:
    name: str
    price: Money


@dataclass(frozen=True)
class Box:
    box_id: str
    size: Size
    price: Money
    weight: int
    labels: Sequence[str]
    facts: Mapping[str, Any] | None
    deposit: Money | None
    parts: Sequence[Part] = ()
    was: Size | None = None
    tries: int = 1
    sealed: bool = False


class BoxItem(Document):
    class Meta:
        table = "boxes"

    box_id = UnicodeAttribute(hash_key=True)
    currency = UnicodeAttribute()
    size = UnicodeAttribute()
    price = NumberAttribute()
    weight = NumberAttribute()
    labels = PlainList(default=list)
    facts = PlainMap(null=True)
    deposit = NumberAttribute(null=True)
    parts = PlainList(default=list)
    was = UnicodeAttribute(null=True)
    tries = NumberAttribute(null=True)
    sealed = BooleanAttribute(null=True)
    # What no field is about.
    listing = UnicodeAttribute(null=True)


PART = Part("lid", Money(50, "EUR"))
WHOLE = Box(
    "box-1",
    Size.LARGE,
    Money(1999, "EUR"),
    weight=700,
    labels=("a", "b"),
    facts={"fragile": True},
    deposit=Money(0, "EUR"),
    parts=(PART,),
    was=Size.SMALL,
    tries=3,
    sealed=True,
)


def item(**changes: Any) -> BoxItem:
    kept = {"box_id": "box-1", "currency": "EUR", "size": "SMALL", "price": 5, "weight": 1}
    return BoxItem(**kept | changes)


def box_of(source: Any) -> Box:
    kept = source["parts"] if isinstance(source, dict) else source.parts
    parts = tuple(loaded(Part, {"currency": "EUR", **each}) for each in kept)
    return loaded(Box, source, parts=parts)


def test_what_is_written_is_read_as_it_was():
    assert box_of(BoxItem(**plain(WHOLE), currency="EUR", listing="all")) == WHOLE


def test_a_map_is_read_as_an_item_is():
    assert box_of({**plain(WHOLE), "currency": "EUR", "listing": "all"}) == WHOLE


def test_what_is_stored_is_plain():
    assert plain(WHOLE, without=("facts", "labels")) == {
        "box_id": "box-1",
        "size": "LARGE",
        "price": 1999,
        "weight": 700,
        "deposit": 0,
        "parts": [{"name": "lid", "price": 50}],
        "was": "SMALL",
        "tries": 3,
        "sealed": True,
    }
    assert type(plain(WHOLE)["size"]) is str


def test_what_is_not_there_is_the_default_or_none():
    found = box_of(item())
    assert (found.tries, found.sealed, found.was) == (1, False, None)
    assert (found.facts, found.deposit, found.labels) == (None, None, ())


def test_a_stored_zero_is_no_absence():
    found = box_of(item(tries=0, deposit=0, sealed=False))
    assert (found.tries, found.deposit, found.sealed) == (0, Money(0, "EUR"), False)


def test_what_is_given_wins():
    assert loaded(Box, item(), parts=(), weight=9).weight == 9


@pytest.mark.parametrize("absent", ["size", "price", "weight"])
def test_a_field_that_has_to_be_there_and_is_not_is_refused(absent):
    kept = {**plain(WHOLE, without=(absent,)), "currency": "EUR"}
    with pytest.raises(TypeError, match=f"Box.{absent} is not there"):
        box_of(kept)


def test_a_field_that_the_table_does_not_know_is_refused():
    @dataclass(frozen=True)
    class Renamed:
        box_id: str
        colour: str = "blue"

    with pytest.raises(TypeError, match=r"BoxItem keeps no Renamed\.colour"):
        loaded(Renamed, item())


def test_a_field_of_dataclasses_has_to_be_given():
    with pytest.raises(TypeError, match=r"say how Box\.parts is made"):
        loaded(Box, item())


def test_a_name_that_no_field_has_is_refused_both_ways():
    with pytest.raises(TypeError, match="colour"):
        loaded(Box, item(), parts=(), colour="blue")
    with pytest.raises(ValueError, match="colour"):
        BoxItem(**plain(WHOLE), colour="blue")


def test_what_is_stored_wrongly_is_no_value_of_its_enum():
    with pytest.raises(ValueError, match="HUGE"):
        box_of(item(size="HUGE"))
