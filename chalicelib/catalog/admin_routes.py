"""The shop's settings over HTTP, for its owner."""

from __future__ import annotations

from typing import Any

from chalicelib.catalog import settings, settings_schemas, tables
from chalicelib.kernel import clock, limits
from chalicelib.kernel.web.http import Answer, Change, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.payments import registry

routes = Routes(__name__)


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
    takes="settings_schemas.PutSettings",
    gives="settings_schemas.AllSettings",
    limits=limits.CHANGES,
    also=(409,),
)
def write_settings(request: Request) -> Answer:
    """Replace all settings, if nobody wrote since `version` was read.

    Other calls see them within half a minute.
    """
    wish = request.json(settings_schemas.PutSettings)
    wanted = wish.settings.model_dump(mode="json", by_alias=True, exclude_none=True)
    before, after = settings.change(
        wanted, version=wish.version, known_methods=registry.PROVIDERS, now=clock.now()
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
