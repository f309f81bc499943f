"""What happens to the catalogue, as an event of the products' stream."""

from collections.abc import Mapping
from typing import Any

from chalicelib.kernel.ids import derived
from chalicelib.kernel.messaging.events import Event, EventData, made

# What listeners themselves count in a product: no change of the catalogue.
COUNTED = frozenset({"sales_count", "rating", "review_count"})


class ProductChanged(EventData):
    """A product is new, other than before, or gone: whoever shows it reads it again."""

    type = "product.changed"
    product_id: str


def of_change(
    before: Mapping[str, Any], after: Mapping[str, Any], *, at: int, change: str
) -> Event | None:
    """The event of one write to a product, None where only counters moved; `change` names it."""
    if _told(before) == _told(after):
        return None
    product_id = (after or before)["product_id"]
    event_id = derived("evt", product_id, change)
    return made(ProductChanged(product_id=product_id), id=event_id, at=at)


def _told(image: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in image.items() if name not in COUNTED}
