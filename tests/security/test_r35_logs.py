"""Row 35: nothing secret or personal is ever logged, whatever is sent and whatever goes wrong."""

import json
import logging

import pytest

from chalicelib.kernel import redaction, telemetry
from tests.security.walk import ROUTES, Walker, admin_token, body_of, name

# What must never be read in a log line. Each is unmistakable, so that a part of it is found too.
CANARIES = {
    "email": "canary.person@canary-mail.test",
    "password": "Canary-Pa55word!x",
    "card": "4242424242424242",
    "cvc": "canary-cvc-917",
    "bearer": "eyJhbGciOiJIUzI1NiJ9.canary-bearer.canary-mac",
    "api_key": "ck_canarykeyaaaaaaaaaaaaaaaaaaa_canary-secret",
    "order_token": "canary-order-token",
    "idempotency": "canary-idempotency-key",
    "cookie": "canary-refresh-cookie",
    "signature": "t=1,v1=canary-signature",
    "agent": "canary-agent/1.0",
    "forwarded": "198.51.100.77",
    "query": "canary-query-value",
    "path": "canary-path-id",
    "text": "canary free text",
}
SPECIAL = {
    "email": CANARIES["email"],
    "password": CANARIES["password"],
    "newPassword": CANARIES["password"],
    "currentPassword": CANARIES["password"],
    "token": CANARIES["bearer"],
    "refreshToken": CANARIES["bearer"],
    "line1": f"{CANARIES['card']} {CANARIES['cvc']}",
    "note": CANARIES["card"],
    "country": "DE",
    "variantId": "mug",
}
HEADERS = {
    "X_Order_Token": CANARIES["order_token"],
    "Idempotency_Key": CANARIES["idempotency"],
    "Cookie": f"refresh={CANARIES['cookie']}",
    "Stripe_Signature": CANARIES["signature"],
    "User_Agent": CANARIES["agent"],
    "X_Forwarded_For": CANARIES["forwarded"],
}
QUERY = (
    f"?token={CANARIES['query']}&email={CANARIES['email']}&number=20261120AAAA&cursor=canary-query"
)
FORGED = '{"level":"ERROR","message":"canary-forged-line"}'


def bodies(route):
    """Bodies that fit, bodies with lines of their own, and what is no body at all."""
    yield json.dumps(body_of(route, CANARIES["text"], **SPECIAL)).encode()
    yield json.dumps(body_of(route, f"canary\r\n{FORGED}\r\n", **SPECIAL)).encode()
    yield f"{CANARIES['card']}\r\n{FORGED}\r\n{CANARIES['email']}".encode()


def walk_everything(shop) -> int:
    """Call every route with every body: as a guest, with forged credentials, as an admin."""
    shop.sell("mug", stock=50)
    callers = [
        Walker(),
        Walker(Authorization=f"Bearer {CANARIES['bearer']}"),
        Walker(X_Api_Key=CANARIES["api_key"]),
        Walker(Authorization=f"Bearer {admin_token()}"),
    ]
    calls = 0
    for walker in callers:
        for route in ROUTES:
            for number, body in enumerate(bodies(route)):
                sent = {**HEADERS, "Idempotency_Key": f"{CANARIES['idempotency']}-{calls}"}
                if number == 2:
                    sent["Content_Type"] = f"text/{CANARIES['agent']}"
                walker.call(route, body, in_path=CANARIES["path"], query=QUERY, **sent)
                calls += 1
    return calls


def leaks(log: str) -> list[str]:
    return sorted(each for each in CANARIES if CANARIES[each] in log) + [
        line for line in log.splitlines() if "canary" in line.lower()
    ]


def test_no_canary_is_logged_by_any_route_whatever_is_wrong_with_the_call(
    shop, unlimited, published, log
):
    calls = walk_everything(shop)
    written = log()
    assert leaks(written) == []
    assert written.count('"message":"request"') == calls, "each call is one line"


def test_no_canary_is_logged_when_everything_breaks(shop, unlimited, published, log, monkeypatch):
    def broken(*_, **__):
        # As a library would: with what it was given in its message.
        raise RuntimeError("the inside broke")

    monkeypatch.setattr("chalicelib.kernel.db.dynamo.connection", broken)
    walker = Walker()
    for route in ROUTES:
        for body in bodies(route):
            walker.call(route, body, in_path=CANARIES["path"], query=QUERY, **HEADERS)
    assert leaks(log()) == []


def test_every_line_is_json_so_that_no_text_can_make_a_line_of_its_own(
    shop, unlimited, published, log
):
    walker = Walker()
    for route in ROUTES:
        for body in bodies(route):
            walker.call(route, body, User_Agent=f"canary {FORGED}")
    lines = [line for line in log().splitlines() if line.strip()]
    assert lines
    for line in lines:
        assert json.loads(line).get("message") != "canary-forged-line"


def test_control_a_line_that_tells_too_much_is_found(shop, log, monkeypatch):
    # Else the last line of defence would leave it out.
    monkeypatch.setattr(redaction, "conceal", lambda line: line)
    telemetry.logger().info("request", extra={"sent": CANARIES["email"]})
    assert "email" in leaks(log())


def test_control_what_a_library_logs_is_looked_at_too(shop, log, capsys):
    logging.getLogger("botocore").error(CANARIES["password"])
    print(CANARIES["card"])
    assert "card" in leaks(log())


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_every_route_is_walked_with_a_body_of_its_own_shape(route):
    made = body_of(route, "x")
    assert bool(made) == bool(route.takes) or not made
