"""What Stripe refuses beyond types when a Checkout Session is created.

Sources: docs.stripe.com/api/checkout/sessions/create, /api/metadata, /payments/checkout; the
wording follows Stripe's answers where they are known.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from localcloud.sandbox.stripe import metadata
from localcloud.sandbox.stripe.amounts import check_currency, check_total, check_unit_amount
from localcloud.sandbox.stripe.errors import BadParameter, missing, no_such

SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 3600
MOST_OF_ONE = 999_999
MODES = ("payment", "subscription")
# What belongs to one mode alone.
OF_MODE = {
    "subscription_data": "subscription",
    "setup_intent_data": "setup",
    "payment_intent_data": "payment",
    "customer_creation": "payment",
    "submit_type": "payment",
}
# What Stripe takes at most of each.
MOST_INTERVALS = {"day": 1095, "week": 156, "month": 36, "year": 3}
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z")

# Longest text by parameter, where it differs from 5000.
LONGEST = {
    "client_reference_id": 200,
    "customer_email": 800,
    "integration_identifier": 200,
    "line_items.price_data.product_data.description": 40_000,
    "custom_fields.key": 200,
    "custom_fields.label.custom": 100,
    "custom_text.submit.message": 1200,
    "custom_text.after_submit.message": 1200,
    "custom_text.shipping_address.message": 1200,
    "custom_text.terms_of_service_acceptance.message": 1200,
    "payment_intent_data.description": 1000,
    "payment_intent_data.statement_descriptor": 22,
    "payment_intent_data.statement_descriptor_suffix": 22,
    "shipping_options.shipping_rate_data.display_name": 100,
}
MOST = {
    "line_items": 100,
    "line_items.price_data.product_data.images": 8,
    "custom_fields": 3,
    "discounts": 1,
    "shipping_options": 5,
}
EXCLUSIVE = (
    ("customer", "customer_email"),
    ("allow_promotion_codes", "discounts"),
    ("customer", "customer_creation"),
)
# References to objects of other APIs, of which this sandbox has none.
REFERENCES = {
    "line_items.tax_rates": "tax rate",
    "discounts.coupon": "coupon",
    "discounts.promotion_code": "promotion code",
    "shipping_options.shipping_rate": "shipping rate",
    "optional_items.price": "price",
}
# Taken by Stripe, and they would change what is charged or asked for: refused, not ignored.
NOT_HERE = (
    "adaptive_pricing.enabled",
    "after_expiration",
    "automatic_tax.enabled",
    "consent_collection",
    "custom_fields",
    "custom_text",
    "invoice_creation.enabled",
    "line_items.adjustable_quantity.enabled",
    "payment_intent_data.application_fee_amount",
    "payment_intent_data.transfer_data",
    "name_collection",
    "phone_number_collection.enabled",
    "shipping_address_collection",
    "shipping_options",
    "subscription_data.billing_cycle_anchor",
    "subscription_data.transfer_data",
    "subscription_data.trial_end",
    "subscription_data.trial_period_days",
    "tax_id_collection.enabled",
)
NOT_HERE_VALUES = [
    ("billing_address_collection", "required"),
    ("payment_intent_data.capture_method", "manual"),
]


def check_session(given: dict[str, Any], now: int) -> None:
    """Refuse what Stripe refuses; `given` has passed the types.  Raises BadParameter."""
    _mode(given)
    _urls(given)
    for param, path, value in leaves(given):
        _size(param, path, value)
    metadata.check(given.get("metadata"), "metadata")
    payment = given.get("payment_intent_data") or {}
    metadata.check(payment.get("metadata"), "payment_intent_data[metadata]")
    begun = given.get("subscription_data") or {}
    metadata.check(begun.get("metadata"), "subscription_data[metadata]")
    for one, other in EXCLUSIVE:
        if one in given and other in given:
            raise BadParameter(
                f"You may only specify one of these parameters: {one}, {other}.",
                code="parameters_exclusive",
            )
    _email(given)
    _expiry(given, now)
    _lines(given)
    _elsewhere(given)
    currency = given["line_items"][0]["price_data"]["currency"]
    check_total(
        sum(i["quantity"] * unit_amount(i["price_data"]) for i in given["line_items"]), currency
    )


def leaves(value: Any, param: str = "", path: str = "") -> list[tuple[str, str, Any]]:
    """Every value below: its parameter name (`a[0][b]`), its path (`a.b`) and itself."""
    found = [(param, path, value)] if param else []
    if isinstance(value, dict):
        for name, child in value.items():
            inner = f"{param}[{name}]" if param else name
            found += leaves(child, inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            found += leaves(child, f"{param}[{index}]", path)
    return found


def unit_amount(price_data: dict[str, Any]) -> int:
    """The price of one, in minor units."""
    return int(price_data["unit_amount"])


def _mode(given: dict[str, Any]) -> None:
    if "mode" not in given:
        raise missing("mode")
    if given["mode"] not in MODES:
        raise BadParameter(
            f"This sandbox takes mode={' or '.join(MODES)} only, got {given['mode']}.", param="mode"
        )
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise BadParameter("This sandbox has ui_mode=hosted_page only.", param="ui_mode")
    for name, owner in OF_MODE.items():
        if name in given and given["mode"] != owner:
            raise BadParameter(
                f"You can not pass `{name}` in `{given['mode']}` mode, only in `{owner}` mode.",
                param=name,
            )
    if not given.get("line_items"):
        raise missing("line_items")


def _urls(given: dict[str, Any]) -> None:
    if "success_url" not in given:
        raise missing("success_url")
    for name in ("success_url", "cancel_url"):
        parts = urlsplit(given.get(name, "https://x"))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadParameter("Not a valid URL", code="url_invalid", param=name)


def _size(param: str, path: str, value: Any) -> None:
    most = MOST.get(path, 1000)
    if isinstance(value, list) and len(value) > most:
        raise BadParameter(
            f"Array {param} may have at most {most} elements, got {len(value)}.", param=param
        )
    longest = LONGEST.get(path, 5000)
    if isinstance(value, str) and "metadata" not in path and len(value) > longest:
        raise BadParameter(
            f"Invalid string: {value[:12]}…; must be at most {longest} characters", param=param
        )


def _email(given: dict[str, Any]) -> None:
    address = given.get("customer_email")
    if address is not None and not EMAIL.match(address):
        raise BadParameter(
            f"Invalid email address: {address}", code="email_invalid", param="customer_email"
        )


def _expiry(given: dict[str, Any], now: int) -> None:
    seconds = given.get("expires_at", now + LONGEST_SECONDS) - now
    if seconds < SHORTEST_SECONDS:
        words = "at least 30 minutes from Checkout Session creation"
    elif seconds > LONGEST_SECONDS:
        words = "less than 24 hours from Checkout Session creation"
    else:
        return
    raise BadParameter(f"The `expires_at` timestamp must be {words}.", param="expires_at")


def _lines(given: dict[str, Any]) -> None:
    recurring = given["mode"] == "subscription"
    if recurring and len(given["line_items"]) > 1:
        raise BadParameter("This sandbox subscribes to one thing at a time.", param="line_items")
    for index, item in enumerate(given["line_items"]):
        _line(item, f"line_items[{index}]")
        _recurring(item["price_data"], f"line_items[{index}][price_data]", wanted=recurring)
        if recurring and item["quantity"] != 1:
            raise BadParameter(
                "This sandbox subscribes to one of a thing.", param=f"line_items[{index}][quantity]"
            )
    currencies = {item["price_data"]["currency"] for item in given["line_items"]}
    if "currency" in given:
        currencies.add(given["currency"])
    if len(currencies) > 1:
        raise BadParameter(
            "You specified multiple currencies, but line_items must all have the same currency:"
            f" {', '.join(sorted(currencies))}.",
            param="line_items",
        )


def _line(item: dict[str, Any], param: str) -> None:
    if "price" in item and "price_data" in item:
        raise BadParameter(
            f"You may only specify one of these parameters: {param}[price], {param}[price_data].",
            code="parameters_exclusive",
        )
    if "price" in item:
        raise no_such_parameter("price", item["price"], f"{param}[price]")
    if "price_data" not in item:
        raise missing(f"{param}[price_data]")
    if "quantity" not in item:
        raise BadParameter(
            f"Quantity is required. Add `quantity` to `{param}`", param=f"{param}[quantity]"
        )
    if not 1 <= item["quantity"] <= MOST_OF_ONE:
        raise BadParameter(
            f"The quantity must be between 1 and {MOST_OF_ONE}.", param=f"{param}[quantity]"
        )
    _price_data(item["price_data"], f"{param}[price_data]")


def _price_data(price: dict[str, Any], param: str) -> None:
    check_currency(price["currency"], f"{param}[currency]")
    if "unit_amount_decimal" in price:
        raise BadParameter(
            "This sandbox takes whole minor units: use unit_amount.",
            param=f"{param}[unit_amount_decimal]",
        )
    if "unit_amount" not in price:
        raise missing(f"{param}[unit_amount]")
    check_unit_amount(price["unit_amount"], price["currency"], f"{param}[unit_amount]")
    if "product" not in price and "product_data" not in price:
        raise missing(f"{param}[product_data]")
    if "product" in price:
        raise no_such_parameter("product", price["product"], f"{param}[product]")
    metadata.check(
        price.get("product_data", {}).get("metadata"), f"{param}[product_data][metadata]"
    )


def _recurring(price: dict[str, Any], param: str, *, wanted: bool) -> None:
    """A price that comes again and again belongs to a subscription, and only there."""
    if not wanted and "recurring" in price:
        raise BadParameter(
            "You specified `payment` mode but passed a recurring price. Either switch to"
            " `subscription` mode or use only one-time prices.",
            param=f"{param}[recurring]",
        )
    if not wanted:
        return
    if "recurring" not in price:
        raise missing(f"{param}[recurring]")
    recurring = price["recurring"]
    most = MOST_INTERVALS[recurring["interval"]]  # three years
    if not 1 <= recurring.get("interval_count", 1) <= most:
        raise BadParameter(
            f"The interval count must be between 1 and {most}.",
            param=f"{param}[recurring][interval_count]",
        )


def _elsewhere(given: dict[str, Any]) -> None:
    for param, path, value in leaves(given):
        if path in REFERENCES and isinstance(value, str):
            raise no_such_parameter(REFERENCES[path], value, param)
        if (path in NOT_HERE and value) or (path, value) in NOT_HERE_VALUES:
            raise BadParameter(f"This sandbox does not do `{param}`.", param=param)


def no_such_parameter(noun: str, identifier: str, param: str) -> BadParameter:
    """`no_such` before execution began."""
    refusal = no_such(noun, identifier, param)
    return BadParameter(str(refusal), code="resource_missing", param=param)
