"""Checkout Sessions and their line items: the objects as the API answers them."""

from typing import Any

from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import ids
from localcloud.sandbox.stripe.metadata import merged
from localcloud.sandbox.stripe.rules import LONGEST_SECONDS, unit_amount

KIND = "stripe.session"
LINES = "stripe.lines"
# Stripe shows here what the dashboard has switched on for the currency.
METHODS = {"usd": ["card", "alipay", "wechat_pay", "link"], "cny": ["card", "alipay", "wechat_pay"]}


def opened(
    given: dict[str, Any], now: int, page: str, email: str | None = None
) -> tuple[Document, Document]:
    """A new session and its lines from checked parameters; `page` is the hosted page's address,
    `email` its customer's."""
    identifier = ids.session()
    lines = [_line(item, now) for item in given["line_items"]]
    total = sum(line["amount_total"] for line in lines)
    currency = lines[0]["currency"]
    session = {
        **_constants(),
        "id": identifier,
        "created": now,
        "expires_at": given.get("expires_at", now + LONGEST_SECONDS),
        "url": f"{page}/{identifier}",
        "status": "open",
        "payment_status": "unpaid" if total else "no_payment_required",
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "payment_method_types": METHODS.get(currency, ["card"]),
        **{name: given.get(name) for name in _GIVEN},
        **{name: given[name] for name in _GIVEN_ONLY if name in given},
        "metadata": merged({}, given.get("metadata")),
        "customer_creation": given.get("customer_creation", "if_required"),
        "customer_details": _customer(given.get("customer_email") or email),
    }
    if given["mode"] == "subscription" or given.get("customer"):
        session["customer_creation"] = None
    if given["mode"] == "subscription":
        session |= {"invoice_creation": None, "payment_method_collection": "always"}
    kept = {
        "id": identifier,
        "items": lines,
        "payment": given.get("payment_intent_data") or {},
        "subscription": given.get("subscription_data") or {},
    }
    return session, kept


def email_of(session: Document) -> str | None:
    """The payer's address, where the shop told it."""
    email: str | None = session["customer_email"] or (session["customer_details"] or {}).get(
        "email"
    )
    return email


def paid_page(session: Document) -> str:
    """Where the payer goes after paying: the success URL with the session's id in its place.

    A form encoder may have percent-encoded the braces; the fragment stays as it is.
    """
    url: str = session["success_url"]
    for name in ("{CHECKOUT_SESSION_ID}", "%7BCHECKOUT_SESSION_ID%7D", "%7bCHECKOUT_SESSION_ID%7d"):
        url = url.replace(name, session["id"])
    return url


def completed(session: Document, intent: str | None, status: str, email: str | None) -> Document:
    """The session after the payer went through; `status` is its payment_status."""
    return {
        **session,
        "status": "complete",
        "payment_status": status,
        "payment_intent": intent,
        "url": None,
        "customer_details": _customer(email or session["customer_email"]),
        "collected_information": {
            "business_name": None,
            "individual_name": None,
            "shipping_details": None,
        },
    }


def expired(session: Document) -> Document:
    """The session after its end."""
    return {**session, "status": "expired", "url": None}


def updated(session: Document, given: dict[str, str] | str | None) -> Document:
    """The session with this metadata set on its own."""
    return {**session, "metadata": merged(session["metadata"], given)}


def _line(item: dict[str, Any], now: int) -> Document:
    price = item["price_data"]
    product = price["product_data"]
    amount = unit_amount(price) * item["quantity"]
    return {
        "id": ids.new("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": merged({}, item.get("metadata")),
        "price": _price(price, now),
        "quantity": item["quantity"],
    }


def _price(price: dict[str, Any], now: int) -> Document:
    return {
        "id": ids.new("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": now,
        "currency": price["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": ids.new("prod", 14),
        "recurring": _recurring(price.get("recurring")),
        "tax_behavior": price.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if price.get("recurring") else "one_time",
        "unit_amount": unit_amount(price),
        "unit_amount_decimal": str(unit_amount(price)),
    }


def _recurring(given: dict[str, Any] | None) -> Document | None:
    if given is None:
        return None
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count", 1),
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def subscribed(session: Document, subscription: Document, invoice: Document) -> Document:
    """The session after its subscription began: the money stands at the invoice."""
    done = completed(session, None, "paid", email_of(session))
    return {**done, "subscription": subscription["id"], "invoice": invoice["id"]}


def _customer(email: str | None) -> Document | None:
    if email is None:
        return None
    return {
        "address": None, "business_name": None, "email": email, "individual_name": None,
        "name": None, "phone": None, "tax_exempt": "none", "tax_ids": None,
    }  # fmt: skip


_GIVEN = (
    "allow_promotion_codes", "billing_address_collection", "branding_settings", "cancel_url",
    "client_reference_id", "customer", "customer_email", "integration_identifier", "locale", "mode",
    "origin_context", "submit_type", "success_url",
)  # fmt: skip


# Shown only when they were given.
_GIVEN_ONLY = ("allowed_payment_method_types", "excluded_payment_method_types")


def _constants() -> Document:
    """Fields that are the same in each session this sandbox makes."""
    return {
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer_account": None,
        "discounts": [],
        "invoice": None,
        "invoice_creation": {
            "enabled": False,
            "invoice_data": {
                "account_tax_ids": None, "custom_fields": None, "description": None,
                "footer": None, "issuer": None, "metadata": {}, "rendering_options": None,
            },
        },
        "livemode": False,
        "managed_payments": {"enabled": False},
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "subscription": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }  # fmt: skip
