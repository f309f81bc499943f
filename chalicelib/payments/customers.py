"""Whom a provider knows a user as: one customer each, kept, and told to it once.

The customer is made under a key of the user's id, so that two calls at once, or a call whose answer
was lost, get the same one; the first to write it down decides.
"""

from typing import Any

from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import retry_on_conflict
from chalicelib.kernel.errors import ProviderBusy, StaleState
from chalicelib.payments.billing_ports import Billing
from chalicelib.payments.ports import KeySpent
from chalicelib.payments.registry import ready_billing
from chalicelib.payments.tables import CustomerItem


def customer_of(user_id: str, email: str, *, provider: str) -> str:
    """The user's customer there, made on first use. Raises ProviderBusy or ProviderFailed."""
    billing = ready_billing(provider)
    item = retry_on_conflict(lambda: _made(billing, user_id, provider))
    if not item.email_set:
        # After it is written down: a customer that nobody knows must know nobody.
        billing.set_email(item.customer_id, email)
        _note(item, email_set=True)
    return str(item.customer_id)


def gone(user_id: str, customer_id: str, *, provider: str) -> None:
    """The provider has no such customer any more: the next call makes another one."""
    try:
        dynamo.update(
            CustomerItem(user_id, provider),
            [
                CustomerItem.customer_id.remove(),
                CustomerItem.email_set.remove(),
                CustomerItem.tries.add(1),
            ],
            condition=CustomerItem.customer_id == customer_id,
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return  # another call has said so


def forget(user_id: str) -> None:
    """Delete the user's customers at their providers, then here."""
    for item in list(CustomerItem.query(user_id, consistent_read=True)):
        if item.customer_id:
            ready_billing(item.provider).delete_customer(item.customer_id)
        dynamo.delete(CustomerItem(user_id, item.provider))


def export(user_id: str) -> list[dict[str, Any]]:
    """Whom the providers know the user as."""
    items = CustomerItem.query(user_id, consistent_read=True)
    return [{"provider": item.provider, "customerId": item.customer_id} for item in items]


def _made(billing: Billing, user_id: str, provider: str) -> CustomerItem:
    item = dynamo.get(CustomerItem, user_id, provider)
    if item is not None and item.customer_id:
        return item
    tries = int(item.tries) if item is not None else 0
    try:
        made = billing.new_customer(user_id, again=tries)
    except KeySpent:
        _spend(user_id, provider, tries)
        raise StaleState() from None
    except ProviderBusy:
        # One key, one call at a time: another click of the same user may be making it.
        found = dynamo.get(CustomerItem, user_id, provider)
        if found is None or not found.customer_id:
            raise
        return found
    return dynamo.update(
        CustomerItem(user_id, provider),
        [CustomerItem.customer_id.set(made)],
        condition=CustomerItem.customer_id.does_not_exist(),
        on_condition_failed=StaleState(),
    )


def _spend(user_id: str, provider: str, tries: int) -> None:
    """The next call goes under the next key."""
    known = CustomerItem.tries == tries
    try:
        dynamo.update(
            CustomerItem(user_id, provider),
            [CustomerItem.tries.set(tries + 1)],
            condition=known | CustomerItem.tries.does_not_exist() if tries == 0 else known,
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return


def _note(item: CustomerItem, *, email_set: bool) -> None:
    try:
        dynamo.update(
            CustomerItem(item.user_id, item.provider),
            [CustomerItem.email_set.set(email_set)],
            condition=CustomerItem.customer_id == item.customer_id,
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return  # gone meanwhile; the next one is told anew
