"""How an order stands that a test has placed."""

from chalicelib.orders import service as orders
from chalicelib.orders.rules import OrderStatus


def status(placed) -> OrderStatus:
    order = orders.read(placed.order.order_id)
    assert order is not None
    return order.status
