"""What tests of the sandbox's OxaPay need again and again."""

import json
from typing import Any

import requests

from localcloud.sandbox.client import SandboxClient
from localcloud.sandbox.store import Document
from localcloud.sandbox.testing import Receiver

KEY = "MERCH1-TEST22-KEY333-FAKE44"
HOOK = "/oxapay-webhook"


def call(
    sandbox: SandboxClient, method: str, path: str, key: str = KEY, **sent: Any
) -> requests.Response:
    """One call of the API below /v1, whatever it answers."""
    headers = {"merchant_api_key": key}
    return requests.request(method, f"{sandbox.url}/v1{path}", headers=headers, timeout=10, **sent)


def make(sandbox: SandboxClient, **changes: Any) -> str:
    """The track id of a new invoice over 45.98 USD, whose webhooks go to another machine."""
    given = {
        "amount": 45.98,
        "currency": "USD",
        "lifetime": 30,
        "order_id": "pay_1",
        "callback_url": f"https://shop.test{HOOK}",
        **changes,
    }
    answer = call(sandbox, "POST", "/payment/invoice", json=given)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["track_id"])


def read(sandbox: SandboxClient, track_id: str) -> Document:
    """The invoice as the API answers it."""
    return dict(call(sandbox, "GET", f"/payment/{track_id}").json()["data"])


def sent(receiver: Receiver) -> list[str]:
    """The statuses that webhooks told, in order of arrival."""
    return [json.loads(item["body"])["status"] for item in receiver.received]
