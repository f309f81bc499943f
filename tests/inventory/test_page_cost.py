"""What a page shows of stock costs the same however many holds have ended, and refuses nothing that
a checkout could get."""

import pytest
from botocore.client import BaseClient

from chalicelib.cart import service as carts
from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds import expired
from chalicelib.inventory.rules import HoldStatus, OutOfStock
from chalicelib.inventory.tables import EXPIRY_SHARDS, HoldItem, StockItem, expiry_shard
from chalicelib.kernel import cache, clock, ids
from tests import factory
from tests.faults import hot

HOLDS = 1_000
STOCK = HOLDS + 5
PATHS = ["/api/products/slug-mug", "/api/inventory/variant/mug", "/api/inventory/availability/mug"]
PATHS += ["/api/products", "/api/inventory/report", "/health"]


class Reads:
    """Counts the calls of DynamoDB and the items that they answer."""

    def __init__(self, monkeypatch) -> None:
        self.calls, self.items = 0, 0
        real = BaseClient._make_api_call

        def call(client, operation, request):
            answer = real(client, operation, request)
            self.calls += 1
            found = answer.get("Items") or []
            found += [one for each in answer.get("Responses", {}).values() for one in each]
            self.items += len(found)
            return answer

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    def of(self, work) -> tuple[int, int]:
        """Calls and items of some work in a process that remembers nothing."""
        cache.forget_all()
        self.calls = self.items = 0
        work()
        return self.calls, self.items


def expire(count: int) -> None:
    """So many holds of one mug each whose time is over, with nobody having swept."""
    now = clock.now()
    with HoldItem.batch_write() as batch:
        for number in range(count):
            hold_id = ids.derived("hld", number)
            units = [{"variant_id": "mug", "place": "main", "quantity": 1}]
            batch.save(
                HoldItem(
                    hold_id,
                    status=HoldStatus.HELD,
                    units=units,
                    expires_at=now - 1 - number,
                    version=1,
                    holders=[],
                    expiry_shard=expiry_shard(hold_id),
                )
            )
    item = StockItem.get("mug", "main")
    item.available, item.reserved = STOCK - count, count
    item.save()
    cache.forget_all()


@pytest.fixture
def mugs(shop):
    shop.sell("mug", stock=STOCK)
    item = StockItem.get("mug", "main")
    # As few as with all those holds, so that the page has to look for more.
    item.available, item.reserved = STOCK - HOLDS, HOLDS
    item.save()
    return shop


@pytest.fixture
def reads(mugs, monkeypatch):
    return Reads(monkeypatch)


def get(shop, path: str):
    answer = shop.call("GET", path)
    assert answer.status_code == 200, answer.body
    return answer.json_body


def test_a_thousand_expired_holds_cost_a_page_no_call_more(mugs, reads):
    cart_id = factory.cart_with({"mug": 1})
    every = [*PATHS, f"/api/cart/{cart_id}"]
    for path in every:
        get(mugs, path)  # secrets are read once
    before = {path: reads.of(lambda path=path: get(mugs, path)) for path in every}
    expire(HOLDS)
    after = {path: reads.of(lambda path=path: get(mugs, path)) for path in every}
    assert {path: calls for path, (calls, _) in after.items()} == {
        path: calls for path, (calls, _) in before.items()
    }
    bound = expired.MOST_OF_A_SHARD * EXPIRY_SHARDS
    assert all(items < before[path][1] + bound + 1 for path, (_, items) in after.items())
    assert max(calls for calls, _ in after.values()) <= 25


def test_adding_to_a_cart_costs_no_call_more_either(mugs, reads):
    cart_id = factory.cart_with({"mug": 1})

    def add() -> None:
        carts.add(cart_id, "mug", 1, call_id=ids.token(), now=clock.now())

    before = reads.of(add)
    expire(HOLDS)
    assert reads.of(add)[0] == before[0]


def test_control_without_the_bound_every_expired_hold_is_read(mugs, reads, monkeypatch):
    monkeypatch.setattr(expired, "MOST_OF_A_SHARD", HOLDS)
    expire(HOLDS)
    assert reads.of(lambda: get(mugs, PATHS[0]))[1] > HOLDS


def test_a_variant_of_which_nothing_is_reserved_looks_at_no_hold(shop, monkeypatch):
    shop.sell("mug", stock=5)
    monkeypatch.setattr(expired, "units", lambda: pytest.fail("counted expired holds"))
    assert get(shop, PATHS[2])["data"]["available"] == 5


@pytest.fixture
def uncounted(shop, monkeypatch):
    """Every unit is held by a hold whose time is over, and only some of those are counted."""
    monkeypatch.setattr(expired, "MOST_OF_A_SHARD", 1)
    shop.sell("mug", stock=40, max_per_order=40)
    for number in range(40):
        hot.hold(f"hld_{number}", {"mug": 1}, until=clock.now() + 60)
    cart_id = factory.cart_with({})
    clock.shift(61)
    cache.forget_all()
    return cart_id


def put(cart_id: str, quantity: int) -> None:
    carts.set_quantity(cart_id, "mug", quantity, call_id=ids.token(), now=clock.now())


def test_what_a_checkout_could_get_is_never_refused_to_a_cart(uncounted):
    shown = inventory.available("mug")
    assert 0 < shown.available < shown.obtainable == 40
    put(uncounted, 40)
    view = factory.reserve(uncounted)
    assert view.lines[0].available == 40
    assert factory.stock("mug") == {"available": 0, "reserved": 40, "sold": 0, "stocked": 40}


def test_control_going_by_what_was_counted_a_cart_is_refused_what_is_there(uncounted, monkeypatch):
    counted = expired.units()
    monkeypatch.setattr(expired, "units", lambda: expired.Expired(counted.units, complete=True))
    with pytest.raises(OutOfStock):
        put(uncounted, 40)


def test_what_was_given_back_since_it_was_counted_does_not_count_twice(shop):
    shop.sell("mug", stock=5)
    hot.hold("hld_1", {"mug": 3}, until=clock.now() + 60)
    clock.shift(61)
    cache.forget_all()
    assert inventory.available("mug").available == 5
    # The sweeper, in a process of its own.
    hot.end(inventory.release, "hld_1")
    assert inventory.available("mug").available == 5


@pytest.mark.parametrize("variant", ["mug", "nothing"])
def test_what_is_sold_out_or_not_there_costs_no_consistent_read_for_each_who_asks(
    shop, monkeypatch, variant
):
    shop.sell("mug", stock=0)
    path = f"/api/inventory/availability/{variant}"
    shop.call("GET", path)
    asked = []
    real = BaseClient._make_api_call

    def call(client, operation, request):
        asked.append(request.get("ConsistentRead"))
        return real(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    for _ in range(20):
        shop.call("GET", path)
    assert True not in asked
