"""The calls about customers, products, subscriptions and invoices that this sandbox answers."""

import time
from collections.abc import Callable
from typing import Any

import stripe.params as p

from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import billing, invoices, metadata
from localcloud.sandbox.stripe.amounts import check_currency, check_unit_amount
from localcloud.sandbox.stripe.calls import Call, Endpoint
from localcloud.sandbox.stripe.endpoints import ENDPOINTS, lister, reader
from localcloud.sandbox.stripe.errors import BadParameter, StripeRefusal, missing, no_such
from localcloud.sandbox.stripe.events import Happenings
from localcloud.sandbox.stripe.lists import page
from localcloud.sandbox.stripe.metadata import merged
from localcloud.sandbox.stripe.rules import EMAIL
from localcloud.sandbox.stripe.subscriber import Subscriber
from localcloud.sandbox.world import Refused

Given = dict[str, Any]
# What of each call this sandbox carries out; the rest of Stripe's is refused, not ignored.
CUSTOMER = {"email", "name", "description", "metadata", "preferred_locales", "expand"}
PRODUCT = {"id", "name", "description", "metadata", "expand"}
SUBSCRIPTION = {"cancel_at_period_end", "items", "metadata", "proration_behavior", "expand"}


def create_customer(call: Call) -> Document:
    """POST /v1/customers"""
    made = billing.customer(call.given, int(time.time()))
    return _told(call, "customer.created", call.world.store.put(billing.CUSTOMER, made))


def update_customer(call: Call) -> Document:
    """POST /v1/customers/{customer}"""
    before, given = _customer(call), call.given
    known = ("email", "name", "description")
    changes: Given = {name: given[name] for name in known if name in given}
    if "metadata" in given:
        changes["metadata"] = merged(before["metadata"], given["metadata"])
    after = call.world.store.put(billing.CUSTOMER, {**before, **changes})
    return _told(call, "customer.updated", after)


def delete_customer(call: Call) -> Document:
    """DELETE /v1/customers/{customer}: their subscriptions end with them."""
    before = _customer(call)
    for found in call.world.store.find(billing.SUBSCRIPTION, customer=before["id"]):
        if found["status"] not in billing.OVER:
            _subscriber(call).end(found["id"], None)
    gone = {"id": before["id"], "object": "customer", "deleted": True}
    call.world.store.put(billing.CUSTOMER, gone)
    _told(call, "customer.deleted", before)
    return gone


def _customer(call: Call) -> Document:
    found = call.found(billing.CUSTOMER, "customer", "customer")
    if found.get("deleted"):
        raise no_such("customer", found["id"], "customer", status=404)
    return found


def create_product(call: Call) -> Document:
    """POST /v1/products"""
    known = call.world.store.get(billing.PRODUCT, call.given.get("id", ""))
    if known is not None:
        raise StripeRefusal("Product already exists.", code="resource_already_exists", param="id")
    made = billing.product(call.given, int(time.time()))
    return call.world.store.put(billing.PRODUCT, made)


def update_subscription(call: Call) -> Document:
    """POST /v1/subscriptions/{subscription}"""
    found = _subscription(call)
    if found["status"] in billing.OVER:
        raise StripeRefusal(
            "A canceled subscription can only update its cancellation_details and metadata."
        )
    happen = Happenings(found["id"], None, call.request_id, call.key)
    _subscriber(call).update(found["id"], call.given, happen)
    return _subscription(call)


def cancel_subscription(call: Call) -> Document:
    """DELETE /v1/subscriptions/{subscription}: at once."""
    found = _subscription(call)
    try:
        happen = Happenings(found["id"], None, call.request_id, call.key)
        _subscriber(call).end(found["id"], None, happen)
    except Refused:
        raise no_such("subscription", found["id"], "id", status=404) from None
    return _subscription(call)


def _subscription(call: Call) -> Document:
    return call.found(billing.SUBSCRIPTION, "subscription", "subscription_exposed_id")


def list_invoices(call: Call) -> Document:
    """GET /v1/invoices"""
    equals = {n: call.given[n] for n in ("customer", "status") if n in call.given}
    found = call.world.store.find(invoices.KIND, **equals)
    if wanted := call.given.get("subscription"):
        found = [
            each for each in found
            if each["parent"]["subscription_details"]["subscription"] == wanted
        ]  # fmt: skip
    return page(call, found, "/v1/invoices")


def _subscriber(call: Call) -> Subscriber:
    return Subscriber(call.world, call.payer.enabled)


def _told(call: Call, kind: str, subject: Document) -> Document:
    happen = Happenings(subject["id"], None, call.request_id, call.key)
    happen.add(kind, subject)
    happen.record(call.world, call.payer.enabled)
    return subject


def only(known: set[str]) -> Callable[[Given], None]:
    """Refuse parameters that would do something here does not."""

    def check(given: Given) -> None:
        for name in given:
            if name not in known:
                raise BadParameter(f"This sandbox does not do `{name}`.", param=name)
        if given.get("email") and not EMAIL.match(given["email"]):
            raise BadParameter(
                f"Invalid email address: {given['email']}", code="email_invalid", param="email"
            )
        metadata.check(given.get("metadata"), "metadata")

    return check


def check_subscription(given: Given) -> None:
    """What Stripe refuses beyond types when a subscription is changed."""
    only(SUBSCRIPTION)(given)
    if len(given.get("items", ())) > 1:
        raise BadParameter("This sandbox has one item to a subscription.", param="items")
    for item in given.get("items", ()):
        if set(item) - {"id", "price_data"} or "price_data" not in item:
            raise BadParameter("This sandbox takes an item's id and price_data.", param="items[0]")
        price, param = item["price_data"], "items[0][price_data]"
        check_currency(price["currency"], f"{param}[currency]")
        if "unit_amount" not in price:
            raise missing(f"{param}[unit_amount]")
        check_unit_amount(price["unit_amount"], price["currency"], f"{param}[unit_amount]")


C, SUB, INV = "/v1/customers", "/v1/subscriptions", "/v1/invoices"
_ONE, E = f"{SUB}/<subscription_exposed_id>", Endpoint
BILLING = (
    E("customers.create", "POST", C, p.CustomerCreateParams, create_customer, only(CUSTOMER)),
    E("customers.list", "GET", C, p.CustomerListParams, lister(billing.CUSTOMER, C, "email")),
    E("customers.retrieve", "GET", f"{C}/<customer>", p.CustomerRetrieveParams,
      reader(billing.CUSTOMER, "customer", "customer")),
    E("customers.update", "POST", f"{C}/<customer>", p.CustomerUpdateParams, update_customer,
      only(CUSTOMER)),
    E("customers.delete", "DELETE", f"{C}/<customer>", p.CustomerDeleteParams, delete_customer),
    E("products.create", "POST", "/v1/products", p.ProductCreateParams, create_product,
      only(PRODUCT)),
    E("products.retrieve", "GET", "/v1/products/<id>", p.ProductRetrieveParams,
      reader(billing.PRODUCT, "product", "id")),
    E("subscriptions.list", "GET", SUB, p.SubscriptionListParams,
      lister(billing.SUBSCRIPTION, SUB, "customer", "status")),
    E("subscriptions.retrieve", "GET", _ONE, p.SubscriptionRetrieveParams,
      reader(billing.SUBSCRIPTION, "subscription", "subscription_exposed_id")),
    E("subscriptions.update", "POST", _ONE, p.SubscriptionUpdateParams, update_subscription,
      check_subscription),
    E("subscriptions.cancel", "DELETE", _ONE, p.SubscriptionCancelParams, cancel_subscription),
    E("invoices.list", "GET", INV, p.InvoiceListParams, list_invoices),
    E("invoices.retrieve", "GET", f"{INV}/<invoice>", p.InvoiceRetrieveParams,
      reader(invoices.KIND, "invoice", "invoice")),
)  # fmt: skip
ALL = (*ENDPOINTS, *BILLING)
