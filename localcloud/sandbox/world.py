"""What every provider of the sandbox shares, handed to each of them."""

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from localcloud.sandbox.deliveries import Deliveries
from localcloud.sandbox.faults import Faults
from localcloud.sandbox.idempotency import Idempotency
from localcloud.sandbox.store import Store

REQUESTS_KEPT = 1000


@dataclass
class World:
    """The machinery, the sandbox's own address (no trailing slash) and the shop's, if known."""

    store: Store
    deliveries: Deliveries
    idempotency: Idempotency
    faults: Faults
    url: str
    shop_origin: str | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    # The newest API calls with their answers, for people and for contract tests.
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=REQUESTS_KEPT))


class Refused(Exception):
    """A control call that makes no sense: an HTTP status and one sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
