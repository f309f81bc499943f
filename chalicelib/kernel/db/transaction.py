"""One unit of work is one TransactWriteItems, passed from context to context.

    with Transaction() as tx:
        inventory.hold(tx, ...)   # each write says what its failed condition means
        orders.open(tx, order)

The writes are sent when the block ends without an error: all of them or none.
"""

import random
import time
import uuid
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from botocore.exceptions import ClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.kernel import dry_run
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import Invalid, ShopError, StaleState, Unavailable

T = TypeVar("T")

MAX_ACTIONS = 100  # of one TransactWriteItems; DynamoDB's own limit
TRIES = 3
_TRANSIENT = dynamo.THROTTLED | {"TransactionConflict"}
_FAILED = "ConditionalCheckFailed"


class TooManyItems(Invalid):
    """More than one transaction can hold: refused whole, never done in part."""

    code = "TOO_MANY_ITEMS"


class Transaction:
    """Collects writes; sends them as one, in the order they were asked for.

    When several conditions fail, `StaleState` wins (once the state is read again, what else failed
    may be the echo of one's own work), else the first in order; errors of the same class tell all
    their fields.
    """

    def __init__(self) -> None:
        self._writes: list[dict[str, Any]] = []
        self._on_condition_failed: list[dynamo.OnConditionFailed] = []
        # Kept over every repeat: a lost reply is answered from DynamoDB's memory of ten minutes.
        self._token = uuid.uuid4().hex

    def put(
        self,
        item: dynamo.Document,
        *,
        condition: Condition | None = None,
        on_condition_failed: dynamo.OnConditionFailed | None = None,
    ) -> None:
        request = item.get_save_kwargs_from_instance(condition=condition)
        self._add("Put", request, on_condition_failed)

    def update(
        self,
        item: dynamo.Document,
        actions: Sequence[Action],
        *,
        condition: Condition | None,
        on_condition_failed: dynamo.OnConditionFailed | None,
    ) -> None:
        request = item.get_update_kwargs_from_instance(actions=list(actions), condition=condition)
        self._add("Update", request, on_condition_failed)

    def delete(
        self,
        item: dynamo.Document,
        *,
        condition: Condition | None = None,
        on_condition_failed: dynamo.OnConditionFailed | None = None,
    ) -> None:
        request = item.get_delete_kwargs_from_instance(condition=condition)
        self._add("Delete", request, on_condition_failed)

    def _add(
        self,
        kind: str,
        request: dict[str, Any],
        on_condition_failed: dynamo.OnConditionFailed | None,
    ) -> None:
        if "ConditionExpression" in request:
            if on_condition_failed is None:
                raise TypeError("a condition must say what its failure means")
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        self._writes.append({kind: request})
        self._on_condition_failed.append(
            on_condition_failed or RuntimeError("an unconditional write was refused")
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._writes:
            self._commit()

    def _commit(self) -> None:
        if len(self._writes) > MAX_ACTIONS:
            raise TooManyItems(count=len(self._writes), limit=MAX_ACTIONS)
        dry_run.check("TransactWriteItems")
        request = {"TransactItems": self._writes, "ClientRequestToken": self._token}
        for attempt in range(TRIES):
            try:
                dynamo.connection().dispatch("TransactWriteItems", request)
                return
            except ClientError as error:
                meant = self._meaning_of(error, last=attempt == TRIES - 1)
                if meant is not None:
                    raise meant from error
            time.sleep(random.uniform(0, 0.05 * 2**attempt))
        raise Unavailable()

    def _meaning_of(self, error: ClientError, *, last: bool) -> Exception | None:
        """The error to raise, or None when another try may help.

        A failed condition beside a conflict may be this transaction's own first try, still being
        written: it is believed only when no conflict is left or the tries are used up.
        """
        code = error.response.get("Error", {}).get("Code", "")
        if code != "TransactionCanceledException":
            return Unavailable() if code in dynamo.THROTTLED else error
        reasons = getattr(error, "cancellation_reasons", [])
        codes = {reason.code for reason in reasons if reason is not None}
        if codes - _TRANSIENT - {_FAILED}:
            return error
        if codes & _TRANSIENT and not last:
            return None
        failures = [
            dynamo.meaning(on_condition_failed, reason.raw_item)
            for on_condition_failed, reason in zip(self._on_condition_failed, reasons, strict=True)
            if reason is not None and reason.code == _FAILED
        ]
        return _most_telling(failures) if failures else Unavailable()


def _most_telling(failures: list[Exception]) -> Exception:
    for failure in failures:
        if isinstance(failure, StaleState):
            return failure
    first = failures[0]
    if isinstance(first, ShopError):
        for other in failures[1:]:
            if type(other) is type(first) and isinstance(other, ShopError):
                first.fields.extend(other.fields)
    return first


def retry_on_conflict(work: Callable[[], T], tries: int = 5) -> T:
    """Run `work` again when it raises `StaleState`: it must read the new state by itself.

    The last loser gets `Unavailable`: asking again later is right, nothing was written.
    """
    for attempt in range(tries):
        try:
            return work()
        except StaleState:
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
    raise Unavailable()


# Writes that whoever calls a use case adds to its last transaction.
ExtraWrites = Callable[[Transaction], None]
