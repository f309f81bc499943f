"""A passphrase is money for whoever reads it first: it stands nowhere in clear."""

import io
import json
import sys

import pytest

from chalicelib.kernel import sealing, telemetry
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.messaging import queues
from chalicelib.kernel.tables import CallItem
from chalicelib.payments.providers.redpacket import passphrase as passphrases
from chalicelib.webhooks.tables import WebhookItem
from tests import stage
from tests.payments.redpacket.world import DUE, KEY, OTHER, Deal

# Unmistakable, so that a part of it would be found as well.
SECRET = "canary-passphrase-8765"
PARTS = (SECRET, SECRET[:-2], SECRET.encode().hex(), SECRET.upper())


@pytest.fixture
def log(shop, capsys):
    """All that the shop writes from here on, down to DEBUG, whoever writes it."""
    inner = telemetry.logger()._logger
    (handler,) = inner.handlers
    level, written = inner.level, io.StringIO()
    handler.stream = written
    inner.setLevel("DEBUG")

    def read() -> str:
        captured = capsys.readouterr()
        return written.getvalue() + captured.out + captured.err

    yield read
    inner.setLevel(level)
    handler.stream = sys.__stdout__


def everywhere() -> str:
    """All tables of the stage as they are stored, and what is packed in them."""
    tables = [definition["TableName"] for definition in stage.table_definitions()]
    names = [name.removeprefix(stage.PREFIX) for name in tables]
    stored = [line for name in names for line in stage.moto_here.contents(name)]
    packed = [item.packed for kind in (CallItem, WebhookItem) for item in kind.scan()]
    return "\n".join([*stored, *filter(None, packed)])


def found_in(text: str) -> list[str]:
    return [part for part in PARTS if part in text]


def go_through(deal: Deal) -> list[str]:
    """The whole way of a passphrase over HTTP, wrong turns included, each call repeatable; what the
    buyer and the owner were answered, but for the one call that shows it."""
    token = {"X-Order-Token": deal.placed.order.access_token}
    path = f"/api/payment/verify/{deal.payment_id}"
    answers = []

    def call(method, where, body=None, **headers):
        key = {"Idempotency-Key": f"key-{len(answers)}"} if method == "POST" else {}
        answers.append(deal.shop.call(method, where, body, **headers, **key))

    call("POST", path, {"passphrase": SECRET + "\u200b"}, **token)
    call("POST", path, {"passphrase": SECRET * 4}, **token)
    call("POST", path, {"passphrase": SECRET, "hash": SECRET}, **token)
    call("POST", path, {"passphrase": SECRET}, **token)
    call("POST", path, {"passphrase": SECRET}, **token)
    call("GET", f"/api/payment/{deal.payment_id}", **token)
    call("GET", f"/api/order-status/{deal.order.order_id}", **token)
    call("GET", deal.path(), **KEY)
    call("GET", "/api/admin/payments", **KEY)
    shown = deal.shop.call("POST", deal.path("/reveal"), {}, **KEY, **{"Idempotency-Key": "show"})
    assert SECRET in shown.body.decode()
    call("POST", deal.path("/reject"), {"reason": "INVALID"}, **KEY)
    call("POST", path, {"passphrase": SECRET}, **token)
    call("GET", "/api/admin/audit", **KEY)
    return [answer.body.decode() for answer in answers]


def test_no_table_holds_it_while_it_waits_or_afterwards(deal):
    go_through(deal)
    kept = everywhere()
    assert deal.payment_id in kept
    assert found_in(kept) == []
    deal.confirm(DUE)
    assert found_in(everywhere()) == []


def test_control_without_the_seal_the_table_tells_it(deal, monkeypatch):
    monkeypatch.setattr(passphrases, "sealed", lambda text, place: text)
    deal.submit_proof(SECRET)
    assert found_in(everywhere())


def test_control_a_reveal_whose_answer_were_kept_tells_it(deal, monkeypatch):
    """The answer of a repeatable call is kept for a day; this one's must not be."""
    from dataclasses import replace

    from chalicelib.kernel.web import http

    deal.submit_proof(SECRET)
    real = http._answered

    def keeping(route, *rest):
        return real(replace(route, idempotent=True), *rest)

    monkeypatch.setattr(http, "_answered", keeping)
    deal.shop.call("POST", deal.path("/reveal"), {}, **KEY, **{"Idempotency-Key": "show"})
    assert found_in(everywhere())


def test_no_answer_tells_it_but_the_one_that_shows_it(deal):
    for answer in go_through(deal):
        assert found_in(answer) == []


def test_no_log_line_tells_it(deal, log):
    calls = go_through(deal)
    written = log()
    assert written.count('"message":"request"') == len(calls) + 1
    assert found_in(written) == []


def test_control_a_line_that_tells_it_is_found(log):
    telemetry.logger().info("handed in", extra={"given": SECRET})
    assert found_in(log())


def test_no_log_line_tells_it_when_the_tables_fail(deal, log, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("the table is gone")

    monkeypatch.setattr(Transaction, "_commit", broken)
    token = {"X-Order-Token": deal.placed.order.access_token}
    path = f"/api/payment/verify/{deal.payment_id}"
    answer = deal.shop.call("POST", path, {"passphrase": SECRET}, **token)
    assert answer.status_code == 500
    written = log()
    assert "the table is gone" in written
    assert found_in(answer.body.decode() + written) == []


def test_nothing_about_it_is_put_on_a_queue(deal, monkeypatch):
    sent: list[object] = []
    monkeypatch.setattr(queues, "send", lambda *what: sent.append(what))
    go_through(deal)
    assert found_in(json.dumps(sent, default=str)) == []


def test_what_was_decided_is_not_kept_even_sealed(deal):
    deal.submit_proof(SECRET)
    deal.reject()
    deal.submit_proof(OTHER)
    deal.confirm()
    book = everywhere()
    assert '"sealed": {"S"' not in book
    assert '"masked": {"S": "\\u2022\\u2022\\u2022\\u202265"}' in book


def test_a_key_that_has_left_the_ring_takes_it_along(deal, monkeypatch):
    deal.submit_proof(SECRET)
    ring = sealing.ring()
    monkeypatch.setattr(sealing, "ring", lambda: type(ring)("k9", {"k9": b"9" * 32}))
    answer = deal.as_owner("/reveal", {})
    assert (answer.status_code, answer.json_body["code"]) == (409, "SEALED_FOR_GOOD")


def test_a_sealed_passphrase_opens_at_its_own_packet_alone(deal):
    kept = passphrases.sealed(SECRET, "rpk_1")
    assert passphrases.opened(kept, "rpk_1") == SECRET
    with pytest.raises(sealing.Unsealable):
        passphrases.opened(kept, "rpk_2")


def test_the_export_of_a_person_shows_nothing_of_it(deal):
    from chalicelib.orders import schemas

    deal.submit_proof(SECRET)
    answer = schemas.OrderAnswer.of(deal.order, deal.payment, "en").wire()
    assert found_in(json.dumps(answer)) == []
