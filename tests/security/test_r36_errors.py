"""Row 36: whatever breaks inside, outside it is a number to ask about, and nothing else."""

import json
import re

import pytest

from chalicelib.kernel.caller import OWNER
from chalicelib.kernel.web import answers
from tests.kernel.envelope import INSIDE
from tests.security.walk import ROUTES, Walker, body_of, name

SECRET = "arn:aws:dynamodb:us-east-1:123456789012:table/cartwright-test-orders sk_test_hidden"
INTERNAL = re.compile(r"arn:aws|sk_test|whsec_|Traceback|File \"|\.py|chalicelib|cartwright-test")


@pytest.fixture
def broken(shop, monkeypatch):
    """Each view raises something unexpected as soon as it asks for the time or its body."""
    import chalicelib.kernel.web.http as edge

    def view_breaks(*_, **__):
        raise KeyError(SECRET)

    monkeypatch.setattr(edge.auth, "authorize", lambda *_, **__: OWNER)
    monkeypatch.setattr(edge, "_run", view_breaks)


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_a_bug_in_any_route_is_told_as_its_request_id_alone(broken, unlimited, route):
    answer = Walker().call(route, json.dumps(body_of(route, "x")).encode())
    text = answer.body.decode()
    assert answer.status_code == 500
    assert not INTERNAL.search(text) and not INSIDE.search(text)
    body = json.loads(text)
    assert (body["code"], body["data"], body["errors"]) == ("INTERNAL_ERROR", None, [])
    assert body["requestId"] == answer.headers["X-Request-Id"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_control_an_error_that_is_shown_as_it_is_would_be_seen(broken, unlimited, monkeypatch):
    class Talkative(answers.ShopError):
        def __init__(self) -> None:
            super().__init__()
            self.code = SECRET

    monkeypatch.setattr(answers, "unexpected", lambda error: Talkative())
    answer = Walker().call(ROUTES[0], b"")
    assert INTERNAL.search(answer.body.decode())
