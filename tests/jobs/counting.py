"""A job that counts: each row adds one to a number of its own, so that a row done twice is seen."""

from collections.abc import Callable
from typing import Any

from chalicelib.catalog.tables import ProductItem
from chalicelib.jobs import start
from chalicelib.jobs.kinds import Json, Result, RowKind, RowStep, Walked, WalkKind, WalkStep
from chalicelib.jobs.tables import JobItem
from chalicelib.kernel import clock
from chalicelib.kernel.caller import Permission
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.web.schema import Body

COUNT, SELECTED, WALKED = "test.count", "test.selected", "test.walked"
PAGE = 2


class CountRow(Body):
    name: str


class Counting:
    """What the rows have done. `before` runs before each row's effect, to put a fault there."""

    def __init__(self) -> None:
        self.before: Callable[[str], None] = lambda name: None
        self.names: list[str] = []

    def kinds(self) -> list[Any]:
        same: dict[str, Any] = {"permission": Permission.MANAGE_STOCK, "row": CountRow,
                                "key": "name", "apply": self.apply, "undo": self.undo}  # fmt: skip
        return [
            RowKind(name=COUNT, **same),
            RowKind(name=SELECTED, select=self.select, **same),
            WalkKind(name=WALKED, permission=Permission.MANAGE_STOCK, walk=self.walk),
        ]

    def apply(self, row: CountRow, step: RowStep) -> Result:
        return self._add(row.name, 1, step)

    def undo(self, row: CountRow, result: Result, step: RowStep) -> Result:
        return self._add(row.name, -1, step)

    def select(self, params: Any, cursor: Json | None) -> Walked:
        names, following = self._page(cursor)
        return Walked(following, rows=[{"name": name} for name in names])

    def walk(self, params: Any, cursor: Json | None, step: WalkStep) -> Walked:
        names, following = self._page(cursor)
        walked = Walked(following, done=len(names))
        with Transaction() as tx:
            for name in names:
                self.before(name)
                _count(tx, name, 1)
            step.done(tx, walked)
        return walked

    def _page(self, cursor: Json | None) -> tuple[list[str], Json | None]:
        at = cursor["at"] if cursor else 0
        following = {"at": at + PAGE} if at + PAGE < len(self.names) else None
        return self.names[at : at + PAGE], following

    def _add(self, name: str, number: int, step: RowStep) -> Result:
        self.before(name)
        result = Result(f"counter:{name}", {}, {"added": number})
        if not step.dry_run:
            with Transaction() as tx:
                _count(tx, name, number)
                step.done(tx, result)
        return result


def _count(tx: Transaction, name: str, number: int) -> None:
    tx.update(
        ProductItem(f"test-{name}"),
        [ProductItem.sales_count.add(number)],
        condition=None,
        on_condition_failed=None,
    )


def counted() -> dict[str, int]:
    """How often each row has had its effect."""
    return {
        item.product_id.removeprefix("test-"): int(item.sales_count)
        for item in ProductItem.scan()
        if item.product_id.startswith("test-")
    }


def begin(names: list[str] | None, kind: str = COUNT, *, dry_run: bool = False) -> JobItem:
    """A job that counts these, or those that its kind selects."""
    rows = None if names is None else [{"name": name} for name in names]
    wish = start.Wish(kind, rows=rows, dry_run=dry_run)
    return start.start(wish, operation="op_count", actor="user:usr_1", now=clock.now())
