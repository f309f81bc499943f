"""The check reads no more because much is wrong, and takes no sale for drift."""

import pytest

from chalicelib.integrity import check as integrity_check
from chalicelib.inventory.holds import listing
from chalicelib.inventory.ledger import check
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import clock
from tests.integrity.running import work
from tests.integrity.test_check import entered
from tests.inventory.stream import Stream
from tests.permissions import recorder

VARIANTS = 12


@pytest.fixture
def drifted(shop):
    for number in range(VARIANTS):
        shop.sell(f"m{number}", stock=5)
    shop.buy({"m0": 1})
    entered(shop)
    for number in range(VARIANTS):
        StockItem.get(f"m{number}", "main").update([StockItem.stocked.set(9)])
    clock.shift(2 * check.INDEX_SECONDS)


def test_however_many_drift_all_holds_are_read_twice_a_slice(drifted, monkeypatch):
    made, honest = [], check.OpenHolds.__init__

    def counted(self) -> None:
        made.append(self)
        honest(self)

    monkeypatch.setattr(check.OpenHolds, "__init__", counted)
    work(clock.now())
    assert integrity_check.progress().found["drifts"] >= VARIANTS
    assert len(made) <= 2


def test_a_sale_between_the_two_reads_is_no_drift(shop, monkeypatch):
    shop.sell("mug", stock=5)
    stream = Stream()
    stream.work()
    clock.shift(2 * check.LEDGER_SECONDS)
    long_ago = clock.now() - check.LEDGER_SECONDS - 100
    StockItem.get("mug", "main").update([StockItem.last_movement["at"].set(long_ago)])
    honest, sold = listing.ledger_since, []

    def meanwhile(*asked):
        if not sold:
            with recorder.elsewhere():
                sold.append(shop.buy({"mug": 1}))
                stream.work()
        yield from honest(*asked)

    monkeypatch.setattr(listing, "ledger_since", meanwhile)
    work(clock.now())
    assert sold
    assert not integrity_check.progress().found.get("drifts")
