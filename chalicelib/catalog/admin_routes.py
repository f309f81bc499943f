"""The shop's settings and its categories over HTTP, for its owner."""

from __future__ import annotations

from typing import Any

from chalicelib.catalog import categories, category_schemas, settings, settings_schemas, tables
from chalicelib.catalog import tree as trees
from chalicelib.kernel import clock, limits
from chalicelib.kernel.web.http import Answer, Change, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.payments import registry

routes = Routes(__name__)

# A thousand categories, with their names in two languages.
MAX_CATEGORIES_BYTES = 256 * 1024


@routes.get(
    "/api/admin/settings",
    access=Permission.MANAGE_SETTINGS,
    gives="settings_schemas.AllSettings",
)
def read_settings(request: Request) -> Answer:
    """All settings, and the version to send along with a change."""
    return _answer(settings.read())


@routes.put(
    "/api/admin/settings",
    access=Permission.MANAGE_SETTINGS,
    gives="settings_schemas.AllSettings",
    limits=limits.CHANGES,
    also=(409,),
)
def write_settings(request: Request, body: settings_schemas.PutSettings) -> Answer:
    """Replace all settings, if nobody wrote since `version` was read.

    Other calls see them within half a minute.
    """
    wanted = body.settings.model_dump(mode="json", by_alias=True, exclude_none=True)
    before, after = settings.change(
        wanted, version=body.version, known_methods=registry.PROVIDERS, now=clock.now()
    )
    return _answer(after, change=_difference(before.value, after.value))


def _difference(before: dict[str, Any], after: dict[str, Any]) -> Change:
    """What the audit log keeps: the settings that are other than before."""
    before, after = {**settings.DEFAULTS, **before}, {**settings.DEFAULTS, **after}
    names = [name for name in after if before.get(name) != after[name]]
    return Change(
        "settings:shop",
        before={name: before.get(name) for name in names},
        after={name: after[name] for name in names},
    )


def _answer(item: tables.SettingItem, change: Change | None = None) -> Answer:
    return Answer(settings_schemas.AllSettings.of(item, settings.DEFAULTS), change=change)


@routes.get(
    "/api/admin/categories",
    access=Permission.MANAGE_CATEGORIES,
    gives="category_schemas.AllCategories",
)
def read_categories(request: Request) -> Answer:
    """The tree of categories, and the version to send along with a change."""
    return Answer(category_schemas.AllCategories.of(categories.read()))


@routes.put(
    "/api/admin/categories",
    access=Permission.MANAGE_CATEGORIES,
    gives="category_schemas.AllCategories",
    limits=limits.CHANGES,
    most_bytes=MAX_CATEGORIES_BYTES,
    also=(409,),
)
def write_categories(request: Request, body: category_schemas.PutCategories) -> Answer:
    """Replace the tree of categories, if nobody wrote since `version` was read.

    Products stay in their categories; one with products in it can't go. Other calls see the change
    within half a minute.
    """
    wanted = [one.category() for one in body.categories]
    before, after = categories.change(wanted, version=body.version, now=clock.now())
    change = _moved(before.tree, after.tree)
    return Answer(category_schemas.AllCategories.of(after), change=change)


def _moved(before: trees.Tree, after: trees.Tree) -> Change:
    """What the audit log keeps: the categories that are other than before, came or went."""
    was, now = _by_id(before), _by_id(after)
    ids = [one for one in {**was, **now} if was.get(one) != now.get(one)]
    return Change(
        "categories:shop",
        before={one: was[one] for one in ids if one in was},
        after={one: now[one] for one in ids if one in now},
    )


def _by_id(tree: trees.Tree) -> dict[str, dict[str, Any]]:
    positions = tree.positions()
    return {
        one.id: {
            "parentId": one.parent_id,
            "slug": one.slug,
            # Not `name`, under which the log hides what people are called.
            "texts": dict(one.name),
            "position": positions[one.id],
        }
        for one in tree.categories
    }
