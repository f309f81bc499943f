"""Items of several tables in one call.

found = Together((OrderItem, order_id), (PaymentItem, payment_id))
order = found.get(OrderItem, order_id)
"""

import random
import time
from typing import Any, TypeVar, cast

from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import Document
from chalicelib.kernel.errors import Unavailable

D = TypeVar("D", bound=Document)
# An item of a table that has no range key.
Key = tuple[type[Document], str]


class Together:
    """Items as they were read, each consistently; together they may be a moment apart, so what is
    decided on them is written only if each is still so.

    One BatchGetItem. Raises Unavailable when busy tables go on answering nothing.
    """

    def __init__(self, *keys: Key) -> None:
        self._items: dict[Key, Document | None] = {}
        self.read(*keys)

    def read(self, *keys: Key) -> None:
        """Read those of these items that were not read yet; no call when there are none."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._items]
        tables = {model._get_connection().table_name: model for model, _ in wanted}
        left: dict[str, Any] = {
            table: {
                "ConsistentRead": True,
                "Keys": [_written(key) for key in wanted if key[0] is model],
            }
            for table, model in tables.items()
        }
        self._items |= dict.fromkeys(wanted)
        attempt = 0
        while left:
            answer = dynamo.connection().dispatch("BatchGetItem", {"RequestItems": left})
            came = 0
            for table, items in answer["Responses"].items():
                model, came = tables[table], came + len(items)
                for raw in items:
                    self._items[model, raw[_name(model)]["S"]] = model.from_raw_data(raw)
            left = answer.get("UnprocessedKeys", {})
            if left:
                # What a busy table leaves out. Where some came, it works with a breath between.
                attempt = 1 if came else attempt + 1
                if attempt == dynamo.READS:
                    raise Unavailable()
                time.sleep(random.uniform(0, 0.05 * 2**attempt))

    def get(self, model: type[D], key: str) -> D | None:
        """An item that was read; None when it is not there."""
        return cast("D | None", self._items[model, key])


def _name(model: type[Document]) -> str:
    return str(model._hash_keyname)


def _written(key: Key) -> dict[str, Any]:
    return {_name(key[0]): {"S": key[1]}}
