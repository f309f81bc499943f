"""DynamoDB as the shop uses it: documents, single conditional writes, consistent reads.

Every write says what its failed condition means (`on_condition_failed`), so that nobody outside
this file and `transaction.py` looks at an error code of DynamoDB. Conflict, throttling and a failed
condition are three things: the first two end as `Unavailable`, only the third means what the caller
said it means.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import Attribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.exceptions import DoesNotExist, PynamoDBException
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.config import settings
from chalicelib.kernel import dry_run
from chalicelib.kernel.db.values import image, written
from chalicelib.kernel.errors import Unavailable

Image = Mapping[str, Any]
M = TypeVar("M", bound=Model)
OnConditionFailed = Exception | Callable[[Image], Exception]

TRIES = 3  # of a single write on an item that a transaction is busy with
READS = 6  # in a row of one batch that bring nothing: some two seconds with the pauses between
_CONFLICT = "TransactionConflictException"
_FAILED = "ConditionalCheckFailedException"
THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ProvisionedThroughputExceeded",
        "ThrottlingException",
        "ThrottlingError",
        "RequestLimitExceeded",
        "InternalServerError",
        "ServiceUnavailable",
        "TransactionInProgressException",
        _CONFLICT,
    }
)

_connection: Connection | None = None
# A function has one thread; what else runs the shop's code may have many.
_connecting = threading.Lock()


def connection() -> Connection:
    """The one client that all tables share: one cold start, one pool, one place for faults.

    Three attempts in all for what the SDK may repeat: more would turn throttling into a storm.
    """
    global _connection
    with _connecting:
        if _connection is None:
            _connection = Connection(
                region=settings().region,
                connect_timeout_seconds=2,
                read_timeout_seconds=5,
                max_retry_attempts=2,
                max_pool_connections=50,
            )
        return _connection


def disconnect() -> None:
    """Forget the client; the next call makes one from the settings as they are then."""
    global _connection
    _connection = None


class Document(Model):
    """Base of all tables. `class Meta: table = "orders"` names it within the stage."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        shared, table = connection(), cls._connection
        if table is not None and table.connection is shared:
            return table
        with _connecting:
            return cls._connect(shared)

    @classmethod
    def _connect(cls, shared: Connection) -> TableConnection:
        # The name is the stage's, so it is known only now; the client is everybody's.
        cls._connection, cls.Meta.table_name = None, settings().table(_name(cls))
        table = super()._get_connection()
        if cls.Meta.table_name not in shared._tables:
            shared.add_meta_table(table.get_meta_table())
        table.connection = shared
        return table

    @classmethod
    def _batch_get_page(
        cls, keys_to_get: Any, consistent_read: Any, attributes_to_get: Any
    ) -> tuple[list[Any], None]:
        """One BatchGetItem, whole. What a busy table leaves out is asked for again, after pauses
        that grow: PynamoDB asks at once, as often as it takes, which keeps the table busy.

        Raises Unavailable when the table goes on answering nothing.
        """
        found: list[Any] = []
        attempt = 0
        while attempt < READS:
            page, left = super()._batch_get_page(  # type: ignore[no-untyped-call]  # PynamoDB's
                keys_to_get, consistent_read, attributes_to_get
            )
            found += page
            if not left:
                return found, None
            # Some came: it works, with a breath between.
            attempt = 1 if page else attempt + 1
            keys_to_get = left
            time.sleep(random.uniform(0, 0.05 * 2**attempt))
        raise Unavailable()


class Index(GlobalSecondaryIndex[M]):
    """A table's other order, for showing, never for deciding."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)  # type: ignore[no-untyped-call]  # PynamoDB's


def _name(model: type[Model]) -> str:
    meta: Any = model.Meta
    return str(meta.table)


D = TypeVar("D", bound=Document)


def get(model: type[D], hash_key: str, range_key: str | None = None) -> D | None:
    """One item, read consistently; None when it is not there."""
    try:
        return model.get(hash_key, range_key, consistent_read=True)
    except DoesNotExist:
        return None


def get_many(
    model: type[D],
    keys: Iterable[Any],
    *,
    attributes: Sequence[Attribute[Any]] | None = None,
    consistent: bool = True,
) -> Iterator[D]:
    """The items that exist among `keys`, in no order; 100 to a call. Only some `attributes` of
    them (the key's among them), where the others are many bytes. What is only shown need not be
    read `consistent`: that costs half."""
    names = [one.attr_name for one in attributes] if attributes else None
    yield from model.batch_get(
        list(dict.fromkeys(keys)), consistent_read=consistent, attributes_to_get=names
    )


def position(**key: Any) -> dict[str, Any]:
    """A place in an index, as DynamoDB writes one: where a query goes on."""
    return {name: written(value) for name, value in key.items()}


def update(
    item: D,
    actions: Sequence[Action],
    *,
    condition: Condition | None,
    on_condition_failed: OnConditionFailed,
) -> D:
    """One conditional UpdateItem; answers the item as it is afterwards.

    `on_condition_failed` is what a failed condition means: an error, or a function of the item as
    it was. UpdateItem has no idempotency token and the SDK repeats it after a lost reply, so the
    condition must recognise its own earlier run.
    """
    request = item.get_update_kwargs_from_instance(
        actions=list(actions), condition=condition, return_values_on_condition_failure="ALL_OLD"
    )
    request["ReturnValues"] = "ALL_NEW"
    answer = _write("UpdateItem", request, on_condition_failed)
    return type(item).from_raw_data(answer["Attributes"])


def put(
    item: Document, *, condition: Condition | None, on_condition_failed: OnConditionFailed
) -> None:
    """One conditional PutItem of the whole item; see `update` for `on_condition_failed`."""
    request = item.get_save_kwargs_from_instance(condition=condition)
    request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    _write("PutItem", request, on_condition_failed)


def delete(
    item: Document,
    *,
    condition: Condition | None = None,
    on_condition_failed: OnConditionFailed | None = None,
) -> None:
    """One DeleteItem; see `update` for `on_condition_failed`. That the item is gone already is no
    error unless the condition says so."""
    request = item.get_delete_kwargs_from_instance(condition=condition)
    if condition is not None:
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    _write(
        "DeleteItem",
        request,
        on_condition_failed or RuntimeError("an unconditional delete was refused"),
    )


def _write(
    operation: str, request: dict[str, Any], on_condition_failed: OnConditionFailed
) -> dict[str, Any]:
    """Send one write, again while a transaction has the item: the SDK leaves that to us, and
    nothing was written."""
    dry_run.check(operation)
    for attempt in range(TRIES):
        try:
            return connection().dispatch(operation, request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _FAILED:
                before = getattr(error.__cause__, "response", {}).get("Item")
                raise meaning(on_condition_failed, before) from error
            if code != _CONFLICT or attempt == TRIES - 1:
                raise
        time.sleep(random.uniform(0, 0.05 * 2**attempt))
    raise Unavailable()


def size_of(attribute: Attribute[Any]) -> Any:
    """How many entries a map or list has, for conditions."""
    return size(attribute)  # type: ignore[no-untyped-call]  # PynamoDB's


def meaning(on_condition_failed: OnConditionFailed, before: Mapping[str, Any] | None) -> Exception:
    """The error that a failed condition stands for, told with the item as it was."""
    return (
        on_condition_failed
        if isinstance(on_condition_failed, Exception)
        else on_condition_failed(image(before))
    )


def outage(error: BaseException) -> Unavailable | None:
    """`Unavailable` when the error says that AWS is busy or out of reach; None for a bug."""
    cause = error.cause if isinstance(error, PynamoDBException) else error
    if isinstance(cause, ClientError):
        code = cause.response.get("Error", {}).get("Code", "")
        return Unavailable() if code in THROTTLED else None
    if isinstance(cause, BotoCoreError):
        return Unavailable()
    return None
