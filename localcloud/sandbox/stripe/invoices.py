"""Invoices of subscriptions: the objects as the API answers them.

Source: docs.stripe.com/api/invoices, version 2026-10-28.endive. An invoice names its subscription
in `parent.subscription_details`; the period that is paid for stands at its lines.
"""

from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import ids
from localcloud.sandbox.stripe.billing import item_of

KIND = "stripe.invoice"


def invoice(subscription: Document, reason: str, number: int, page: str, now: int) -> Document:
    """What the running period costs: open, nothing tried yet."""
    identifier, item = ids.new("in"), item_of(subscription)
    price = item["price"]
    amount = price["unit_amount"]
    period = {"start": item["current_period_start"], "end": item["current_period_end"]}
    line = _invoice_line(identifier, subscription, period)
    return {
        **_constants(),
        "id": identifier,
        "amount_due": amount,
        "amount_paid": 0,
        "amount_remaining": amount,
        "billing_reason": reason,
        "created": now,
        "currency": price["currency"],
        "customer": subscription["customer"],
        "effective_at": now,
        "hosted_invoice_url": f"{page}/i/{identifier}",
        "invoice_pdf": f"{page}/i/{identifier}.pdf",
        "lines": {"object": "list", "data": [line], "has_more": False, "total_count": 1,
                  "url": f"/v1/invoices/{identifier}/lines"},
        "number": f"SANDBOX-{number:04d}",
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": subscription["metadata"],
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        "period_end": now,
        "period_start": now,
        "status_transitions": {"finalized_at": now, "marked_uncollectible_at": None,
                               "paid_at": None, "voided_at": None},
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": amount,
        "total_excluding_tax": amount,
    }  # fmt: skip


def paid(invoice: Document, now: int) -> Document:
    """The invoice after its money came."""
    return {
        **invoice,
        "status": "paid",
        "attempted": True,
        "attempt_count": invoice["attempt_count"] + 1,
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "next_payment_attempt": None,
        "status_transitions": {**invoice["status_transitions"], "paid_at": now},
    }


def refused(invoice: Document, now: int) -> Document:
    """The invoice after a bank's no; it is tried again in three days."""
    return {
        **invoice,
        "attempted": True,
        "attempt_count": invoice["attempt_count"] + 1,
        "next_payment_attempt": now + 3 * 86_400,
    }


def voided(invoice: Document, now: int) -> Document:
    """The invoice that nobody pays any more."""
    moments = {**invoice["status_transitions"], "voided_at": now}
    return {**invoice, "status": "void", "status_transitions": moments,
            "next_payment_attempt": None}  # fmt: skip


def _invoice_line(identifier: str, subscription: Document, period: dict[str, int]) -> Document:
    item = item_of(subscription)
    price = item["price"]
    return {
        "id": ids.new("il"),
        "object": "line_item",
        "amount": price["unit_amount"],
        "currency": price["currency"],
        "description": "Subscription",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": identifier,
        "livemode": False,
        "metadata": subscription["metadata"],
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None, "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"], "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": period,
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details", "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": 1,
        "quantity_decimal": "1",
        "subscription": subscription["id"],
        "subtotal": price["unit_amount"],
        "taxes": [],
    }  # fmt: skip


def _constants() -> Document:
    """Fields that are the same in each invoice this sandbox makes."""
    nothing = dict.fromkeys(
        """account_tax_ids application automatically_finalizes_at custom_fields customer_account
        customer_address customer_email customer_name customer_phone customer_shipping
        default_payment_method default_source description due_date ending_balance footer
        from_invoice last_finalization_error latest_revision next_payment_attempt on_behalf_of
        receipt_number rendering shipping_cost shipping_details statement_descriptor
        test_clock""".split()
    )
    empty: Document = {name: [] for name in (
        "customer_tax_ids", "default_tax_rates", "discounts", "total_discount_amounts",
        "total_pretax_credit_amounts", "total_taxes",
    )}  # fmt: skip
    return {
        "object": "invoice",
        **nothing,
        **empty,
        "account_country": "US",
        "account_name": "Cartwright sandbox",
        "amount_overpaid": 0,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None,
                          "provider": None, "status": None},
        "collection_method": "charge_automatically",
        "customer_tax_exempt": "none",
        "issuer": {"type": "self"},
        "livemode": False,
        "metadata": {},
        "payment_settings": {"default_mandate": None, "payment_method_options": None,
                             "payment_method_types": None},
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "status": "open",
        "webhooks_delivered_at": None,
    }  # fmt: skip
