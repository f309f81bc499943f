"""Asking for a check, and how far it has come."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.integrity.check import parts
from chalicelib.integrity.compare import METRICS
from chalicelib.inventory.schemas import DriftAnswer
from chalicelib.kernel import clock
from chalicelib.kernel.money import Money
from chalicelib.kernel.web.schema import Body, MoneyAnswer, Wire
from chalicelib.orders.tables import CheckItem


class CheckRequest(Body):
    """Whether what is wrong shall be set right."""

    repair: Annotated[bool, Field(strict=True)] = False


class Mismatch(Wire):
    """An order whose hold is not in the state that the order asks for."""

    order_id: str
    status: str
    hold: str | None


class BalanceMismatch(Wire):
    """A store balance that is not the sum of its movements."""

    user_id: str
    balance: MoneyAnswer
    ledger: MoneyAnswer

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "BalanceMismatch":
        balance, ledger = (Money(found[name], found["currency"]) for name in ("balance", "ledger"))
        return cls(
            user_id=found["user_id"],
            balance=MoneyAnswer.of(balance),
            ledger=MoneyAnswer.of(ledger),
        )


class CheckPart(Wire):
    """One of the tables that a check goes through, and how many of its rows it has compared."""

    part: str
    rows: int
    done: bool


class CheckAnswer(Wire):
    """How far the newest check has come, and what it found so far in stock, orders and store
    balances. Of each kind the first hundred are listed, and all are counted; `failed` are rows that
    could not be compared."""

    run_id: str
    status: Literal["RUNNING", "DONE"]
    complete: bool
    repair: bool
    started_at: str
    finished_at: str | None
    parts: list[CheckPart]
    checked: int
    failed: int
    repaired: int
    found: dict[str, int]
    drifts: list[DriftAnswer]
    orders: list[Mismatch]
    balances: list[BalanceMismatch]

    @classmethod
    def of(cls, run: CheckItem, *, under_way: bool) -> "CheckAnswer":
        kinds = {kind: int(run.found.get(kind, 0)) for kind in METRICS}
        return cls(
            run_id=run.run_id,
            status="RUNNING" if under_way else "DONE",
            # A run that was cancelled has an end, and is not complete.
            complete=run.finished_at is not None and not run.failed,
            repair=run.repair,
            started_at=clock.iso(int(run.started_at)),
            finished_at=clock.iso(int(run.finished_at)) if run.finished_at is not None else None,
            parts=[CheckPart(part=part, rows=rows, done=done) for part, rows, done in parts(run)],
            checked=int(run.rows.get("stock", 0)),
            failed=int(run.failed),
            repaired=int(run.repaired),
            found=kinds,
            drifts=[DriftAnswer(**one) for one in run.findings.get("drifts", [])],
            orders=[Mismatch(**one) for one in run.findings.get("orders", [])],
            balances=[BalanceMismatch.of(one) for one in run.findings.get("balances", [])],
        )
