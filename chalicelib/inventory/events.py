"""What happens to stock that somebody outside of it should know."""

from chalicelib.kernel.messaging.events import EventData


class StockLow(EventData):
    """A variant has fallen to its threshold or below; published once until units come in."""

    type = "stock.low"
    variant_id: str
    available: int
    threshold: int
