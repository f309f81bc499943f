"""A person's own things, users and keys over HTTP: who may, what is answered, what is kept."""

import json
from typing import Any

import pytest

from chalicelib.accounts import members
from chalicelib.kernel import audit, clock
from chalicelib.kernel.caller import OWNER, Role
from chalicelib.kernel.ids import token
from tests import stage
from tests.accounts import people
from tests.accounts.people import body

HOME = {
    "name": "Ada",
    "line1": "1 Example Street",
    "city": "X",
    "region": "NY",
    "postalCode": "12345",
    "country": "US",
}
OWNERS_KEY = {"X_Api_Key": stage.SECRETS["admin/key"]}


def signed_in(email: str = people.EMAIL, role: Role = Role.USER) -> dict[str, str]:
    """The header of somebody with this role."""
    user_id = people.register(email).user_id
    if role is not Role.USER:
        members.set_role(user_id, role, caller=OWNER, now=clock.now())
    return {"Authorization": f"Bearer {people.sign_in(email).access_token}"}


def data(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.body
    return body(answer)["data"]


def test_an_address_book_is_kept_changed_and_emptied(api):
    ada = signed_in()
    first = data(api("POST", "/api/user/addresses", HOME, **ada), 201)
    assert first["isDefault"] and first["postalCode"] == "12345"
    second = data(api("POST", "/api/user/addresses", {**HOME, "isDefault": True}, **ada), 201)
    path = f"/api/user/addresses/{first['id']}"
    assert data(api("PUT", path, {**HOME, "city": "Y"}, **ada))["city"] == "Y"
    items = data(api("GET", "/api/user/addresses", **ada))["items"]
    assert [(one["id"], one["isDefault"]) for one in items] == [
        (first["id"], False),
        (second["id"], True),
    ]
    left = data(api("DELETE", f"/api/user/addresses/{second['id']}", **ada))["items"]
    assert [(one["id"], one["isDefault"]) for one in left] == [(first["id"], True)]


def test_nobody_reaches_into_anothers_book(api):
    ada, bob = signed_in(), signed_in("bob@shop.test")
    first = data(api("POST", "/api/user/addresses", HOME, **ada), 201)
    path = f"/api/user/addresses/{first['id']}"
    assert api("PUT", path, HOME, **bob).status_code == 404
    assert api("DELETE", path, **bob).status_code == 404
    for method in ("PUT", "DELETE"):
        assert api(method, path, HOME).status_code == 401


@pytest.mark.parametrize("extra", ["userId", "id", "addedAt", "role"])
def test_nothing_is_smuggled_into_an_address(api, extra):
    answer = api("POST", "/api/user/addresses", {**HOME, extra: "x"}, **signed_in())
    assert answer.status_code == 422


def test_the_same_call_again_puts_one_address_in(api):
    ada = {**signed_in(), "Idempotency_Key": "once"}
    ids = {data(api("POST", "/api/user/addresses", HOME, **ada), 201)["id"] for _ in range(3)}
    assert len(ids) == 1


def test_a_profile_is_read_and_written_by_version(api):
    ada = signed_in()
    version = data(api("GET", "/api/user/profile", **ada))["version"]
    wish = {"version": version, "username": "Ada", "phone": "13812345678", "locale": "en"}
    assert data(api("PUT", "/api/user/profile", wish, **ada))["phone"] == "+8613812345678"
    wrong = api("PUT", "/api/user/profile", {**wish, "username": "Eve"}, **ada)
    assert (wrong.status_code, body(wrong)["code"]) == (409, "PROFILE_CHANGED")


def test_a_key_is_shown_once_works_and_ends(api):
    admin = signed_in(role=Role.ADMIN)
    wish = {"name": "till", "scopes": ["VIEW_USERS"]}
    key = token()
    made = data(api("POST", "/api/admin/api-keys", wish, Idempotency_Key=key, **admin), 201)
    again = data(api("POST", "/api/admin/api-keys", wish, Idempotency_Key=key, **admin), 201)
    assert made["key"] and again["key"] is None and again["id"] == made["id"]

    machine = {"X_Api_Key": made["key"]}
    assert api("GET", "/api/admin/users", **machine).status_code == 200
    assert api("GET", "/api/admin/api-keys", **machine).status_code == 403
    assert api("GET", "/api/user/profile", **machine).status_code == 403
    (listed,) = data(api("GET", "/api/admin/api-keys", **admin))["items"]
    assert listed["lastUsedAt"] and "key" not in listed and made["key"] not in json.dumps(listed)

    assert data(api("DELETE", f"/api/admin/api-keys/{made['id']}", **admin))["revokedAt"]
    assert api("GET", "/api/admin/users", **machine).status_code == 401


def test_an_unknown_scope_makes_no_key(api):
    wish = {"name": "till", "scopes": ["EVERYTHING"]}
    assert api("POST", "/api/admin/api-keys", wish, **OWNERS_KEY).status_code == 422


def test_the_owners_key_names_the_first_admin_and_the_log_says_so(api):
    user_id = people.register().user_id
    path = f"/api/admin/users/{user_id}"
    given = api("POST", f"{path}/role", {"role": "ADMIN"}, **OWNERS_KEY)
    assert data(given)["role"] == "ADMIN"
    entries = list(audit.of_target(f"user:{user_id}", limit=20))
    assert {"role": "ADMIN", "status": "ACTIVE"} in [entry.after for entry in entries]

    banned = api("POST", f"{path}/ban", {"reason": "spam"}, **OWNERS_KEY)
    assert (banned.status_code, body(banned)["code"]) == (409, "LAST_ADMIN")


def test_users_manage_no_users(api):
    ada = signed_in()
    other = people.register("bob@shop.test").user_id
    for method, path, sent in (
        ("GET", "/api/admin/users", None),
        ("POST", f"/api/admin/users/{other}/role", {"role": "ADMIN"}),
        ("POST", f"/api/admin/users/{other}/ban", {"reason": "x"}),
        ("POST", f"/api/admin/users/{other}/unban", {}),
        ("GET", "/api/admin/api-keys", None),
        ("POST", "/api/admin/api-keys", {"name": "x", "scopes": ["VIEW_USERS"]}),
    ):
        assert api(method, path, sent, **ada).status_code == 403, path
        assert api(method, path, sent).status_code == 401, path


def test_a_banned_user_is_out_at_once_and_let_in_again(api):
    admin, ada = signed_in("root@shop.test", Role.ADMIN), signed_in()
    user_id = data(api("GET", "/api/user/profile", **ada))["id"]
    data(api("POST", f"/api/admin/users/{user_id}/ban", {"reason": "spam"}, **admin))
    assert api("GET", "/api/user/profile", **ada).status_code == 401
    data(api("POST", f"/api/admin/users/{user_id}/unban", {}, **admin))
    assert people.sign_in().user.user_id == user_id


def test_a_users_cart_is_theirs_alone_and_a_guests_comes_along(api, shelf):
    shelf.sell("mug", stock=10)
    ada, bob = signed_in(), signed_in("bob@shop.test")
    guest = data(api("POST", "/api/cart/create", {}), 201)["id"]
    line = {"variantId": "mug", "quantity": 2}
    data(api("POST", f"/api/cart/{guest}/add", line))
    own = data(api("POST", "/api/cart/create", {"userId": "usr_bob"}, **ada), 201)["id"]
    data(api("POST", f"/api/cart/{own}/add", line, **ada))

    merged = data(api("POST", "/api/cart/merge", {"cartId": guest}, **ada))
    assert (merged["moved"], merged["cart"]["count"]) == (1, 4)
    assert data(api("GET", "/api/cart", **ada))["id"] == own
    for other in ({}, bob):
        assert api("GET", f"/api/cart/{own}", **other).status_code == 404
        for verb, sent in (
            ("add", line),
            ("update", line),
            ("remove", {"variantId": "mug"}),
            ("reserve", {}),
            ("extend", {}),
            ("release", {}),
            (
                "checkout",
                {"email": "a@shop.test", "address": HOME, "shippingMethod": "standard"},
            ),
        ):
            answer = api("POST", f"/api/cart/{own}/{verb}", sent, **other)
            assert answer.status_code == 404, (verb, answer.body)
    assert data(api("GET", "/api/cart", **ada))["count"] == 4
