"""Metrics are CloudWatch's own JSON, a line each; logs are JSON lines that carry the request."""

import io
import json

import pytest

from chalicelib.kernel import telemetry
from tests.kernel.envelope import INSIDE


@pytest.fixture
def log(shop):
    """What the shop logs from here on, as the lines that were written."""
    inner = telemetry.logger()._logger
    (handler,) = inner.handlers
    level, written = inner.level, io.StringIO()
    before = handler.setStream(written)
    inner.setLevel("INFO")
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    inner.setLevel(level)
    handler.setStream(before)


def test_a_metric_is_one_line_of_the_embedded_format(tables, capsys):
    telemetry.metric({"OrderPaid": 1, "Revenue": 19.99}, unit="None")
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    emf = line.pop("_aws")
    assert line == {"App": "cartwright", "Stage": "test", "OrderPaid": 1, "Revenue": 19.99}
    assert emf["Timestamp"] > 1_700_000_000_000, "milliseconds, not seconds"
    (definition,) = emf["CloudWatchMetrics"]
    assert definition["Namespace"] == "Cartwright"
    assert definition["Dimensions"] == [["App", "Stage"]]
    assert definition["Metrics"] == [
        {"Name": "OrderPaid", "Unit": "None"},
        {"Name": "Revenue", "Unit": "None"},
    ]
    named = {metric["Name"] for metric in definition["Metrics"]}
    dimensions = {name for names in definition["Dimensions"] for name in names}
    assert named | dimensions <= line.keys(), "each name stands in the line with its value"


def test_a_request_is_logged_by_its_route_and_id_without_what_was_sent(shop, log):
    answer = shop.call("GET", "/api/cart/crt_secret?token=hidden")
    (line,) = [line for line in log() if line.get("message") == "request"]
    assert line["correlation_id"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/cart/{cart_id}", 404)
    assert line["stage"] == "test" and line["service"] == "cartwright"
    assert "crt_secret" not in json.dumps(line) and "hidden" not in json.dumps(line)


def test_a_bug_is_logged_whole_and_told_as_nothing(shop, log, monkeypatch):
    from chalicelib.cart import service

    def broken(*_, **__):
        raise KeyError("the inside of the shop")

    monkeypatch.setattr(service, "read", broken)
    answer = shop.call("GET", "/api/cart/crt_x")
    assert answer.status_code == 500
    assert "inside of the shop" not in answer.body.decode()
    assert not INSIDE.search(answer.body.decode())
    logged = [line for line in log() if line["level"] == "ERROR"]
    assert "inside of the shop" in json.dumps(logged)
    assert logged[0]["correlation_id"] == answer.json_body["requestId"]


def test_a_webhooks_secret_and_body_stay_out_of_the_log(shop, log):
    shop.call("POST", "/api/webhooks/stripe", b'{"card": "4242"}', **{"Stripe-Signature": "t=1"})
    assert log() and "4242" not in json.dumps(log())
