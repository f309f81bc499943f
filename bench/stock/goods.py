"""What a benchmark starts from, written straight into the tables: stock, full carts, old holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pynamodb.models import Model

from chalicelib.cart.rules import CartStatus
from chalicelib.cart.tables import DAY_SECONDS, CartItem
from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import SettingItem, VariantItem
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import DEFAULT_PLACE, HoldStatus
from chalicelib.inventory.tables import HoldItem, StockItem, expiry_shard
from chalicelib.kernel import clock
from tests import factory


def sell(variant_ids: Iterable[str], *, units: int, shards: int) -> None:
    """Variants with this much stock each, split over `shards` (0: plain)."""
    SettingItem(SHOP, value=factory.SETTINGS).save()
    for variant_id in variant_ids:
        VariantItem(variant_id, **factory.variant_fields(variant_id)).save()
        now = clock.now()
        inventory.stock_new(variant_id, units, low_stock_at=0, now=now)
        if shards:
            inventory.set_shards(variant_id, shards, now=now)


def cart_id(number: int) -> str:
    return f"crt_{number:06d}"


def fill_carts(carts: Sequence[dict[str, int]]) -> None:
    """A cart for each of these `{variant: quantity}`, as if its owner had filled it by the API."""
    now = clock.now()
    _write(CartItem, (_cart(number, lines, now) for number, lines in enumerate(carts)))


def hold_until(end: int, *, count: int, variants: int) -> None:
    """`count` holds of one unit that end at `end`, over that many variants, all stock held."""
    share = count // variants
    names = [f"variant-{number}" for number in range(variants)]
    stock = (
        StockItem(name, DEFAULT_PLACE, available=0, reserved=share, stocked=share, holds={})
        for name in names
    )
    _write(StockItem, stock)
    _write(HoldItem, (_hold(n, names[n % variants], end) for n in range(share * variants)))


def _cart(number: int, lines: dict[str, int], now: int) -> CartItem:
    price = {name: {"USD": 1999, "JPY": 3000} for name in lines}
    return CartItem(
        cart_id(number),
        status=CartStatus.OPEN,
        version=2,
        currency="USD",
        attempt=1,
        quantities=lines,
        added=dict.fromkeys(lines, now),
        seen=price,
        marks=dict.fromkeys(lines, "filled"),
        expires_at=now + DAY_SECONDS,
    )


def _hold(number: int, variant_id: str, end: int) -> HoldItem:
    hold_id = f"hld_{number:06d}"
    return HoldItem(
        hold_id,
        status=HoldStatus.HELD,
        units=[{"variant_id": variant_id, "place": DEFAULT_PLACE, "quantity": 1}],
        expires_at=end,
        version=1,
        since=end - 900,
        expiry_shard=expiry_shard(hold_id),
    )


def _write(model: type[Model], items: Iterable[Any]) -> None:
    with model.batch_write() as batch:  # which sends 25 at a time
        for item in items:
            batch.save(item)
