"""The owner's side of red packets over HTTP."""

import pytest

from tests.kernel.envelope import refused
from tests.payments.redpacket.world import (
    DUE,
    KEY,
    OTHER,
    PASSPHRASE,
)

PAID, WAITS = ("PAID", "SUCCESS"), ("PENDING", "PROCESSING")


def test_the_owner_over_http(deal):
    deal.submit_proof()
    for path in ("", "/reveal", "/confirm", "/reject"):
        method = "POST" if path else "GET"
        refused(deal.shop.call(method, deal.path(path), {}), 401, "UNAUTHORIZED")
    seen = deal.as_owner("", method="GET").json_body["data"]
    assert seen["handedIn"][0]["masked"] == "••••暗号"
    shown = deal.as_owner("/reveal", {}).json_body["data"]["items"]
    assert shown == [{"packetId": seen["handedIn"][0]["packetId"], "passphrase": PASSPHRASE}]
    answer = deal.as_owner(
        "/confirm", {"received": DUE, "billNumber": "2026112100", "note": "at nine"}
    ).json_body["data"]
    assert (answer["status"], answer["orderStatus"]) == ("SUCCESS", "PAID")
    (one,) = answer["handedIn"]
    assert (one["billNumber"], one["note"], one["by"]) == ("2026112100", "at nine", "key:owner")
    # What is decided is not shown any more: it is not kept.
    refused(deal.as_owner("/reveal", {}), 409, "NOTHING_TO_DECIDE")
    refused(deal.as_owner("/reject", {"reason": "INVALID"}), 409, "RED_PACKET_DECIDED")
    none = deal.shop.call("POST", "/api/admin/payments/pay_x/confirm", {"received": 1}, **KEY)
    refused(none, 404, "PAYMENT_NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"received": 0},
        {"received": -1},
        {"received": "100"},
        {"received": 1.5},
        {"received": True},
        {"received": 1, "packetId": "../x"},
        {"received": 1, "who": "me"},
        {"received": 1, "note": "x" * 201},
    ],
)
def test_a_confirmation_that_can_not_be_meant_is_refused(deal, body):
    deal.submit_proof()
    assert deal.as_owner("/confirm", body).status_code == 422
    assert deal.states == WAITS


def test_everything_the_owner_does_stands_in_the_audit_log(deal):
    deal.submit_proof()
    deal.as_owner("/reveal", {})
    deal.as_owner("/reject", {"reason": "INVALID", "note": "typed twice"})
    deal.submit_proof(OTHER)
    deal.as_owner("/confirm", {"received": DUE, "packetId": deal.newest(), "billNumber": "2026"})
    data = deal.shop.call("GET", "/api/admin/audit", None, **KEY).json_body["data"]["items"]
    done = {(one["action"], one["outcome"]): one for one in data}
    target = f"payment:{deal.payment_id}"
    for action in ("reveal_handed_in", "reject_payment", "confirm_payment"):
        for outcome in ("BEGUN", "OK"):
            entry = done[f"settlement.{action}", outcome]
            assert (entry["target"], entry["actor"]) == (target, "key:owner")
    assert done["settlement.confirm_payment", "OK"]["after"]["received"] == DUE
    assert done["settlement.reject_payment", "OK"]["after"]["reason"] == "INVALID"
