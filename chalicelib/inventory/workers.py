"""Stock's stream: each movement becomes a ledger entry, and whether a variant can be had is kept
for lists. The event source is in infra."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.inventory import alerts, states
from chalicelib.inventory import ledger as ledger_book
from chalicelib.kernel.worker import stream_records

workers = Blueprint(__name__)


@workers.lambda_function(name="ledger")
@stream_records
def ledger(records: list[dict[str, Any]]) -> dict[str, int]:
    written = ledger_book.record(records)
    changed = states.record(records)
    return {"written": written, "states": changed, "low": alerts.tell_low_stock(records)}
