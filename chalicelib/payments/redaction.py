"""Providers' JSON as it may be kept: without people, and without what opens their orders."""

from typing import Any

# What providers call what they know of people; none of it decides anything here.
PERSONAL = frozenset(
    """address billing billing_details buyer card cardholder collected_information custom_fields
    customer customer_address customer_details customer_email customer_name customer_phone
    customer_shipping customer_tax_ids
    email email_address individual_name ip ip_address last4 name note owner payer payer_email
    payer_id payment_method_details payment_source phone phone_number receipt_email recipient
    seller sender_address shipping shipping_address shipping_details tax_id tax_ids""".split()
)
# What opens something: the order's page with its token, a form that pays.
OPENING = frozenset(
    "cancel_url client_secret hosted_invoice_url invoice_pdf return_url success_url url".split()
)


def without_people(value: Any) -> Any:
    """A provider's JSON without what it says of people, and without what opens their orders."""
    if isinstance(value, dict):
        without = PERSONAL | OPENING
        kept = {key: each for key, each in value.items() if key.lower() not in without}
        return {key: without_people(each) for key, each in kept.items()}
    return [without_people(each) for each in value] if isinstance(value, list) else value
