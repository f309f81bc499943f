"""A stage for tests: its environment, and its tables made from the template that is deployed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from chalice.package import YAMLTemplateSerializer
from moto import mock_aws
from moto.core.models import responses_mock

from chalicelib import config
from chalicelib.kernel import cache, clock, dynamo, events, queues
from chalicelib.payments import registry

ROOT = Path(__file__).parent.parent
PREFIX = "cartwright-test-"
QUEUE = "payment-events"
MADE = ("PAYMENT_EVENTS_QUEUE_URL", "SHOP_EVENTS_TOPIC_ARN")
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
    "shop/url": "https://shop.test",
    "admin/key": "admin-key-of-the-test-stage",
}


def forget() -> None:
    """Let nothing that a process keeps between calls outlive a test."""
    for cached in (config.settings, queues._client, events._client, registry.provider):
        cached.cache_clear()
    from aws_lambda_powertools.utilities import parameters

    parameters.clear_caches()
    cache.forget_all()
    dynamo.disconnect()
    clock.shift(0)


def table_definitions() -> Iterator[dict[str, Any]]:
    """The arguments of `create_table` for every table of infra/tables.yaml."""
    path = ROOT / "infra" / "tables.yaml"
    template = YAMLTemplateSerializer().load_template(path.read_text(), str(path))
    kept = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "StreamSpecification")
    for resource in template["Resources"].values():
        properties = resource["Properties"]
        definition = {name: properties[name] for name in kept if name in properties}
        name = properties["TableName"]["Fn::Sub"].replace("${Stage}", "test")
        if "StreamSpecification" in definition:
            definition["StreamSpecification"]["StreamEnabled"] = True
        yield {"TableName": name, "BillingMode": "PAY_PER_REQUEST", **definition}


def build(secrets: dict[str, str], **client: Any) -> None:
    """Make the stage's tables, queue and secrets at whatever AWS the clients reach."""
    database = boto3.client("dynamodb", **client)
    for definition in table_definitions():
        database.create_table(**definition)
    url = boto3.client("sqs", **client).create_queue(QueueName=QUEUE)["QueueUrl"]
    os.environ["PAYMENT_EVENTS_QUEUE_URL"] = url
    topic = boto3.client("sns", **client).create_topic(Name="shop-events")["TopicArn"]
    os.environ["SHOP_EVENTS_TOPIC_ARN"] = topic
    parameters = boto3.client("ssm", **client)
    for name, value in {**SECRETS, **secrets}.items():
        parameters.put_parameter(
            Name=f"/cartwright/test/{name}", Value=value, Type="SecureString", Overwrite=True
        )


@contextmanager
def in_process(secrets: dict[str, str] | None = None) -> Iterator[None]:
    """The stage in this process. For one thread: moto is not atomic under parallel transactions."""
    before = {name: os.environ.get(name) for name in [*ENVIRONMENT, *MADE]}
    os.environ.update(ENVIRONMENT)
    forget()
    try:
        with mock_aws():
            # The payment sandbox is spoken to for real.
            responses_mock.add_passthru("http://127.0.0.1")
            build(secrets or {})
            yield
    finally:
        forget()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
