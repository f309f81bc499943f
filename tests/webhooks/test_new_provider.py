"""A new provider is a folder: copied, renamed inside, and found by all that has to know it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stage import ROOT

FOLDER = ROOT / "chalicelib" / "payments" / "providers" / "oxapay"
# What a copy of OxaPay's folder says of itself.
RENAMED = {
    '"OxaPay",': '"Second",',
    '{"oxapay": "provider"}': '{"second": "provider"}',
    'Webhook("oxapay", "/oxapay-webhook", signature="HMAC"': (
        'Webhook("second", "/api/webhooks/second", signature="X-Second"'
    ),
    "oxapay/merchant_key": "second/merchant_key",
    "oxapay/api_base": "second/api_base",
    "oxapay/sandbox": "second/sandbox",
    "providers.oxapay": "providers.second",
}
SCRIPT = """
import json, sys
from chalicelib.payments import providers
providers.__path__.extend(sys.argv[1:])
from app import app
from chalice.test import Client
from chalicelib.kernel import parameters
from chalicelib.payments import manifest, registry
from chalicelib.webhooks import accept
from tools.openapi import document

taken = []
accept.receive = lambda name, body, headers, **named: taken.append([name, body.decode()])
with Client(app) as client:
    answer = client.http.post("/api/webhooks/second", headers={"X-Second": "s"}, body=b'{"a": 1}')
path = document.generated()["paths"].get("/api/webhooks/second", {})
print(json.dumps({
    "methods": sorted(registry.methods()),
    "parameters": sorted(n for each in manifest.found().values() for n in each.parameters),
    "answer": [answer.status_code, answer.body.decode()],
    "taken": taken,
    "security": path.get("post", {}).get("security"),
    "operation": path.get("post", {}).get("operationId"),
}))
"""


def shop_with(*folders: Path) -> dict:
    """What a shop knows of its providers, with those in `folders` besides its own."""
    stage = {"STAGE": "test", "TABLE_PREFIX": "t-", "PARAM_PREFIX": "/t", "AWS_REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, folders)],
        cwd=ROOT,
        env={**os.environ, **stage, "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def copied(tmp_path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "second", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / "second").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for old, new in RENAMED.items():
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_copied_folder_is_a_payment_method_with_a_webhook_and_parameters_of_its_own(copied):
    known = shop_with(copied)
    assert "second" in known["methods"]
    assert "second/merchant_key" in known["parameters"]
    assert known["answer"] == [200, "ok"]
    assert known["taken"] == [["second", '{"a": 1}']]
    assert known["operation"] == "secondWebhook"
    assert known["security"] == [{"signedXSecond": []}]


def test_control_without_the_folder_there_is_nothing_of_it():
    known = shop_with()
    assert not any("second" in name for name in known["methods"] + known["parameters"])
    assert known["answer"][0] in (403, 404) and known["taken"] == []
    assert known["operation"] is None
