"""The one place that ties contexts together where the arrows must not."""

from chalicelib.inventory.rules import Hold


def end_hold(hold: Hold, now: int) -> None:
    """End a hold whose time is over, through its order and its provider where it has them.

    Loaded on use: most requests never end anybody's hold.
    """
    from chalicelib.orders import expiry

    expiry.end(hold, now)
