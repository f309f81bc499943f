"""Canaries: no line of the log carries a secret, whichever provider or library spoke of it, and by
whichever way it came into the log."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
import requests
from pydantic import BaseModel, ValidationError

from chalicelib.kernel import clock, parameters, redaction, telemetry
from chalicelib.kernel.messaging.worker import each_message, scheduled, stream_records
from chalicelib.kernel.money import Money
from chalicelib.payments import manifest, registry
from chalicelib.payments.ports import Charge, ChargeLine
from tests import stage
from tests.live import attempt

CANARIES = {
    "stripe/secret_key": "sk_test_canary0123456789",
    "stripe/webhook_secret": "whsec_canary0123456789",
    "oxapay/merchant_key": "CANARY-AAAA11-BBBB22-CCCC33",
    "paypal/client_id": "canary-paypal-client-id",
    "paypal/client_secret": "canary-paypal/secret+key",
    "usdt/erc20_rpc": "https://node.test/v3/canaryofthenode0123",
    "usdt/trc20_api": "https://tron.test/canaryofthetron0123",
    "usdt/trc20_key": "canary-of-the-tron-key",
    "admin/key": "canary-admin-key",
}
EMAIL = "canary.buyer@shop.test"
TOKEN = "canarytokenoftheorder234567"
# What must not be found, in any of the forms that it may take.
HIDDEN = ("canary", "CANARY", "Y2FuYXJ5")
CHARGE = Charge(
    payment_id="pay_1",
    reference="ord_1",
    number="20261120ABCD",
    lines=(ChargeLine("Mug", Money(1999, "USD"), 1),),
    total=Money(1999, "USD"),
    email=EMAIL,
    locale="en",
    success_url=f"https://shop.test/order.html?session={{CHECKOUT_SESSION_ID}}#token={TOKEN}",
    cancel_url=f"https://shop.test/order.html#order=ord_1&token={TOKEN}",
    page_url=f"https://shop.test/order.html#order=ord_1&token={TOKEN}",
    expires_at=clock.now() + 1900,
)
CALLS = {
    "open": lambda provider: provider.open(CHARGE),
    "open again": lambda provider: provider.open(CHARGE, again=True),
    "status": lambda provider: provider.status("session-1"),
    "close": lambda provider: provider.close("session-1"),
    "captured": lambda provider: list(provider.captured(clock.now() - 60) or ()),
    "refund": lambda provider: provider.refund("cap-1", Money(100, "USD"), key="k"),
}


@pytest.fixture
def log():
    """A stage with canaries for secrets, and what it logs from here on, as text."""
    with stage.in_process(CANARIES):
        # What a process has never read it can't tell, nor know.
        providers = (each.parameters for each in manifest.found().values())
        for name in chain(parameters.PARAMETERS, *providers):
            parameters.secrets().get(name)
        inner = telemetry.logger()._logger
        (handler,) = inner.handlers
        level, written = inner.level, io.StringIO()
        before = handler.setStream(written)
        inner.setLevel("INFO")
        yield written.getvalue
        inner.setLevel(level)
        handler.setStream(before)


@pytest.fixture
def telltale(monkeypatch):
    """A network whose errors tell everything that was sent, each by an error that it came from."""

    def send(adapter, request, **_):
        headers = " ".join(f"{name}: {value}" for name, value in request.headers.items())
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        try:
            raise OSError(f"connecting with {headers}")
        except OSError as error:
            path = request.path_url
            message = f"Max retries exceeded with url: {path} (at {request.url}, body {body})"
            raise requests.ConnectionError(message) from error

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)


def logged_of(name: str) -> int:
    """Have a provider fail in each of its calls, and log how; how many did."""
    failed = 0
    for call in CALLS.values():
        try:
            call(registry.provider(name))
        except Exception as error:
            failed += 1
            telemetry.logger().warning("provider failed", exc_info=error)
    return failed


def found_in(text: str) -> list[str]:
    return [word for word in HIDDEN if word in text]


@pytest.mark.parametrize("name", registry.PROVIDERS)
def test_no_providers_error_carries_a_secret_into_the_log(log, telltale, name):
    logged_of(name)
    assert found_in(log()) == []
    assert all(json.loads(line) for line in log().splitlines()), "a line stays JSON"


@pytest.mark.parametrize("name", ["stripe", "oxapay", "paypal", "usdt-erc20", "usdt-trc20"])
def test_control_a_log_that_conceals_nothing_carries_them(log, telltale, name, monkeypatch):
    monkeypatch.setattr(redaction, "conceal", lambda text: text)
    assert logged_of(name)
    assert found_in(log())


# By name: a traceback shows the line of code that failed.
TYPED = 'canary of a "person"\n'


class Form(BaseModel):
    amount: int


def errors():
    """Errors of libraries, with what they were given inside."""
    yield RuntimeError(f"key {CANARIES['admin/key']} of {EMAIL}")
    yield KeyError(CANARIES["oxapay/merchant_key"])
    yield requests.exceptions.InvalidURL(f"Invalid URL '{CANARIES['usdt/erc20_rpc']}/x': no host")
    yield ValueError(f"https://user:canarypass@node.test:8545/ and {TOKEN}=?token={TOKEN}")
    yield ValueError('{"Authorization": "Bearer canary.jwt.token", "access_token": "canarytoken"}')
    yield ValueError("Invalid type for parameter Item.x, value: canary value, type: <class 'str'>")
    try:
        Form.model_validate({"amount": TYPED})
    except ValidationError as error:
        yield error


def chained(error: Exception) -> Exception:
    """An error of ours that came from it, as providers' modules raise them."""
    try:
        try:
            raise error
        except Exception as cause:
            raise RuntimeError("provider busy") from cause
    except RuntimeError as raised:
        return raised


def by_message(error: Exception) -> None:
    def handle(message: dict) -> None:
        raise error

    record = {"messageId": "1", "body": "{}", "receiptHandle": "r", "eventSourceARN": "a:b:q"}
    each_message(handle)({"Records": [record]})


def by_job(error: Exception) -> None:
    def job(now: int) -> None:
        raise error

    scheduled(job)({})


def by_stream(error: Exception) -> None:
    def work() -> None:
        raise error

    def steps(records: list) -> Iterator:
        yield {"eventID": "1"}, work
        raise error

    stream_records(park=lambda record: None)(steps)({"Records": []}, None)


def by_extra(error: Exception) -> None:
    telemetry.logger().warning("odd", extra={"why": str(error), "cause": str(error.__cause__)})


WAYS = (by_message, by_job, by_stream, by_extra)


@pytest.mark.parametrize("way", WAYS)
def test_no_way_into_the_log_lets_a_secret_through(log, way):
    left = [attempt(lambda error=error: way(error)) for error in map(chained, errors())]
    for line in filter(None, left):
        # Lambda writes what leaves a handler into the log by itself.
        assert found_in(f"{line!r} {line.__cause__!r}") == []
        assert line.__suppress_context__
    assert log().count("\n") >= len(list(errors()))
    assert found_in(log().replace(TOKEN, "")) == []


@pytest.mark.parametrize("way", WAYS)
def test_control_without_it_each_way_does(log, way, monkeypatch):
    monkeypatch.setattr(redaction, "conceal", lambda text: text)
    for error in map(chained, errors()):
        try:
            way(error)
        except telemetry.Unhandled:
            continue
    assert found_in(log())


def test_what_a_library_logs_by_itself_is_concealed_as_well(log, monkeypatch):
    root, written = logging.getLogger(), io.StringIO()
    monkeypatch.setattr(root, "handlers", [logging.StreamHandler(written)])
    telemetry.conceal_what_libraries_log()
    for error in map(chained, errors()):
        logging.getLogger("urllib3.connectionpool").warning("Retrying: %s", error, exc_info=error)
    assert "Retrying" in written.getvalue()
    assert found_in(written.getvalue().replace(TOKEN, "")) == []


def test_an_error_of_a_view_is_logged_without_them(log, monkeypatch):
    from chalice.test import Client

    from app import app
    from chalicelib.cart import service

    for error in map(chained, errors()):

        def broken(*_, error=error, **__):
            raise error

        monkeypatch.setattr(service, "read", broken)
        with Client(app) as client:
            assert client.http.get("/api/cart/crt_x").status_code == 500
    assert "unexpected error" in log()
    assert found_in(log().replace(TOKEN, "")) == []


def test_a_line_says_what_it_is_for_all_the_same(log):
    telemetry.logger().warning(
        "payment left", extra={"payment_id": "pay_abc", "route": "/api/cart/{cart_id}"}
    )
    (line,) = [json.loads(line) for line in log().splitlines()]
    assert (line["message"], line["payment_id"]) == ("payment left", "pay_abc")
    assert line["route"] == "/api/cart/{cart_id}"
    telemetry.logger().warning("failed", exc_info=ValueError("https://node.test/v3/x refused"))
    assert ("https://node.test/" in log() and "Traceback" in log()) or "ValueError" in log()


def ways_around(tree: ast.AST) -> list[str]:
    """What in a module writes somewhere by itself."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", "")}
            found += [name for name in names if name in ("logging", "warnings", "traceback")]
        found += [node.id] if isinstance(node, ast.Name) and node.id == "print" else []
        found += ["stream"] if getattr(node, "attr", "") in ("stdout", "stderr") else []
    return found


def test_a_long_run_of_letters_is_looked_through_in_one_go():
    """By the square of its length, this one took half an hour: a function is ended after less."""
    body = "QUJDREVG" * 50_000
    shown = redaction.conceal(f"ada@shop.test {body} to ada%40shop.test+bob@shop.test")
    assert body in shown
    assert "shop.test" not in shown and "bob" not in shown


def test_telemetry_alone_writes_a_log():
    """Else what it conceals would have a way around it."""
    files = Path(stage.ROOT, "chalicelib").rglob("*.py")
    wrong = {path.name: ways_around(ast.parse(path.read_text("utf-8"))) for path in files}
    assert wrong.pop("telemetry.py")
    assert [name for name, found in wrong.items() if found] == []
