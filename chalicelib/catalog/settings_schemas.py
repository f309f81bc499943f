"""The shop's settings as its owner writes them. What must fit together, settings.py checks."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from chalicelib.catalog.tables import SettingItem
from chalicelib.kernel import clock
from chalicelib.kernel.web.schema import Body, Id, Line, Wire

MOST_WAYS = 50  # shipping methods, payment methods, plans; a person chooses among few
MOST_AMOUNT = 10**12  # minor units: far above any price, far below where sums could surprise


Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
Amount = Annotated[int, Field(strict=True, ge=0, le=MOST_AMOUNT)]
Price = Annotated[int, Field(strict=True, ge=1, le=MOST_AMOUNT)]
Days = Annotated[int, Field(strict=True, ge=0, le=365)]
Rate = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$")]
Moment = Annotated[
    str, StringConstraints(pattern=r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9](:[0-5][0-9]){2}Z$")
]


class Words(Body):
    """The same in both languages."""

    model_config = ConfigDict(alias_generator=None, validate_by_name=True)

    en: Line
    zh_cn: Annotated[Line, Field(alias="zh-CN")]


class RateBody(Body):
    """What one unit of `from` is in `to`, for showing."""

    from_: Annotated[str, StringConstraints(pattern="^[A-Z]{3,5}$"), Field(alias="from")]
    to: Currency
    rate: Rate
    set_at: Moment


class ShippingBody(Body):
    """A way to have a parcel sent, with its price in every currency of the shop."""

    id: Id
    name: Words
    prices: dict[Currency, Amount]
    min_days: Days
    max_days: Days


class LimitsBody(Body):
    """What one payment is at least and at most, in minor units."""

    least: Price
    most: Price


class PaymentMethodBody(Body):
    """A way to pay, where it is on, and in which bounds."""

    id: Id
    name: Words
    currencies: Annotated[list[Currency], Field(min_length=1)]
    limits: dict[Currency, LimitsBody] | None = None


class PlanBody(Body):
    """What can be subscribed to; without being ACTIVE nobody begins it."""

    id: Id
    name: Words
    prices: Annotated[dict[Currency, Price], Field(min_length=1)]
    interval: Literal["day", "week", "month", "year"]
    interval_count: Annotated[int, Field(strict=True, ge=1, le=36)]
    status: Literal["ACTIVE", "DRAFT", "INACTIVE"]


class SettingsBody(Body):
    """The settings that the owner may change."""

    site_name: Words
    currency: Currency
    currencies: Annotated[list[Currency], Field(min_length=1, max_length=MOST_WAYS)]
    rates: Annotated[list[RateBody], Field(max_length=MOST_WAYS)]
    shipping_methods: Annotated[list[ShippingBody], Field(min_length=1, max_length=MOST_WAYS)]
    payment_methods: Annotated[list[PaymentMethodBody], Field(max_length=MOST_WAYS)]
    countries: Annotated[list[Country], Field(min_length=1, max_length=250)]
    phone_required_in: Annotated[list[Country], Field(max_length=250)]
    plans: Annotated[list[PlanBody], Field(max_length=MOST_WAYS)]


class PutSettings(Body):
    """The settings as they are to be, if nobody wrote since `version` was read."""

    version: Annotated[int, Field(strict=True, ge=0, le=10**9)]
    settings: SettingsBody


class AllSettings(Wire):
    """The settings as they are stored, and the version to send along with the next change."""

    version: int
    updated_at: str | None
    settings: dict[str, Any]

    @classmethod
    def of(cls, item: SettingItem, defaults: Mapping[str, Any]) -> "AllSettings":
        """What can be changed; the document holds more."""
        names = [str(field.alias) for field in SettingsBody.model_fields.values()]
        found = {**defaults, **item.value}
        return cls(
            version=int(item.version),
            updated_at=clock.iso(int(item.updated_at)) if item.updated_at else None,
            settings={name: found[name] for name in names if name in found},
        )
