"""What security notices."""

from chalicelib.kernel.messaging.events import EventData


class UnusualBehaviour(EventData):
    """One identity has done something often: `count` times within `windowSeconds`. `identity` is a
    digest. `pausedSeconds` is how long it is blocked for it, 0 for not at all."""

    type = "security.unusual"
    signal: str
    identity: str
    count: int
    window_seconds: int
    paused_seconds: int
