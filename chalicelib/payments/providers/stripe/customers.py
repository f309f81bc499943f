"""Stripe's customers: one to a user of the shop.

Source: docs.stripe.com/api/customers. A deleted customer's subscriptions end at once.
"""

import stripe

from chalicelib.payments.ports import KeySpent
from chalicelib.payments.providers.stripe import sdk


def create(client: stripe.StripeClient, user_id: str, *, again: int) -> str:
    """See Billing.new_customer."""
    key = f"customer:{user_id}"
    with sdk.answered():
        try:
            made = client.v1.customers.create(
                params={"metadata": {"user_id": user_id}},
                options={"idempotency_key": f"{key}:{again}" if again else key},
            )
        except stripe.APIError as error:
            if sdk.kept(error):
                raise KeySpent() from error
            raise
        if not isinstance(made.id, str):
            raise TypeError("this is no customer")
        return made.id


def set_email(client: stripe.StripeClient, customer_id: str, email: str) -> None:
    """See Billing.set_email."""
    with sdk.answered():
        client.v1.customers.update(customer_id, params={"email": email})


def delete(client: stripe.StripeClient, customer_id: str) -> None:
    """See Billing.delete_customer."""
    with sdk.answered():
        try:
            client.v1.customers.delete(customer_id)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
