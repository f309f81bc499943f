"""Customers, products and subscriptions: the objects as the API answers them.

Source: docs.stripe.com/api, version 2026-10-28.endive. A period's ends stand at the subscription's
items.
"""

import calendar
from datetime import UTC, datetime, timedelta
from typing import Any

from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import ids
from localcloud.sandbox.stripe.metadata import merged

CUSTOMER = "stripe.customer"
PRODUCT = "stripe.product"
SUBSCRIPTION = "stripe.subscription"
# No more is asked for, whatever comes.
OVER = ("canceled", "incomplete_expired")


def customer(given: dict[str, Any], now: int) -> Document:
    """A new customer."""
    return {
        "id": ids.new("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "business_name": None,
        "created": now,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": given.get("description"),
        "discount": None,
        "email": given.get("email"),
        "individual_name": None,
        "invoice_prefix": ids.new("x", 8)[2:].upper(),
        "invoice_settings": {
            "custom_fields": None, "default_payment_method": None, "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": merged({}, given.get("metadata")),
        "name": given.get("name"),
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": given.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }  # fmt: skip


def product(given: dict[str, Any], now: int) -> Document:
    """A new product; its id may be the shop's own."""
    return {
        "id": given.get("id") or ids.new("prod", 14),
        "object": "product",
        "active": True,
        "created": now,
        "default_price": None,
        "description": given.get("description"),
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": merged({}, given.get("metadata")),
        "name": given["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "tax_details": None,
        "type": "service",
        "unit_label": None,
        "updated": now,
        "url": None,
    }


def subscription(session: Document, price: Document, data: dict[str, Any], now: int) -> Document:
    """What a paid session begins; `data` is its subscription_data."""
    identifier = ids.new("sub")
    items = [subscription_item(identifier, price, now, ahead(now, price["recurring"]))]
    return {
        "id": identifier,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": now,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible",
                         "updated_at": None},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": now,
        "currency": price["currency"],
        "customer": session["customer"],
        "customer_account": None,
        "days_until_due": None,
        "default_payment_method": ids.new("pm"),
        "default_source": None,
        "default_tax_rates": [],
        "description": data.get("description"),
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "custom_fields": None, "description": None,
                             "footer": None, "issuer": {"type": "self"}},
        "items": {"object": "list", "data": items, "has_more": False, "total_count": 1,
                  "url": f"/v1/subscription_items?subscription={identifier}"},
        "latest_invoice": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": merged({}, data.get("metadata")),
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {"payment_method_options": None, "payment_method_types": None,
                             "save_default_payment_method": "off"},
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "presentment_details": None,
        "schedule": None,
        "start_date": now,
        "status": "incomplete",
        "status_details": None,
        "test_clock": None,
        "transfer_data": None,
        "trial_end": None,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": None,
    }  # fmt: skip


def subscription_item(subscription: str, price: Document, begins: int, ends: int) -> Document:
    """What is subscribed to, with the period that runs."""
    return {
        "id": ids.new("si", 14),
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": begins,
        "current_period_end": ends,
        "current_period_start": begins,
        "current_trial": None,
        "discounts": [],
        "metadata": {},
        "plan": _plan(price),
        "price": price,
        "quantity": 1,
        "subscription": subscription,
        "tax_rates": [],
    }


def item_of(subscription: Document) -> Document:
    """The one item of a subscription of this sandbox."""
    item: Document = subscription["items"]["data"][0]
    return item


def with_item(subscription: Document, **changes: Any) -> Document:
    """The subscription with its item changed."""
    item = {**item_of(subscription), **changes}
    item["plan"] = _plan(item["price"])
    return {**subscription, "items": {**subscription["items"], "data": [item]}}


def _plan(price: Document) -> Document:
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": price["recurring"]["interval"],
        "interval_count": price["recurring"]["interval_count"],
        "livemode": False,
        "metadata": {},
        "meter": None,
        "nickname": None,
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def ahead(begins: int, recurring: dict[str, Any]) -> int:
    """When a period that begins then is over; a month that is too short ends it on its last day."""
    at, count = datetime.fromtimestamp(begins, UTC), recurring["interval_count"]
    if recurring["interval"] in ("day", "week"):
        days = count * (7 if recurring["interval"] == "week" else 1)
        return int((at + timedelta(days=days)).timestamp())
    months = at.year * 12 + at.month - 1 + count * (12 if recurring["interval"] == "year" else 1)
    year, month = divmod(months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())
