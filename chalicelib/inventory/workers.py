"""Stock's stream: each movement becomes a ledger entry, and whether a variant can be had is kept
for lists."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib.inventory import states
from chalicelib.inventory.ledger import entries as ledger_book
from chalicelib.inventory.operations import low_stock
from chalicelib.kernel.messaging.worker import Step, stream_records

workers = Blueprint(__name__)


@workers.lambda_function(name="ledger")
@stream_records(park=ledger_book.park)
def ledger(records: list[dict[str, Any]]) -> Iterator[Step]:
    yield from ((record, partial(ledger_book.record, [record])) for record in records)
    yield from states.of_batch(records)
    yield from low_stock.of_batch(records)
