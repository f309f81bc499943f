"""The block list and the audit log over HTTP, as an administrator works with them."""

import json

import pytest

from tests.security.walk import admin_token

BLOCK = {"address": "198.51.100.0/24", "minutes": 60, "reason": "scraping"}


@pytest.fixture
def admin(api, mailbox):
    """Calls as an administrator; answers status and the envelope."""
    token = admin_token()

    def call(method: str, path: str, body=None, **headers: str):
        answer = api(method, path, body, Authorization=f"Bearer {token}", **headers)
        return answer.status_code, json.loads(answer.body)

    return call


def test_a_block_is_made_listed_and_ended(admin):
    status, made = admin("POST", "/api/admin/blocks", BLOCK)
    assert status == 201
    block = made["data"]
    assert (block["kind"], block["value"], block["reason"]) == (
        "ADDRESS",
        BLOCK["address"],
        "scraping",
    )
    assert block["until"].endswith("Z")
    assert admin("GET", "/api/admin/blocks")[1]["data"]["items"] == [block]
    assert admin("DELETE", f"/api/admin/blocks/{block['id']}")[0] == 200
    assert admin("GET", "/api/admin/blocks")[1]["data"]["items"] == []
    status, gone = admin("DELETE", f"/api/admin/blocks/{block['id']}")
    assert (status, gone["code"]) == (404, "BLOCK_NOT_FOUND")


def test_a_block_asked_for_twice_with_one_key_is_one(admin):
    answers = [admin("POST", "/api/admin/blocks", BLOCK, Idempotency_Key="one") for _ in range(2)]
    assert answers[0][1]["data"] == answers[1][1]["data"]
    assert len(admin("GET", "/api/admin/blocks")[1]["data"]["items"]) == 1


@pytest.mark.parametrize("wrong", [
    {"address": None}, {"userId": "usr_1"}, {"minutes": 0}, {"minutes": 10**7}, {"reason": ""},
    {"address": "0.0.0.0/0"}, {"address": "nonsense"}, {"forever": True},
], ids=str)  # fmt: skip
def test_what_makes_no_sense_is_refused(admin, wrong):
    status, answer = admin("POST", "/api/admin/blocks", BLOCK | wrong)
    assert status == 422, answer
    assert admin("GET", "/api/admin/blocks")[1]["data"]["items"] == []


def test_an_admin_does_not_block_oneself_out(admin):
    status, answer = admin("POST", "/api/admin/blocks", BLOCK | {"address": "127.0.0.1"})
    assert (status, answer["code"]) == (409, "BLOCKS_YOURSELF")


def test_what_an_admin_did_stands_in_the_log_before_and_after(admin):
    made = admin("POST", "/api/admin/blocks", BLOCK)[1]["data"]
    entries = admin("GET", "/api/admin/audit")[1]["data"]["items"]
    mine = [entry for entry in entries if "block" in entry["action"]]
    assert [entry["outcome"] for entry in mine] == ["OK", "BEGUN"]
    done = mine[0]
    assert done["actor"].startswith("user:")
    assert done["target"] == f"block:{made['id']}"
    assert done["after"]["value"] == BLOCK["address"]
    assert done["before"] is None


def test_what_was_refused_stands_in_the_log_with_its_code(admin):
    admin("POST", "/api/admin/blocks", BLOCK | {"address": "127.0.0.1"})
    entries = admin("GET", "/api/admin/audit")[1]["data"]["items"]
    assert "BLOCKS_YOURSELF" in [entry["outcome"] for entry in entries]


def test_the_log_is_filtered_and_goes_on_page_by_page(admin):
    for number in range(3):
        admin("POST", "/api/admin/blocks", BLOCK | {"address": f"198.51.{number}.0/24"})
    everything = admin("GET", "/api/admin/audit?pageSize=100")[1]["data"]["items"]
    paged, cursor = [], ""
    while cursor is not None:
        _, page = admin("GET", f"/api/admin/audit?pageSize=2{cursor}")
        paged += page["data"]["items"]
        following = page["data"]["nextCursor"]
        cursor = f"&cursor={following}" if following else None
    assert [entry["id"] for entry in paged] == [entry["id"] for entry in everything]
    target = everything[0]["target"]
    found = admin("GET", f"/api/admin/audit?target={target}")[1]["data"]["items"]
    assert found and {entry["target"] for entry in found} == {target}
    assert admin("GET", "/api/admin/audit?to=2020-01-01")[1]["data"]["items"] == []
    assert admin("GET", "/api/admin/audit?cursor=made-up")[0] == 400


@pytest.mark.parametrize("path", ["/api/admin/audit", "/api/admin/blocks"])
def test_only_administrators_look(api, path):
    assert api("GET", path).status_code == 401
