"""What is written down of an outage is one more thing that may fail, and keeps no hold waiting."""

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from chalicelib.config import settings
from chalicelib.kernel import clock
from chalicelib.payments import service as payments
from chalicelib.settlement import expire
from tests import factory

HOUR = 3600


@pytest.fixture
def over(shop):
    """Two mugs in a reservation whose time is over."""
    shop.sell("mug", stock=5)
    factory.reserve(factory.cart_with({"mug": 2}))
    assert factory.stock("mug")["reserved"] == 2


def throttle(monkeypatch) -> None:
    honest = BaseClient._make_api_call

    def call(client, operation, request):
        if operation == "Scan" and request["TableName"] == settings().table("outages"):
            raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "Scan")
        return honest(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


def test_a_row_that_can_not_be_read_keeps_no_hold_waiting(over):
    row = {"provider": {"S": "stripe"}, "since": {"S": "yesterday"}}
    boto3.client("dynamodb").put_item(TableName=settings().table("outages"), Item=row)
    expire.sweep(clock.now() + HOUR)
    assert factory.stock("mug")["reserved"] == 0


def test_a_throttled_list_of_them_keeps_no_hold_waiting_and_is_told(over, monkeypatch):
    throttle(monkeypatch)
    swept = expire.sweep(clock.now() + HOUR)
    assert factory.stock("mug")["reserved"] == 0
    assert not swept.complete


def test_control_unless_it_is_caught_nothing_is_swept(over, monkeypatch):
    throttle(monkeypatch)
    monkeypatch.setattr(payments, "probe_outages", lambda: list(payments.outages.current()))
    with pytest.raises(Exception, match="Provisioned"):
        expire.sweep(clock.now() + HOUR)
    assert factory.stock("mug")["reserved"] == 2
