"""The tree of categories: where each one stands, and what a new tree must keep to. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.kernel.errors import FieldError


@dataclass(frozen=True)
class Category:
    """A shelf of the shop; `parent_id` is None at the top. `slug` is its part of an address."""

    id: str
    parent_id: str | None
    slug: str
    name: Mapping[str, str]


class Tree:
    """All categories, depth first: each one before what is below it, siblings in their order."""

    def __init__(self, categories: Sequence[Category]) -> None:
        """`categories` in any order that keeps siblings in theirs.

        One whose parent is missing stands at the top: a reader may meet a tree half written.
        """
        self._by_id = {one.id: one for one in categories}
        below: dict[str | None, list[Category]] = {}
        for one in categories:
            below.setdefault(self._parent(one), []).append(one)
        self.categories: Sequence[Category] = tuple(_depth_first(below))

    def path(self, category_id: str) -> list[str]:
        """The category and all above it, itself first; itself alone where it is not known."""
        path = [category_id]
        while (found := self._by_id.get(path[-1])) and (parent := self._parent(found)):
            if parent in path:
                break
            path.append(parent)
        return path

    def positions(self) -> dict[str, int]:
        """Each category's place among its siblings, from 0."""
        counted: dict[str | None, int] = {}
        positions = {}
        for one in self.categories:
            parent = self._parent(one)
            positions[one.id] = counted.get(parent, 0)
            counted[parent] = positions[one.id] + 1
        return positions

    def _parent(self, category: Category) -> str | None:
        return category.parent_id if category.parent_id in self._by_id else None


def _depth_first(below: Mapping[str | None, list[Category]]) -> Iterator[Category]:
    waiting = list(reversed(below.get(None, ())))
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(below.get(one.id, ()))


def misfits(wanted: Sequence[Category]) -> Iterator[FieldError]:
    """What keeps a list of categories from being a tree, field by field."""
    parents = {one.id: one.parent_id for one in wanted}
    ids: set[str] = set()
    slugs: set[str] = set()
    for number, one in enumerate(wanted):
        place = f"categories.{number}"
        if one.id in ids:
            yield FieldError(f"{place}.id", "field.twice", {"id": one.id})
        if one.slug in slugs:
            yield FieldError(f"{place}.slug", "field.twice", {"id": one.slug})
        if one.parent_id is not None and one.parent_id not in parents:
            yield FieldError(f"{place}.parentId", "field.category", {"id": one.parent_id})
        elif _is_below_itself(one.id, parents):
            yield FieldError(f"{place}.parentId", "field.category_below_itself")
        ids.add(one.id)
        slugs.add(one.slug)


def _is_below_itself(category_id: str, parents: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    above = parents[category_id]
    while above is not None and above not in seen:
        if above == category_id:
            return True
        seen.add(above)
        above = parents.get(above)
    return False
