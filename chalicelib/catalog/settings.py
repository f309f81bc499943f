"""The shop's settings as its owner reads and writes them: whole, and one writer after the other."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

from chalicelib.catalog import service
from chalicelib.catalog.rules import PHONE_REQUIRED_IN
from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import SettingItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import AlreadyWritten, Conflict, FieldError, Invalid, Unavailable

# What may be missing in a document that was loaded before there was such a setting.
DEFAULTS: Mapping[str, Any] = {"rates": [], "plans": [], "phoneRequiredIn": list(PHONE_REQUIRED_IN)}


class SettingsChanged(Conflict):
    """Somebody has written the settings since they were read."""

    code = "SETTINGS_CHANGED"


def read() -> SettingItem:
    """The settings as they are now, not from memory. Raises Unavailable before they are loaded."""
    item = dynamo.get(SettingItem, SHOP)
    if item is None:
        raise Unavailable()
    return item


def change(
    wanted: Mapping[str, Any], *, version: int, known_methods: Collection[str], now: int
) -> tuple[SettingItem, SettingItem]:
    """Replace the settings if they still are at `version`; as they were, and as they are.

    `wanted` has every setting; what else lies in the document (how order numbers begin) stays.
    `known_methods` are the payment methods that the shop has code for. Said again after a lost
    reply, it is found to be there. Raises Invalid, which names each field that does not fit, and
    SettingsChanged.
    """
    if wrong := list(_misfits(wanted, known_methods)):
        raise Invalid(*wrong)
    before = read()
    value = {**before.value, **wanted}
    if int(before.version) == version + 1 and before.value == value:
        return before, before
    after = SettingItem(SHOP, value=value, version=version + 1, updated_at=now)
    unchanged = SettingItem.version == version
    if version == 0:
        # As the shop was loaded first, by whom no version was known.
        unchanged = unchanged | SettingItem.version.does_not_exist()
    with suppress(AlreadyWritten):
        dynamo.put(
            after, condition=unchanged, on_condition_failed=lambda image: _refusal(image, after)
        )
    service.forget_shop()
    return before, after


def _refusal(image: Mapping[str, Any], after: SettingItem) -> Exception:
    own = image.get("version") == after.version and image.get("value") == after.value
    return AlreadyWritten() if own else SettingsChanged()


def _misfits(wanted: Mapping[str, Any], known_methods: Collection[str]) -> Iterator[FieldError]:
    """What each field says that the others contradict."""
    sold = set(wanted["currencies"])
    if wanted["currency"] not in sold:
        yield FieldError("settings.currency", "field.currency")
    for number, way in enumerate(wanted["shippingMethods"]):
        yield from _shipping(f"settings.shippingMethods.{number}", way, sold)
    for number, method in enumerate(wanted["paymentMethods"]):
        yield from _payment(f"settings.paymentMethods.{number}", method, sold, known_methods)
    for name in ("shippingMethods", "paymentMethods", "plans"):
        counted = Counter(each["id"] for each in wanted[name])
        for twice in (one for one, count in counted.items() if count > 1):
            yield FieldError(f"settings.{name}", "field.twice", {"id": twice})


def _shipping(place: str, way: Mapping[str, Any], sold: set[str]) -> Iterator[FieldError]:
    for currency in sorted(sold - set(way["prices"])):
        yield FieldError(f"{place}.prices", "field.unpriced", {"currency": currency})
    if way["maxDays"] < way["minDays"]:
        yield FieldError(f"{place}.maxDays", "field.greater_than_equal", {"ge": way["minDays"]})


def _payment(
    place: str, method: Mapping[str, Any], sold: set[str], known_methods: Collection[str]
) -> Iterator[FieldError]:
    if method["id"] not in known_methods:
        expected = ", ".join(sorted(known_methods))
        yield FieldError(f"{place}.id", "field.literal_error", {"expected": expected})
    if set(method["currencies"]) - sold:
        yield FieldError(f"{place}.currencies", "field.currency")
    for currency, bounds in method.get("limits", {}).items():
        if bounds["most"] < bounds["least"]:
            name = f"{place}.limits.{currency}.most"
            yield FieldError(name, "field.greater_than_equal", {"ge": bounds["least"]})
