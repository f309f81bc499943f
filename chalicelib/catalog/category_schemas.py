"""The tree of categories as its owner writes and reads it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib.catalog.categories import Categories
from chalicelib.catalog.settings_schemas import Words
from chalicelib.catalog.tree import Category
from chalicelib.kernel import clock
from chalicelib.kernel.web.schema import Body, Id, Wire

MOST_CATEGORIES = 1_000  # far more than a menu shows; one read brings them all

Slug = Annotated[str, StringConstraints(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class CategoryBody(Body):
    """A category; without `parentId` it stands at the top."""

    id: Id
    parent_id: Id | None = None
    slug: Slug
    name: Words

    def category(self) -> Category:
        return Category(self.id, self.parent_id, self.slug, self.name.model_dump(by_alias=True))


class PutCategories(Body):
    """All categories as they are to be, if nobody wrote since `version` was read.

    Siblings stand in the order of the list.
    """

    version: Annotated[int, Field(strict=True, ge=0, le=10**9)]
    categories: Annotated[list[CategoryBody], Field(max_length=MOST_CATEGORIES)]


class StoredCategory(Wire):
    """A category with its name in each language."""

    id: str
    parent_id: str | None
    slug: str
    name: dict[str, str]

    @classmethod
    def of(cls, one: Category) -> "StoredCategory":
        return cls(id=one.id, parent_id=one.parent_id, slug=one.slug, name=dict(one.name))


class AllCategories(Wire):
    """The tree, depth first, and the version to send along with the next change."""

    version: int
    updated_at: str | None
    categories: list[StoredCategory]

    @classmethod
    def of(cls, stored: Categories) -> "AllCategories":
        return cls(
            version=stored.version,
            updated_at=clock.iso(stored.updated_at) if stored.updated_at else None,
            categories=[StoredCategory.of(one) for one in stored.tree.categories],
        )
