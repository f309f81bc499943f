"""From the shelf to a paid order, and every other way it may end, through the deployed shop."""

from urllib.parse import urlencode

import pytest

from chalicelib.kernel.ids import token
from tests import factory, live
from tests.journeys.market import buyer


def test_a_shopper_goes_from_the_list_to_a_paid_order(market):
    variant = _on_the_shelf(market)
    had = market.stock(variant["id"])
    cart = market.cart({variant["id"]: 1})
    edited = market.data(
        "POST", f"/cart/{cart}/update", {"variantId": variant["id"], "quantity": 2}
    )
    assert edited["subtotal"]["amount"] == 2 * variant["price"]["amount"]
    bought = market.checkout(cart)
    assert bought.answer["url"].startswith(market.cloud.addresses["sandbox"])
    assert market.order(bought)["url"] == bought.answer["url"]

    market.act(bought, "pay")

    page = market.turns(bought, "PAID")
    assert (page["paymentStatus"], page["url"]) == ("SUCCESS", None)
    assert [(line["variantId"], line["quantity"]) for line in page["lines"]] == [(variant["id"], 2)]
    assert page["amounts"]["total"] == bought.answer["total"]
    now = market.stock(variant["id"])
    assert (now["available"], now["sold"]) == (had["available"] - 2, had["sold"] + 2)
    market.check()


def _on_the_shelf(market):
    """The first variant of the list of which a shopper may have two."""
    for card in market.data("GET", "/products?inStock=true&pageSize=50")["items"]:
        for variant in market.data("GET", f"/products/{card['slug']}")["variants"]:
            if min(variant["stock"]["available"], variant["maxPerOrder"]) >= 2:
                return variant
    raise AssertionError("nothing on the list can be bought twice")


def test_each_step_of_a_cart_moves_stock_and_ledger_once(market):
    mug, cup = market.sell(5), market.sell(5)
    cart = market.cart({mug: 1, cup: 1})
    market.data("POST", f"/cart/{cart}/update", {"variantId": mug, "quantity": 3})
    market.data("POST", f"/cart/{cart}/remove", {"variantId": cup})
    reserved = market.data("POST", f"/cart/{cart}/reserve", {})
    assert reserved["reservedUntil"] is not None
    assert market.stock(mug) == {"available": 2, "reserved": 3, "sold": 0, "stocked": 5}
    bought = market.checkout(cart)
    assert market.stock(mug)["reserved"] == 3, "the reservation is the order's hold"
    market.act(bought, "pay", deliver=2)
    market.turns(bought, "PAID")
    market.check()

    moved = {"INBOUND": 1, "RESERVE": 1, "OUTBOUND": 1}
    live.until(lambda: len(market.ledger(mug)) >= len(moved), "the ledger has every movement")
    assert market.movements(mug) == moved
    assert market.ledger(mug)[-1]["after"] == market.stock(mug)
    assert market.ledger(mug)[-1]["reference"] == bought.order_id
    assert market.movements(cup) == {"INBOUND": 1}
    closed = market.call("POST", f"/cart/{cart}/add", {"variantId": cup, "quantity": 1})
    assert (closed.status, closed.json()["code"]) == (409, "CART_CLOSED")


def test_a_declined_card_leaves_the_order_payable(market):
    mug = market.sell(1)
    bought = market.buy({mug: 1})
    market.act(bought, "fail")
    market.comes_to_rest()
    assert market.order(bought)["status"] == "PENDING"
    assert market.stock(mug)["reserved"] == 1

    market.act(bought, "pay")

    market.turns(bought, "PAID")
    market.check()


def test_a_session_that_ends_gives_the_stock_back(market):
    mug = market.sell(4)
    bought = market.buy({mug: 3})
    market.act(bought, "expire")
    page = market.turns(bought, "CANCELLED")
    assert page["history"][-1]["reason"] == "expired"
    assert market.stock(mug) == {"available": 4, "reserved": 0, "sold": 0, "stocked": 4}
    market.check()


# Left by the buyer: the page is still open, or it has ended and nobody was told.
@pytest.mark.parametrize("left", ["open", "ended unheard"])
def test_an_order_left_unpaid_is_ended_by_the_sweeper(market, left):
    mug = market.sell(4)
    bought = market.buy({mug: 3})
    if left == "ended unheard":
        market.act(bought, "expire", lose=True)
    market.end_hold_of(bought)

    market.cloud.invoke("sweep")

    assert market.order(bought)["status"] == "CANCELLED"
    assert market.session_of(bought.order_id)["status"] == "expired"
    assert market.stock(mug) == {"available": 4, "reserved": 0, "sold": 0, "stocked": 4}
    market.check()


def test_a_payment_told_late_is_an_order_all_the_same(market):
    mug = market.sell(1)
    bought = market.buy({mug: 1})
    market.act(bought, "pay", delayMs=600_000)
    assert market.order(bought)["status"] == "PENDING"
    market.end_hold_of(bought)
    market.cloud.invoke("sweep")
    assert market.order(bought)["status"] == "PAID", "the sweeper asks the provider first"

    market.sandbox.quiesce(hurry=True)

    market.check()
    assert [step["to"] for step in market.order(bought)["history"]] == ["PENDING", "PAID"]
    assert market.stock(mug) == {"available": 0, "reserved": 0, "sold": 1, "stocked": 1}


def test_the_same_checkout_asked_again_is_the_same_order(market):
    cart = market.cart({market.sell(5): 2})
    words = buyer()
    first, second = market.checkout(cart, words), market.checkout(cart, words)
    assert first == second
    market.act(first, "pay")
    market.turns(first, "PAID")
    assert market.checkout(cart, words).order_id == first.order_id
    market.check()


def test_one_product_is_bought_at_once_by_json(market):
    mug = market.sell(5)
    wish = {**buyer(), "variantId": mug, "quantity": 2}
    bought = market.bought(market.data("POST", "/checkout", wish))
    assert market.session_of(bought.order_id)["url"] == bought.answer["url"]
    market.act(bought, "pay")
    market.turns(bought, "PAID")
    assert market.stock(mug)["sold"] == 2
    market.check()


def test_one_product_is_bought_at_once_by_a_plain_form(market):
    mug = market.sell(5)
    form = {"variantId": mug, "quantity": "1", "email": factory.EMAIL, "shippingMethod": "standard"}
    form |= {f"address.{name}": value for name, value in factory.ADDRESS.items()}
    answer = market.call(
        "POST", "/checkout", urlencode(form), Content_Type="application/x-www-form-urlencoded"
    )
    assert answer.status == 303, answer.text
    sessions = market.sandbox.state()["stripe"]["sessions"]
    session = next(one for one in sessions if one["url"] == answer.headers["location"])
    assert session["customer_email"] == factory.EMAIL
    assert market.stock(mug)["reserved"] == 1


def test_the_shop_speaks_the_shoppers_language_to_the_end(market):
    mug = market.sell(1)
    cart = market.cart({mug: 1})
    bought = market.checkout(cart, Accept_Language="zh-CN,zh;q=0.9,en;q=0.1")
    page = market.order(bought, Accept_Language="zh-CN")
    assert page["locale"] == "zh-CN"
    assert page["lines"][0]["name"].startswith("东西")
    assert market.order(bought, Accept_Language="en")["lines"][0]["name"].startswith("Thing")
    assert market.session_of(bought.order_id)["locale"] == "zh"
    wish = {"variantId": mug, "quantity": 1}
    refused = market.call("POST", f"/cart/{cart}/add", wish, Accept_Language="zh")
    assert refused.headers["content-language"] == "zh-CN"
    assert "购物车" in refused.json()["message"]


@pytest.mark.parametrize("known", ["nobody's", "forged"])
def test_an_order_is_shown_to_the_holder_of_its_token_only(market, known):
    bought = market.buy({market.sell(1): 1})
    order_id = bought.order_id if known == "forged" else token("ord")
    answer = market.call("GET", f"/order-status/{order_id}", X_Order_Token=token())
    assert (answer.status, answer.json()["code"]) == (404, "ORDER_NOT_FOUND")
