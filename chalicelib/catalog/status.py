"""Putting products on sale and taking them off, many at once."""

from chalicelib.catalog.rules import ProductChanged, ProductNotFound, Status
from chalicelib.catalog.tables import ProductItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState


def status_of(product_id: str) -> Status:
    """A product's status as it is now. Raises ProductNotFound, also for one that is deleted."""
    item = dynamo.get(ProductItem, product_id)
    if item is None or item.status == Status.DELETED:
        raise ProductNotFound()
    return Status(item.status)


def change_status(tx: Transaction, product_id: str, before: Status, after: Status) -> None:
    """Add the change to a transaction, which fails with StaleState when the product's status is no
    longer `before`."""
    tx.update(
        ProductItem(product_id),
        [ProductItem.status.set(after)],
        condition=ProductItem.status == before,
        on_condition_failed=StaleState(),
    )


def check_status(product_id: str, expected: Status) -> None:
    """Raises ProductChanged when somebody has given the product another status."""
    if status_of(product_id) != expected:
        raise ProductChanged()
