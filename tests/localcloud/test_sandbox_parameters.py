"""The sandbox refuses the parameters that Stripe refuses, in Stripe's words and codes."""

import time
from collections.abc import Iterator

import pytest
import stripe

from localcloud.sandbox import Sandbox
from localcloud.sandbox.testing import client, line, order


@pytest.fixture(scope="module")
def shop() -> Iterator[stripe.StripeClient]:
    with Sandbox() as running:
        yield client(running.url)


def refusal(shop: stripe.StripeClient, parameters: object) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.checkout.sessions.create(params=parameters)
    assert refused.value.http_status == 400
    return refused.value


def in_price(**changes: object) -> list[object]:
    item = line(1999)
    item["price_data"] = {
        name: value
        for name, value in {**item["price_data"], **changes}.items()
        if value is not None
    }
    return [item]


UNTYPED = [
    ("a parameter nobody knows", {"shiny": "1"}, "parameter_unknown", "shiny"),
    ("a parameter that endive took away", {"payment_method_types": ["card"]},
     "parameter_unknown", "payment_method_types"),
    ("an unknown nested parameter", {"line_items": in_price(amount=5)},
     "parameter_unknown", "line_items[0][price_data][amount]"),
    ("no currency", {"line_items": in_price(currency=None)},
     "parameter_missing", "line_items[0][price_data][currency]"),
    ("no name of the product", {"line_items": in_price(product_data={"description": "x"})},
     "parameter_missing", "line_items[0][price_data][product_data][name]"),
    ("an amount with a point", {"line_items": in_price(unit_amount="19.99")},
     "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
    ("a quantity in words", {"line_items": [{**line(100), "quantity": "two"}]},
     "parameter_invalid_integer", "line_items[0][quantity]"),
    ("a mode nobody knows", {"mode": "gift"}, None, "mode"),
    ("the ui_mode of older versions", {"ui_mode": "hosted"}, None, "ui_mode"),
    ("a locale nobody knows", {"locale": "zh-CN"}, None, "locale"),
    ("a boolean in words", {"allow_promotion_codes": "yes"}, None, "allow_promotion_codes"),
    ("an empty e-mail", {"customer_email": ""}, "parameter_invalid_empty", "customer_email"),
    ("a list where an object belongs", {"payment_intent_data": ["x"]}, None, "payment_intent_data"),
    ("an object where a text belongs", {"success_url": {"a": "b"}}, None, "success_url"),
    ("a text where a list belongs", {"line_items": "tea"}, None, "line_items"),
    ("nested metadata", {"metadata": {"a": {"b": "c"}}}, None, "metadata[a]"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "changes", "code", "param"), UNTYPED, ids=[r[0] for r in UNTYPED])
def test_what_the_sdks_types_do_not_allow_is_refused(shop, what, changes, code, param):
    error = refusal(shop, order(**changes))
    assert (error.code, error.param) == (code, param)
    assert error.error.type == "invalid_request_error"


NOW = int(time.time())
RULES = [
    ("no mode", {"mode": None}, "parameter_missing", "mode"),
    ("no lines", {"line_items": None}, "parameter_missing", "line_items"),
    ("no success_url", {"success_url": None}, "parameter_missing", "success_url"),
    ("a success_url without a scheme", {"success_url": "shop/ok"}, "url_invalid", "success_url"),
    ("a cancel_url that is a script", {"cancel_url": "javascript:1"}, "url_invalid", "cancel_url"),
    ("an end in 29 minutes", {"expires_at": NOW + 29 * 60}, None, "expires_at"),
    ("an end in 25 hours", {"expires_at": NOW + 25 * 3600}, None, "expires_at"),
    ("a reference of 201 characters", {"client_reference_id": "x" * 201}, None,
     "client_reference_id"),
    ("51 metadata keys", {"metadata": {f"k{n}": "v" for n in range(51)}}, None, "metadata"),
    ("a metadata key of 41 characters", {"metadata": {"k" * 41: "v"}}, None, "metadata"),
    ("a metadata value of 501 characters", {"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
    ("too much metadata for the payment", {"payment_intent_data": {"metadata": {"k": "v" * 501}}},
     None, "payment_intent_data[metadata][k]"),
    ("101 lines", {"line_items": [line(100)] * 101}, None, "line_items"),
    ("9 images", {"line_items": in_price(product_data={"name": "x", "images": ["http://x"] * 9})},
     None, "line_items[0][price_data][product_data][images]"),
    ("a suffix of 23 letters", {"payment_intent_data": {"statement_descriptor_suffix": "x" * 23}},
     None, "payment_intent_data[statement_descriptor_suffix]"),
    ("a negative amount", {"line_items": in_price(unit_amount=-1)},
     "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
    ("no quantity", {"line_items": [{"price_data": line(100)["price_data"]}]}, None,
     "line_items[0][quantity]"),
    ("quantity 0", {"line_items": [line(100, quantity=0)]}, None, "line_items[0][quantity]"),
    ("49 cents", {"line_items": [line(49)]}, "amount_too_small", None),
    ("49 yen", {"line_items": [line(49, currency="jpy")]}, "amount_too_small", None),
    ("far too much", {"line_items": [line(99_999_999, quantity=2)]}, "amount_too_large", None),
    ("a currency nobody knows", {"line_items": [line(100, currency="xxx")]}, None,
     "line_items[0][price_data][currency]"),
    ("a currency in capitals", {"line_items": [line(100, currency="USD")]}, None,
     "line_items[0][price_data][currency]"),
    ("two currencies", {"line_items": [line(100), line(100, currency="eur")]}, None, "line_items"),
    ("half a króna", {"line_items": [line(550, currency="isk")]}, None,
     "line_items[0][price_data][unit_amount]"),
    ("an e-mail without @", {"customer_email": "pat"}, "email_invalid", "customer_email"),
    ("a customer and an e-mail", {"customer": "cus_1"}, "parameters_exclusive", None),
    ("a customer nobody knows", {"customer": "cus_1", "customer_email": None},
     "resource_missing", "customer"),
    ("a price nobody knows", {"line_items": [{"price": "price_1", "quantity": 1}]},
     "resource_missing", "line_items[0][price]"),
    ("a coupon nobody knows", {"discounts": [{"coupon": "TEN"}]}, "resource_missing",
     "discounts[0][coupon]"),
    ("a recurring price", {"line_items": in_price(recurring={"interval": "month"})}, None,
     "line_items[0][price_data][recurring]"),
    ("data of a subscription", {"subscription_data": {"description": "x"}}, None,
     "subscription_data"),
    ("an expansion of nothing", {"expand": ["amount_total"]}, None, "expand"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "changes", "code", "param"), RULES, ids=[r[0] for r in RULES])
def test_what_stripe_refuses_beyond_types_is_refused(shop, what, changes, code, param):
    error = refusal(shop, order(**changes))
    assert (error.code, error.param) == (code, param)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"shipping_options": [{"shipping_rate_data": {"display_name": "x"}}]}, "shipping_options"),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax[enabled]"),
        ({"billing_address_collection": "required"}, "billing_address_collection"),
        (
            {"payment_intent_data": {"capture_method": "manual"}},
            "payment_intent_data[capture_method]",
        ),
    ],
)
def test_what_the_sandbox_cannot_do_is_refused_and_not_ignored(shop, changes, param):
    error = refusal(shop, order(**changes))
    assert "sandbox does not do" in str(error)
    assert error.param == param


@pytest.mark.parametrize(
    "changes",
    [
        {"line_items": [line(100, quantity=999_999)] * 1, "metadata": None},
        {"line_items": [line(1)] * 100},
        {"line_items": [line(50, currency="jpy")]},
        {"line_items": [line(500, currency="isk")]},
        {"locale": "zh"},
        {"locale": "auto", "customer_email": None},
        {"metadata": {f"k{n}": "v" * 500 for n in range(50)}},
        {"client_reference_id": "x" * 200},
        {"expires_at": None, "cancel_url": None},
        {"success_url": "https://shop.example/%7BCHECKOUT_SESSION_ID%7D"},
        {
            "line_items": in_price(
                product_data={"name": "红茶 – Größe L", "images": ["https://x/y"]}
            )
        },
    ],
)
def test_what_stripe_takes_is_taken(shop, changes):
    assert shop.v1.checkout.sessions.create(params=order(**changes)).status == "open"


@pytest.mark.parametrize(
    ("parameters", "code", "param"),
    [
        ({}, "parameter_missing", "payment_intent"),
        ({"payment_intent": "pi_1", "charge": "ch_1"}, "parameters_exclusive", None),
        ({"payment_intent": "pi_none"}, "resource_missing", "payment_intent"),
        ({"charge": "ch_none"}, "resource_missing", "charge"),
        ({"payment_intent": "pi_1", "amount": 0}, "parameter_invalid_integer", "amount"),
        ({"payment_intent": "pi_1", "amount": "1.5"}, "parameter_invalid_integer", "amount"),
        ({"payment_intent": "pi_1", "reason": "regret"}, None, "reason"),
        ({"payment_intent": "pi_1", "why": "x"}, "parameter_unknown", "why"),
    ],
)
def test_a_refund_that_makes_no_sense_is_refused(shop, parameters, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.create(params=parameters)
    assert (refused.value.http_status, refused.value.code) == (400, code)
    assert refused.value.param == param


@pytest.mark.parametrize(
    "parameters", [{"limit": 0}, {"limit": 101}, {"status": "paid"}, {"color": "red"}]
)
def test_a_list_that_makes_no_sense_is_refused(shop, parameters):
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.checkout.sessions.list(params=parameters)
