"""The in-process tables without the wire between.

PynamoDB's one call into botocore would be serialised, signed, matched against moto's table of
addresses, parsed, answered and parsed again: two thirds of all time that tests take. Here the call
goes straight to moto's handler of that action, and so does one to a queue or for parameters; what
comes out is the same. Whoever puts a fault below this seam (a reply lost on the wire) gets the long
way, and so does every other service.
"""

import copy
import json
from typing import Any

from botocore.client import BaseClient
from botocore.endpoint import Endpoint
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.responses import DynamoHandler
from moto.sqs.responses import SQSResponse
from moto.ssm.responses import SimpleSystemManagerResponse

QUICK = frozenset(
    "GetItem PutItem UpdateItem DeleteItem Query Scan BatchGetItem BatchWriteItem"
    " TransactWriteItems TransactGetItems".split()
)
QUEUES = frozenset(
    "SendMessage SendMessageBatch ReceiveMessage DeleteMessage ChangeMessageVisibility"
    " GetQueueAttributes PurgeQueue".split()
)
STORED = frozenset({"GetParameters"})
_wire = Endpoint._do_get_response
_long_way = BaseClient._make_api_call


def install(account: str, running: Any) -> None:
    """Let calls of all clients go the short way while `running()` says that moto answers."""

    def call(client: Any, operation: str, sent: Any) -> Any:
        if operation in QUICK and running() and Endpoint._do_get_response is _wire:
            try:
                # What a table keeps must not change with the caller's own dictionaries.
                body = json.loads(json.dumps(sent))
            except TypeError:  # bytes: the wire has a form of its own for them
                return _long_way(client, operation, sent)
            return _answer(client, operation, body, account)
        if operation in QUEUES and running() and Endpoint._do_get_response is _wire:
            return _other(SQSResponse, client, operation, sent, account)
        if operation in STORED and running() and Endpoint._do_get_response is _wire:
            return _other(SimpleSystemManagerResponse, client, operation, sent, account)
        return _long_way(client, operation, sent)

    BaseClient._make_api_call = call


def _answer(client: Any, operation: str, body: dict[str, Any], account: str) -> Any:
    handler = DynamoHandler()
    handler.body = handler.params = body
    handler.uri_match, handler.headers, handler.response_headers = {}, {}, {}
    handler.current_account, handler.region = account, client.meta.region_name
    try:
        result: Any = getattr(handler, camelcase_to_underscores(operation))().result
    except JsonRESTError as error:
        reasons = json.loads(error.description)
        kind = reasons.pop("__type").rpartition("#")[2]
        message = reasons.pop("message", reasons.pop("Message", ""))
        raise _refusal(client, operation, kind, message, reasons) from error
    except ServiceException as error:
        raise _refusal(client, operation, error.code, error.message, {}) from error
    try:
        found = json.loads(json.dumps(result))
    except TypeError:
        found = copy.deepcopy(result)
    return {**found, "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}}


def _other(kind: Any, client: Any, operation: str, sent: Any, account: str) -> Any:
    handler = kind()
    handler.params, handler.uri_match = copy.deepcopy(sent), {}
    handler.automated_parameter_parsing = True  # of `params`, and not of what came by HTTP
    handler.current_account, handler.region = account, client.meta.region_name
    try:
        result: Any = getattr(handler, camelcase_to_underscores(operation))().result
    except ServiceException as error:
        raise _refusal(client, operation, error.code, error.message, {}) from error
    return {**copy.deepcopy(result or {}), "ResponseMetadata": {"HTTPStatusCode": 200}}


def _refusal(client: Any, operation: str, code: str, message: str, more: Any) -> Exception:
    answer = {
        **more,
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}},
    }
    return client.exceptions.from_code(code)(answer, operation)
