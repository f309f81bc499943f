"""What happens in the deployed shop reaches those who listen, by itself."""

from collections import Counter

from chalicelib.events.replay import Range
from chalicelib.reporting.tables import FactItem
from tests import live
from tools import replay

BOTH = {"order.created": 1, "order.paid": 1}


def facts_of(market, order_id: str) -> list[dict]:
    """What reports have of an order."""
    found = [row for row in market.scan("facts") if row.get("order_id") == order_id]
    return sorted(found, key=lambda row: row["place"])


def facts_by_type(market, order_id: str) -> Counter[str]:
    """How many facts of each type reports have of an order."""
    return Counter(row["type"] for row in facts_of(market, order_id))


def test_an_order_that_is_placed_and_paid_is_told_once_each_to_who_listens(market):
    bought = market.buy({market.sell(2): 2})
    market.act(bought, "pay")
    market.turns(bought, "PAID")

    live.until(lambda: facts_by_type(market, bought.order_id) == BOTH, "both are published")
    (paid,) = [row for row in facts_of(market, bought.order_id) if row["type"] == "order.paid"]
    assert (paid["gross"], paid["charged"]) == (2 * 1999, 2 * 1999 + 500)
    begun = [row for row in market.scan("facts") if row["type"] == "cart.created"]
    assert paid["cart_id"] in {row["cart_id"] for row in begun}


def test_a_listener_can_be_told_again_what_an_order_went_through(market):
    bought = market.buy({market.sell(1): 1})
    market.act(bought, "pay")
    market.turns(bought, "PAID")
    live.until(lambda: facts_by_type(market, bought.order_id) == BOTH, "both are published")
    kept = facts_of(market, bought.order_id)
    for row in kept:
        FactItem(row["day"], row["place"]).delete()

    assert replay.run("reporting.facts", Range(), bought.order_id) == 2

    live.until(lambda: facts_of(market, bought.order_id) == kept, "the same facts are there again")
