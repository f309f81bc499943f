"""A buyer: reserves a cart that is full already, and asks again when told to."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import Any

from bench.stock import goods
from bench.stock.faults import Buckets, Crash, Faults, Rates
from chalicelib.cart import reservations
from chalicelib.inventory.rules import OutOfStock
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.ids import identity
from chalicelib.settlement import expire

HELD, SOLD_OUT, UNAVAILABLE, CRASHED = "held", "sold out", "unavailable", "crashed"


class Buyers:
    """Reserves the cart of its number, by another buyer each.

    `tries` is how often a buyer asks who is told to come back, with `pause` seconds (about) before
    each further try. The faults and the bucket are put in front of each process's client.
    """

    def __init__(
        self,
        *,
        tries: int = 1,
        pause: float = 0.0,
        rates: Rates | None = None,
        buckets: Buckets | None = None,
    ) -> None:
        self.tries, self.pause, self.rates, self.buckets = tries, pause, rates, buckets

    def prepare(self, seed: int) -> None:
        self._count: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._faults: Faults | None = None
        client: Any = dynamo.connection().client
        if self.rates:
            self._faults = Faults(self.rates, seed)
            self._faults.install(client)
        if self.buckets:
            self.buckets.install(client)

    def __call__(self, number: int) -> str:
        outcome, asked = UNAVAILABLE, 0
        while outcome == UNAVAILABLE and asked < self.tries:
            if asked:
                time.sleep(random.uniform(0.5, 1.5) * self.pause)
            asked += 1
            outcome = self._ask(number)
        with self._lock:
            self._count[f"asked {asked}"] += 1
            self._count["asked"] += asked
        return outcome

    def _ask(self, number: int) -> str:
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        try:
            reservations.reserve(
                goods.cart_id(number),
                holders=[identity("ip", address)],
                end=expire.end,
                now=clock.now(),
            )
        except OutOfStock:
            return SOLD_OUT
        except Crash:
            return CRASHED
        except Exception as error:
            # As the API answers it: 503 when AWS is busy or out of reach, else 500.
            if isinstance(error, Unavailable) or dynamo.outage(error):
                return UNAVAILABLE
            raise
        return HELD

    def tally(self) -> Counter[str]:
        return self._count + (self._faults.hits if self._faults else Counter())
