"""Authorization: who may call what, and that it is decided before anything of the view runs."""

import pytest

from chalicelib.kernel.caller import GUEST, ROLE_PERMISSIONS, Caller, CallerKind, Permission, Role
from chalicelib.kernel.errors import Forbidden, Unauthorized
from chalicelib.kernel.web import auth
from chalicelib.kernel.web.auth import Access
from chalicelib.kernel.web.http import Answer
from chalicelib.kernel.web.request import Request
from tests.kernel.envelope import refused
from tests.kernel.test_http import call


def somebody(role: Role) -> Caller:
    return Caller(CallerKind.USER, f"usr_{role.lower()}", role, ROLE_PERMISSIONS[role])


KEY = Caller(CallerKind.KEY, None, None, frozenset({Permission.MANAGE_STOCK}), key_id="k1")
KNOWN = {"user": somebody(Role.USER), "admin": somebody(Role.ADMIN)}


@pytest.fixture(autouse=True)
def staged(tables, monkeypatch):
    """A stage that knows two users by their tokens, and one key."""

    def identify(bearer, api_key, *, now):
        if api_key == "key":
            return KEY
        if bearer not in KNOWN:
            raise Unauthorized()
        return KNOWN[bearer]

    monkeypatch.setattr(auth, "_identify", identify)


def authorized(access, method="POST", **headers) -> Caller:
    return auth.authorize(asking(method, headers), access, now=1)


def asking(method: str, headers: dict[str, str]) -> Request:
    return Request(
        method=method,
        path="/x",
        headers=headers,
        parameters={},
        raw_body=b"",
        locale="en",
        source_ip="203.0.113.7",
        request_id="req-1",
    )


def bearer(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}"}


OPEN = [Access.PUBLIC, Access.HOLDER, Access.ANYONE]


@pytest.mark.parametrize("access", [*OPEN, Access.SIGNED], ids=str)
def test_without_credentials_one_is_a_guest(access):
    assert authorized(access) is GUEST
    assert GUEST.name == "guest" and not GUEST.permissions


@pytest.mark.parametrize("access", [Access.USER, *Permission], ids=str)
def test_a_guest_does_not_get_where_one_must_be_somebody(access):
    with pytest.raises(Unauthorized):
        authorized(access)


@pytest.mark.parametrize("access", [*OPEN, Access.USER], ids=str)
def test_a_user_is_known_wherever_it_matters(access):
    caller = authorized(access, **bearer("user"))
    assert caller.name == "user:usr_user"


@pytest.mark.parametrize("role", list(Role), ids=str)
@pytest.mark.parametrize("permission", list(Permission), ids=str)
def test_a_permission_is_what_lets_in_and_nothing_else(permission, role, monkeypatch):
    monkeypatch.setitem(KNOWN, "user", somebody(role))
    if permission in ROLE_PERMISSIONS[role]:
        assert authorized(permission, **bearer("user")).role is role
    else:
        with pytest.raises(Forbidden):
            authorized(permission, **bearer("user"))


def test_every_permission_is_an_admins_and_users_manage_nothing():
    assert ROLE_PERMISSIONS[Role.ADMIN] == set(Permission)
    managing = {each for each in Permission if each.startswith(("MANAGE", "DELETE", "VIEW_USERS"))}
    assert not ROLE_PERMISSIONS[Role.USER] & managing
    assert ROLE_PERMISSIONS[Role.SELLER] & managing == {Permission.MANAGE_ORDER}


def test_a_key_may_what_its_scopes_say_and_has_no_account():
    key = {"x-api-key": "key"}
    assert authorized(Permission.MANAGE_STOCK, **key).name == "key:k1"
    for access in (Permission.MANAGE_USERS, Access.USER):
        with pytest.raises(Forbidden):
            authorized(access, **key)


BAD = [
    {"authorization": "Bearer forged"},
    {"authorization": "Bearer "},
    {"authorization": "Bearer"},
    {"authorization": "Basic dXNlcjpwYXNz"},
    {"authorization": "user"},
    {"authorization": "Bearer " + "a" * 5000},
    {"x-api-key": "guess"},
    {"x-api-key": "k" * 5000},
]


@pytest.mark.parametrize("headers", BAD, ids=lambda headers: str(headers)[:40])
@pytest.mark.parametrize("access", [*OPEN, Access.USER, Permission.MANAGE_STOCK], ids=str)
def test_bad_credentials_are_never_taken_for_none(access, headers):
    with pytest.raises(Unauthorized):
        authorized(access, **headers)


def test_public_answers_are_everybodys_so_nobody_looks_who_asks():
    assert authorized(Access.PUBLIC, "GET", **bearer("forged")) is GUEST
    assert authorized(Access.PUBLIC, "GET", **bearer("user")) is GUEST
    with pytest.raises(Unauthorized):
        authorized(Access.PUBLIC, "POST", **bearer("forged"))


def test_where_somebody_is_shown_more_it_matters_who_asks():
    assert authorized(Access.ANYONE, "GET") is GUEST
    assert authorized(Access.ANYONE, "GET", **bearer("user")).name == "user:usr_user"
    with pytest.raises(Unauthorized):
        authorized(Access.ANYONE, "GET", **bearer("forged"))


def test_who_is_kept_out_may_still_look_where_anybody_may(monkeypatch):
    def shut(caller, source_ip, *, now):
        raise Forbidden()

    monkeypatch.setattr(auth, "_check_blocked", shut)
    assert authorized(Access.ANYONE, "GET") is GUEST
    for access, headers in [(Access.ANYONE, bearer("user")), (Access.HOLDER, {})]:
        with pytest.raises(Forbidden):
            authorized(access, "GET", **headers)


def test_the_scheme_is_read_in_any_case_and_blanks_do_not_matter():
    assert authorized(Access.USER, authorization=" bEARER   user ").user_id == "usr_user"


def test_until_somebody_tells_callers_apart_nobody_with_credentials_comes_in(monkeypatch):
    monkeypatch.setattr(auth, "_identify", auth._nobody)
    with pytest.raises(Unauthorized):
        authorized(Access.PUBLIC, **bearer("user"))
    assert authorized(Access.PUBLIC) is GUEST


def unreached(request) -> Answer:
    raise AssertionError("the view ran")


def test_whoever_is_turned_away_never_reaches_the_view():
    stock = {"access": Permission.MANAGE_STOCK}
    refused(call(unreached, **stock), 401, "UNAUTHORIZED")
    refused(call(unreached, **stock, **bearer("forged")), 401, "UNAUTHORIZED")
    refused(call(unreached, **stock, **bearer("user")), 403, "FORBIDDEN")


def test_the_view_knows_who_calls():
    answer = call(lambda request: Answer(request.caller.name), access=Access.USER, **bearer("user"))
    assert answer.json_body["data"] == "user:usr_user"


def test_control_with_the_door_open_the_view_runs(monkeypatch):
    monkeypatch.setattr(auth, "authorize", lambda *args, **named: GUEST)
    answer = call(lambda request: Answer("in"), access=Permission.MANAGE_STOCK)
    assert answer.status_code == 200
