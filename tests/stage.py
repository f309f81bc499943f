"""A stage for tests: its environment, and its tables made from the template that is deployed."""

import functools
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import boto3
from chalice.package import YAMLTemplateSerializer
from moto import mock_aws
from moto.backends import get_backend
from moto.core import responses as moto_responses
from moto.core.models import responses_mock
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker

from chalicelib import config
from chalicelib.kernel import cache, clock, parameters
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.messaging import events, queues
from chalicelib.payments import registry
from localcloud.sandbox.oxapay import SANDBOX_KEY
from localcloud.sandbox.paypal import ACCOUNT as PAYPAL
from tests import moto_items, moto_quick, moto_seam

ROOT = Path(__file__).parent.parent
PREFIX = "cartwright-test-"
QUEUE = "payment-events"
LEDGER_QUEUE = "ledger-again"
RELAY_QUEUE = "relay-again"
LISTENERS_QUEUE = "listeners"
JOBS_QUEUE = "job-messages"
QUEUES = (QUEUE, f"{QUEUE}-dead", LEDGER_QUEUE, RELAY_QUEUE, LISTENERS_QUEUE, JOBS_QUEUE)
TOPIC = "shop-events"
ACCOUNT = "123456789012"  # moto's
# What the template tells the functions: their queues' addresses, the topic's name.
ADDRESSES = {
    "PAYMENT_EVENTS_QUEUE_URL": QUEUE,
    "LEDGER_AGAIN_QUEUE_URL": LEDGER_QUEUE,
    "RELAY_AGAIN_QUEUE_URL": RELAY_QUEUE,
    "LISTENERS_QUEUE_URL": LISTENERS_QUEUE,
    "JOB_MESSAGES_QUEUE_URL": JOBS_QUEUE,
}
MADE = (*ADDRESSES, "SHOP_EVENTS_TOPIC_ARN")
ENVIRONMENT = {
    "STAGE": "test",
    "TABLE_PREFIX": PREFIX,
    "PARAM_PREFIX": "/cartwright/test",
    "LOG_LEVEL": "CRITICAL",
    "POWERTOOLS_DEV": "false",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
SECRETS = {
    "stripe/secret_key": "sk_test_cartwright",
    "stripe/webhook_secret": "whsec_cartwright",
    "stripe/publishable_key": "pk_test_cartwright",
    "oxapay/merchant_key": SANDBOX_KEY,
    "paypal/client_id": PAYPAL.client_id,
    "paypal/client_secret": PAYPAL.client_secret,
    "paypal/webhook_id": PAYPAL.webhook_id,
    # Of the published examples of both chains: nobody's wallets.
    "usdt/erc20_wallet": "0x1122334455667788990011223344556677889900",
    "usdt/erc20_rpc": "https://ethereum.test",
    "usdt/trc20_wallet": "TBXoTbWzjcYRJcsZu6GpqUPJRqVLVNmbom",
    "usdt/trc20_key": "key-of-the-test-stage",
    "shop/url": "https://shop.test",
    "admin/key": "admin-key-of-the-test-stage",
    "auth/keys": json.dumps(
        {"current": "k1", "keys": {"k1": "dGhlLXNpZ25pbmcta2V5LW9mLXRoZS10ZXN0LXN0YWdl"}}
    ),
}


def forget() -> None:
    """Let nothing that a process keeps between calls outlive a test."""
    forget_values()
    parameters.disconnect()
    for cached in (queues._client, events._client):
        cached.cache_clear()
    dynamo.disconnect()


def forget_values() -> None:
    """All but the clients: making those takes longer than most tests."""
    for cached in (config.settings, config.allowed_origins, registry.provider, registry.billing):
        cached.cache_clear()
    for document in dynamo.Document.__subclasses__():
        document._connection = None  # whose table's name was another stage's, maybe
    parameters.forget()
    cache.forget_all()
    clock.shift(0)


@functools.cache
def _template() -> Any:
    path = ROOT / "infra" / "tables.yaml"
    return YAMLTemplateSerializer().load_template(path.read_text(), str(path))


def table_definitions() -> Iterator[dict[str, Any]]:
    """The arguments of `create_table` for every table of infra/tables.yaml."""
    template = deepcopy(_template())
    kept = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "StreamSpecification")
    for resource in template["Resources"].values():
        properties = resource["Properties"]
        definition = {name: properties[name] for name in kept if name in properties}
        name = properties["TableName"]["Fn::Sub"].replace("${App}-${Stage}-", PREFIX)
        if "StreamSpecification" in definition:
            definition["StreamSpecification"]["StreamEnabled"] = True
        yield {"TableName": name, "BillingMode": "PAY_PER_REQUEST", **definition}


@functools.cache
def _table_names() -> frozenset[str]:
    return frozenset(definition["TableName"] for definition in table_definitions())


def build(secrets: dict[str, str], make: Callable[..., Any] = boto3.client, **client: Any) -> None:
    """Make the stage's tables, queue and secrets at whatever AWS the clients reach."""
    build_tables(make("dynamodb", **client))
    build_rest(secrets, make, **client)


def build_tables(database: Any) -> None:
    for definition in table_definitions():
        database.create_table(**definition)


def build_rest(secrets: dict[str, str], make: Callable[..., Any], **client: Any) -> None:
    """What there is besides the tables."""
    queues_of = make("sqs", **client)
    urls = [queues_of.create_queue(QueueName=name)["QueueUrl"] for name in QUEUES]
    tell_functions(urls, make("sns", **client).create_topic(Name=TOPIC)["TopicArn"])
    store = make("ssm", **client)
    for name, value in parameters_of(secrets):
        store.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)


def tell_functions(urls: Sequence[str], topic: str) -> None:
    """Put what the template tells the functions into the environment; `urls` are of QUEUES."""
    by_name = dict(zip(QUEUES, urls, strict=True))
    os.environ.update({variable: by_name[name] for variable, name in ADDRESSES.items()})
    os.environ["SHOP_EVENTS_TOPIC_ARN"] = topic


def parameters_of(secrets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The stage's parameters, whole names and values, with these beside its own."""
    for name, value in {**SECRETS, **secrets}.items():
        yield f"/cartwright/test/{name}", value


class _QuickPicker(XFormedAttributePicker):
    """moto looks for each value of an answer under half a dozen names, in every item of DynamoDB
    ten times. There each stands under its own name: a quarter of all time that tests take."""

    def __call__(self, context: AttributePickerContext) -> Any:
        if type(context.obj) is dict and context.service_model.service_name == "dynamodb":
            return context.obj.get(context.key)
        return super().__call__(context)


class _Moto:
    """moto, kept running from one test to the next: starting it takes longer than most tests."""

    services = ("sqs", "sns", "ssm")

    def __init__(self) -> None:
        self._mock: Any = None
        self._clients: dict[str, Any] = {}

    def start(self) -> None:
        """Run, with the stage's tables, all of them empty, and nothing else."""
        if self._mock is None:
            forget()
            moto_responses.XFormedAttributePicker = _QuickPicker
            self._mock = mock_aws()
            self._mock.start()
            # The payment sandbox is spoken to for real.
            responses_mock.add_passthru("http://127.0.0.1")
        for name in self.services:
            get_backend(name)[ACCOUNT].reset()
        if not self._emptied():
            get_backend("dynamodb")[ACCOUNT].reset()
            build_tables(self.client("dynamodb"))

    def build_rest(self, secrets: Mapping[str, str]) -> None:
        """What `build_rest` makes, past the clients: thirty calls take longer than most tests."""
        for name in QUEUES:
            self._backend("sqs").create_queue(name)
        at = f"https://sqs.{ENVIRONMENT['AWS_DEFAULT_REGION']}.amazonaws.com/{ACCOUNT}"
        topic = self._backend("sns").create_topic(TOPIC)
        tell_functions([f"{at}/{name}" for name in QUEUES], topic.arn)
        store = self._backend("ssm")
        for name, value in parameters_of(secrets):
            store.put_parameter(
                name, "", value, "SecureString", "", "", True, [], "text", None, None
            )

    def _backend(self, service: str) -> Any:
        return get_backend(service)[ACCOUNT][ENVIRONMENT["AWS_DEFAULT_REGION"]]

    def _database(self) -> Any:
        return self._backend("dynamodb")

    def _emptied(self) -> bool:
        """Take everything out of the tables; False when they are not there. Making them anew takes
        longer than most tests."""
        backend = self._database()
        if backend.tables.keys() != _table_names():
            return False
        for table in backend.tables.values():
            table.items.clear()
            if table.stream_shard:
                table.stream_shard.items.clear()
        return True

    def contents(self, name: str) -> list[str]:
        """Everything in one of the stage's tables, in an order of its own."""
        table = self._database().tables[PREFIX + name]
        return sorted(json.dumps(item.to_json(), sort_keys=True) for item in table.all_items())

    @property
    def running(self) -> bool:
        return self._mock is not None

    def item(self, table: str, key: dict[str, Any]) -> dict[str, Any] | None:
        """One item of a table, named whole, as DynamoDB writes it; past all clients."""
        found = self._database().get_item(table, key)
        return dict(found.to_json()["Attributes"]) if found else None

    def stream(self, name: str) -> list[dict[str, Any]]:
        """All records of a table's stream, as a function is handed them."""
        shard = self._database().tables[PREFIX + name].stream_shard
        return [record.to_json() for record in shard.items]

    def stop(self) -> None:
        """Let calls to AWS go where they are sent again."""
        if self._mock is not None:
            forget()
            self._mock.stop()
            self._mock, self._clients = None, {}

    def client(self, name: str, **_: Any) -> Any:
        if name not in self._clients:
            self._clients[name] = boto3.client(name)
        return self._clients[name]


moto_here = _Moto()
moto_seam.install(ACCOUNT, lambda: moto_here.running)
moto_quick.install()
moto_items.install()


@contextmanager
def in_process(secrets: dict[str, str] | None = None) -> Iterator[None]:
    """The stage in this process. For one thread: moto is not atomic under parallel transactions."""
    before = {name: os.environ.get(name) for name in [*ENVIRONMENT, *MADE]}
    os.environ.update(ENVIRONMENT)
    forget_values()
    try:
        moto_here.start()
        moto_here.build_rest(secrets or {})
        yield
    finally:
        forget_values()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
