"""Whatever stands before a secret in a line of the log, the secret is taken out, and the line is
JSON still."""

import io
import json
import logging
import sys

import pytest

from chalicelib.kernel import redaction, telemetry

CANARIES = {
    "a key": "sk_live_CANARYcanary12345",
    "a form's link": "pi_3Mt0_secret_CANARYcanary",
    "a token": "eyJDQU5BUlkiOiJIUzI1NiJ9.eyJDQU5BUlkiOiJ1In0.CANARYcanary",
    "a password": "password=CANARYcanary1",
    "a header": "X-Api-Key: CANARYcanary1",
    "a cookie": "Cookie: refresh=CANARYcanary1",
    "an access token": 'access_token="CANARYcanary1"',
    "basic": "Basic CANARYOkNBTkFSWQ==",
    "a person": "CANARY.o'neil@shop.test",
    "a person with a domain of their own letters": "CANARY@bücher.example",
    "a person with a name of their own letters": "CANARYürgen@shop.test",
}
BEFORE = [" ", "\n", "\t", "\r\n", "é", "“", "中", ": "]


@pytest.mark.parametrize("before", BEFORE, ids=ascii)
@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES)
def test_a_secret_is_taken_out_wherever_it_begins(canary, before):
    for ascii_only in (True, False):
        line = redaction.conceal(
            json.dumps({"exception": f"It failed{before}{canary}{before}"}, ensure_ascii=ascii_only)
        )
        assert "CANARY" not in line
        assert json.loads(line)["exception"].startswith("It ")


@pytest.mark.parametrize("text", ["/api/cart/crt_1", "token", "order ord_1 of 3.5 kg", "a @ b"])
def test_what_is_no_secret_stays(text):
    line = json.dumps({"message": f"It failed\n{text}"})
    assert redaction.conceal(line) == line


def line_of_a_library(monkeypatch, message: str) -> str:
    """All that a library's line leaves anywhere."""
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    handler = logging.StreamHandler(out)
    handler.setFormatter(telemetry._Wrapped(logging.Formatter()))
    log = logging.getLogger("a.library")
    monkeypatch.setattr(log, "propagate", False)
    log.addHandler(handler)
    log.error(message)
    log.removeHandler(handler)
    return out.getvalue() + err.getvalue()


def test_a_librarys_line_is_concealed_over_all_its_lines(tables, monkeypatch):
    line = line_of_a_library(monkeypatch, "secret=CANARYcanary1 for\nCANARY@shop.test")
    assert "CANARY" not in line
    assert "[redacted]" in line


def test_a_line_that_can_not_be_concealed_is_not_written(tables, monkeypatch):
    monkeypatch.setattr(redaction, "conceal", lambda text: text[:-1])
    line = line_of_a_library(monkeypatch, "CANARY")
    assert "CANARY" not in line
    assert "a.library" in line
