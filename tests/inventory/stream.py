"""The stock table's stream in this process: what was written, handed to its worker."""

from typing import Any

import boto3
from moto.backends import get_backend

from chalicelib.config import settings
from chalicelib.inventory import workers


class Stream:
    """The stock table's stream, handed to the worker as Lambda does."""

    def __init__(self) -> None:
        account = boto3.client("sts").get_caller_identity()["Account"]
        backend = get_backend("dynamodb")[account]["us-east-1"]
        # moto's API of streams does not answer at this address; its record of them is the same.
        self._shard = backend.tables[settings().table("stock")].stream_shard
        self._seen = 0

    def records(self) -> list[dict[str, Any]]:
        """What is new, not handed over yet."""
        return [item.to_json() for item in self._shard.items[self._seen :]]

    def work(self, times: int = 1) -> None:
        """Hand over what is new, `times` times over."""
        new = self.records()
        self._seen += len(new)
        for _ in range(times if new else 0):
            workers.ledger({"Records": new}, None)
