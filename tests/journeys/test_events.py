"""What happens in the deployed shop reaches those who listen, by itself."""

from collections import Counter

from tests import live


def told(market, order_id: str) -> Counter[str]:
    """How many facts of each type reports have of an order."""
    return Counter(row["type"] for row in market.scan("facts") if row.get("order_id") == order_id)


def test_an_order_that_is_placed_and_paid_is_told_once_each_to_who_listens(market):
    bought = market.buy({market.sell(2): 2})
    market.act(bought, "pay")
    market.turns(bought, "PAID")

    both = {"order.created": 1, "order.paid": 1}
    live.until(lambda: told(market, bought.order_id) == both, "both are told")
    of_order = [row for row in market.scan("facts") if row.get("order_id") == bought.order_id]
    (paid,) = [row for row in of_order if row["type"] == "order.paid"]
    assert (paid["gross"], paid["charged"]) == (2 * 1999, 2 * 1999 + 500)
    begun = [row for row in market.scan("facts") if row["type"] == "cart.created"]
    assert paid["cart_id"] in {row["cart_id"] for row in begun}
