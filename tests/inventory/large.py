"""Baskets of many places: stock that lies as a test says, and carts that were filled by hand."""

from collections.abc import Mapping

from moto.backends import get_backend

from chalicelib.cart import service as carts
from chalicelib.cart.tables import CartItem
from chalicelib.catalog.tables import VariantItem
from chalicelib.inventory import service as inventory
from chalicelib.inventory.operations.warehouses import Warehouse
from chalicelib.inventory.rules import Hold, HoldStatus, StockKey
from chalicelib.inventory.tables import HOT, HoldItem, StockItem, as_stored, expiry_shard
from chalicelib.kernel import cache, clock
from tests import factory

# Units by place, of one variant.
Lying = Mapping[str, int]


def clear() -> None:
    """Let nothing be in the tables but the shop's settings, and no stream remember anything: moto
    copies it all for each transaction, so what is left of before is paid for again and again."""
    for account in get_backend("dynamodb").values():
        for backend in account.values():
            for name, table in backend.tables.items():
                if table.stream_shard:
                    table.stream_shard.items.clear()
                if not name.endswith("settings"):
                    table.items.clear()
    cache.forget_all()


def warehouses(count: int) -> list[str]:
    """Let the shop have so many warehouses, `main` among them."""
    names = ["main", *(f"wh-{number}" for number in range(1, count))]
    inventory.set_warehouses([Warehouse(name, name, at) for at, name in enumerate(names)])
    return names


def stock(variants: Mapping[str, Lying]) -> None:
    """Put variants on the shelf whose units lie in just these places."""
    with VariantItem.batch_write() as batch:
        for variant_id in variants:
            batch.save(VariantItem(variant_id, **factory.variant_fields(variant_id)))
    lay(variants)


def lay(variants: Mapping[str, Lying]) -> None:
    """Let the variants' units, all of them available, lie in just these places."""
    with StockItem.batch_write() as batch:
        for variant_id, lying in variants.items():
            for item in _items(variant_id, lying):
                batch.save(item)
    cache.forget_all()


def _items(variant_id: str, lying: Lying) -> list[StockItem]:
    shards = sum("#" in place for place in lying)
    hot = {"shards": shards, "shards_made": shards, "hot": HOT if shards else None}
    return [
        StockItem(
            variant_id,
            place,
            available=lying.get(place, 0),
            stocked=lying.get(place, 0),
            holds={} if "#" in place else None,
            **(hot if place == "main" else {}),
        )
        for place in dict.fromkeys(["main", *lying])
    ]


def fill(cart_id: str, lines: Mapping[str, int]) -> None:
    """Let a cart have these lines; as the routes do it, one by one, it takes a while."""
    item = CartItem.get(cart_id)
    item.update(
        [
            CartItem.quantities.set(dict(lines)),
            CartItem.added.set(dict.fromkeys(lines, clock.now())),
            CartItem.seen.set({key: {"USD": 1999} for key in lines}),
            CartItem.version.set(CartItem.version + 1),
        ]
    )


def cart(lines: Mapping[str, int]) -> str:
    cart_id = factory.cart_with({})
    fill(cart_id, lines)
    return cart_id


def made_before_there_was_a_bound(hold: Hold) -> None:
    """Let a hold have units in any number of places, as they once were held."""
    item = HoldItem.get(hold.hold_id)
    item.update(
        [
            HoldItem.units.set(as_stored(hold.units)),
            HoldItem.version.set(HoldItem.version + 1),
            HoldItem.expires_at.set(hold.expires_at),
            HoldItem.expiry_shard.set(expiry_shard(hold.hold_id)),
        ]
    )
    with StockItem.batch_write() as batch:
        for key, count in hold.units.items():
            batch.save(_held_at(key, count, hold))


def _held_at(key: StockKey, count: int, hold: Hold) -> StockItem:
    assert hold.status == HoldStatus.HELD
    notes = {hold.hold_id: {"q": count, "exp": hold.expires_at}} if key.is_shard else None
    return StockItem(key.variant_id, key.place, reserved=count, stocked=count, holds=notes)


def hold_id_of(cart_id: str) -> str:
    return carts.read(cart_id, now=clock.now()).hold_id
