"""The tree of categories as its owner reads and writes it: whole, one writer after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.catalog import service, tables
from chalicelib.catalog.tables import CategoryItem, TreeItem
from chalicelib.catalog.tree import Category, Tree, misfits
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import MAX_ACTIONS, Transaction, retry_on_conflict
from chalicelib.kernel.errors import Conflict, Invalid, StaleState

# One action of the transaction is the tree's version.
MOST_CHANGED = MAX_ACTIONS - 1


class CategoriesChanged(Conflict):
    """Somebody has written the categories since they were read."""

    code = "CATEGORIES_CHANGED"


class CategoryInUse(Conflict):
    """Products lie in a category that is to go."""

    code = "CATEGORY_IN_USE"


class TooManyCategories(Invalid):
    """More categories change than one transaction writes."""

    code = "TOO_MANY_CATEGORIES"


@dataclass(frozen=True)
class Categories:
    """The tree as it is stored; `version` goes up with each change, 0 before the first one.

    `updated_at` is in epoch seconds.
    """

    tree: Tree
    version: int
    updated_at: int | None


def read() -> Categories:
    """The categories as they are now, not from memory."""
    # The version first. A change between the two reads then shows a tree newer than its version,
    # and writing that back is refused; the other way round it would undo the change.
    item = dynamo.get(TreeItem, tables.TREE, TreeItem.ENTRY)
    tree = tables.category_tree()
    if item is None:
        return Categories(tree, 0, None)
    return Categories(tree, int(item.version), int(item.updated_at))


def change(wanted: Sequence[Category], *, version: int, now: int) -> tuple[Categories, Categories]:
    """Replace the tree if it still is at `version`; as it was, and as it is.

    Siblings stand in the order of the list. What does not differ is not written, and when nothing
    differs the version stays. Said again after a lost reply, the change is found to be there.
    Raises Invalid, which names each field that does not fit, TooManyCategories, CategoryInUse and
    CategoriesChanged.
    """
    if wrong := list(misfits(wanted)):
        raise Invalid(*wrong)
    written = retry_on_conflict(lambda: _change(Tree(wanted), version, now))
    service.forget_categories()
    return written


def _change(wanted: Tree, version: int, now: int) -> tuple[Categories, Categories]:
    before = read()
    is_there = before.tree.categories == wanted.categories
    if is_there and before.version in (version, version + 1):
        return before, before
    if before.version != version:
        raise CategoriesChanged()
    after = Categories(wanted, version + 1, now)
    put, gone = list(_changed(before.tree, after)), _gone(before.tree, wanted)
    if len(put) + len(gone) > MOST_CHANGED:
        raise TooManyCategories(limit=MOST_CHANGED)
    _check_unused(gone)
    with Transaction() as tx:
        tx.put(
            TreeItem(version=after.version, updated_at=now),
            condition=tables.at_version(version),
            on_condition_failed=StaleState(),
        )
        for item in put:
            tx.put(item)
        for category_id in gone:
            tx.delete(CategoryItem.at(category_id))
    return before, after


def _changed(before: Tree, after: Categories) -> Iterator[CategoryItem]:
    """The items of what is new, or other than before, or stands elsewhere."""
    known = {one.id: one for one in before.categories}
    stood, stands = before.positions(), after.tree.positions()
    for one in after.tree.categories:
        if known.get(one.id) != one or stood[one.id] != stands[one.id]:
            yield CategoryItem.of(one, position=stands[one.id], version=after.version)


def _gone(before: Tree, wanted: Tree) -> list[str]:
    kept = {one.id for one in wanted.categories}
    return [one.id for one in before.categories if one.id not in kept]


def _check_unused(gone: Sequence[str]) -> None:
    """Spares the owner a mistake, and guarantees nothing: a product may come in the same moment.

    A product whose category is gone is still found and sold, only in no category.
    """
    if not gone:
        return
    counts = tables.products_in(gone)
    for category_id in gone:
        if counts[category_id]:
            raise CategoryInUse(category=category_id, count=counts[category_id])
