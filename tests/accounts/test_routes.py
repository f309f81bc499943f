"""Accounts over HTTP: from registering to signing out, with tokens in the body and in a cookie."""

import pytest

from chalicelib import config
from chalicelib.accounts import routes, tokens
from chalicelib.accounts.tables import SessionItem
from tests.accounts import people
from tests.accounts.people import EMAIL, OTHER_PASSWORD, PASSWORD

LOGIN = {"email": EMAIL, "password": PASSWORD}


@pytest.fixture
def ada(mailbox):
    return people.register()


def data(answer, status: int = 200):
    assert answer.status_code == status, answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    return people.body(answer)["data"]


def bearer(found) -> dict[str, str]:
    return {"Authorization": f"Bearer {found['accessToken']}"}


def cookie_of(answer) -> str:
    """The name and value of the cookie that is set."""
    return str(answer.headers["Set-Cookie"]).partition(";")[0]


def test_register_sign_in_call_refresh_and_sign_out(api, mailbox):
    assert data(
        api("POST", "/api/auth/register", {**LOGIN, "username": "Ada", "locale": "zh-CN"}), 201
    ) == {"mailSent": True}
    assert data(api("POST", "/api/auth/verify-email", {"token": mailbox.token()}))

    first = data(api("POST", "/api/auth/login", LOGIN, User_Agent="Browser/1"))
    assert (first["tokenType"], first["expiresIn"]) == ("Bearer", 900)
    user = first["user"]
    assert (user["email"], user["emailVerified"], user["username"]) == (EMAIL, True, "Ada")
    assert (user["locale"], user["role"]) == ("zh-CN", "USER")
    assert "passwordHash" not in user

    (session,) = data(api("GET", "/api/user/sessions", **bearer(first)))["items"]
    assert (session["current"], session["device"]) == (True, "Browser/1")

    second = data(api("POST", "/api/auth/refresh", {"refreshToken": first["refreshToken"]}))
    assert second["refreshToken"] != first["refreshToken"]
    assert data(api("GET", "/api/user/sessions", **bearer(second)))

    assert data(api("POST", "/api/auth/logout", {}, **bearer(second)))
    for old in (first, second):
        answer = api("GET", "/api/user/sessions", **bearer(old))
        assert answer.status_code == 401
        assert people.body(answer)["code"] == "SESSION_ENDED"
    gone = api("POST", "/api/auth/refresh", {"refreshToken": second["refreshToken"]})
    assert gone.status_code == 401


def test_a_refresh_token_in_a_cookie_is_seen_by_no_script(api, ada):
    entered = api("POST", "/api/auth/login", {**LOGIN, "cookie": True})
    assert data(entered)["refreshToken"] is None
    parts = entered.headers["Set-Cookie"].split("; ")
    assert parts[0].startswith("refresh=ses_")
    assert set(parts[1:]) == {
        "Path=/api/auth",
        "Max-Age=604800",
        "HttpOnly",
        "Secure",
        "SameSite=Strict",
    }

    answer = api("POST", "/api/auth/refresh", {}, Cookie=f"other=1; {cookie_of(entered)}; x")
    assert data(answer)["refreshToken"] is None
    assert cookie_of(answer) != cookie_of(entered)

    out = api("POST", "/api/auth/logout", {}, Cookie=cookie_of(answer))
    assert data(out) == {"done": True}
    assert cookie_of(out) == "refresh=" and "Max-Age=0" in out.headers["Set-Cookie"]
    assert api("POST", "/api/auth/refresh", {}, Cookie=cookie_of(answer)).status_code == 401


def test_only_a_laptop_s_cookie_travels_without_tls(tables, monkeypatch):
    assert "Secure" in routes._cookie("x", 1)["Set-Cookie"]
    monkeypatch.setenv("STAGE", "local")
    config.settings.cache_clear()
    assert "Secure" not in routes._cookie("x", 1)["Set-Cookie"]


def test_nothing_sets_a_cookie_unasked(api, ada):
    found = api("POST", "/api/auth/login", LOGIN)
    again = api("POST", "/api/auth/refresh", {"refreshToken": data(found)["refreshToken"]})
    assert "Set-Cookie" not in found.headers and "Set-Cookie" not in again.headers


@pytest.mark.parametrize(
    "cookie", ["", "refresh", "refresh=", "refresh=;", "refresh=a.1.b", "Refresh=x", "=; ;;", "a=b"]
)
def test_a_refresh_without_a_good_token_is_refused(api, ada, cookie):
    assert api("POST", "/api/auth/refresh", {}, Cookie=cookie).status_code == 401


def test_forgotten_passwords_are_set_anew_by_mail(api, ada, mailbox):
    before = data(api("POST", "/api/auth/login", LOGIN))
    for email in (EMAIL, "nobody@shop.test"):
        answer = api("POST", "/api/auth/forgot-password", {"email": email})
        assert data(answer, 202) == {"mailSent": True}
    token = mailbox.token("reset_requested")
    body = {"token": token, "newPassword": OTHER_PASSWORD}
    assert data(api("POST", "/api/auth/reset-password", body)) == {"done": True}
    used = api("POST", "/api/auth/reset-password", body)
    assert (used.status_code, people.body(used)["code"]) == (422, "LINK_USED")
    assert api("GET", "/api/user/sessions", **bearer(before)).status_code == 401
    assert data(api("POST", "/api/auth/login", {**LOGIN, "password": OTHER_PASSWORD}))


def test_the_same_reset_sent_again_with_its_key_is_answered_the_same(api, ada, mailbox):
    api("POST", "/api/auth/forgot-password", {"email": EMAIL})
    body = {"token": mailbox.token("reset_requested"), "newPassword": OTHER_PASSWORD}
    for _ in range(2):
        answer = api("POST", "/api/auth/reset-password", body, Idempotency_Key="one")
        assert data(answer) == {"done": True}
    assert people.user_of().password_n == 2


def test_a_changed_password_answers_a_new_session(api, ada):
    entered = api("POST", "/api/auth/login", {**LOGIN, "cookie": True})
    old = data(entered)
    answer = api(
        "POST",
        "/api/auth/change-password",
        {"currentPassword": PASSWORD, "newPassword": OTHER_PASSWORD},
        Cookie=cookie_of(entered),
        **bearer(old),
    )
    fresh = data(answer)
    assert fresh["refreshToken"] is None
    assert api("GET", "/api/user/sessions", **bearer(old)).status_code == 401
    assert data(api("GET", "/api/user/sessions", **bearer(fresh)))
    assert data(api("POST", "/api/auth/refresh", {}, Cookie=cookie_of(answer)))


def test_signing_out_everywhere_and_of_one_other_session(api, ada):
    first, second, third = (data(api("POST", "/api/auth/login", LOGIN)) for _ in range(3))
    items = data(api("GET", "/api/user/sessions", **bearer(first)))["items"]
    assert len(items) == 3 and [one["current"] for one in items].count(True) == 1
    (mine,) = [one["id"] for one in items if one["current"]]
    other = tokens.read_refresh(second["refreshToken"])[0]
    assert other != mine
    assert data(api("DELETE", f"/api/user/sessions/{other}", **bearer(first)))
    assert api("GET", "/api/user/sessions", **bearer(second)).status_code == 401
    assert data(api("POST", "/api/auth/logout-all", {}, **bearer(first)))
    for each in (first, third):
        assert api("GET", "/api/user/sessions", **bearer(each)).status_code == 401


def test_somebody_else_s_session_is_not_there(api, ada):
    people.register("bob@shop.test")
    bob = data(api("POST", "/api/auth/login", {**LOGIN, "email": "bob@shop.test"}))
    ada_s = tokens.read_refresh(data(api("POST", "/api/auth/login", LOGIN))["refreshToken"])[0]
    for session_id in (ada_s, "ses_unknown"):
        answer = api("DELETE", f"/api/user/sessions/{session_id}", **bearer(bob))
        assert (answer.status_code, people.body(answer)["code"]) == (404, "SESSION_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/auth/logout-all"),
        ("POST", "/api/auth/change-password"),
        ("POST", "/api/auth/resend-verification"),
        ("GET", "/api/user/sessions"),
        ("DELETE", "/api/user/sessions/ses_x"),
    ],
)
def test_what_is_one_s_own_needs_a_user_and_a_machine_s_key_is_none(api, ada, method, path):
    assert api(method, path, {}).status_code == 401
    owner = {"X_Api_Key": "admin-key-of-the-test-stage"}
    assert api(method, path, {}, **owner).status_code == 403


def test_two_credentials_at_once_are_none(api, ada):
    found = data(api("POST", "/api/auth/login", LOGIN))
    both = {**bearer(found), "X_Api_Key": "admin-key-of-the-test-stage"}
    assert api("GET", "/api/user/sessions", **both).status_code == 401


def test_the_answers_of_tokens_are_not_kept_for_repeated_calls(api, ada):
    one, two = (
        data(api("POST", "/api/auth/login", LOGIN, Idempotency_Key="same")) for _ in range(2)
    )
    assert one["refreshToken"] != two["refreshToken"]
    assert len(list(SessionItem.scan())) == 2


def test_errors_are_told_in_the_caller_s_language(api, ada):
    wrong = {**LOGIN, "password": OTHER_PASSWORD}
    english, chinese = (
        people.body(api("POST", "/api/auth/login", wrong, Accept_Language=language))["message"]
        for language in ("en", "zh-CN")
    )
    assert english != chinese and "密码" in chinese


def test_a_browser_s_name_is_kept_short_and_plain(api, ada):
    found = data(api("POST", "/api/auth/login", LOGIN, User_Agent="A\tB\x7f" + "x" * 900))
    (session,) = data(api("GET", "/api/user/sessions", **bearer(found)))["items"]
    assert session["device"].startswith("ABxxx") and len(session["device"]) == 200


def test_a_guest_s_cart_comes_along_and_a_bad_one_does_not_stand_in_the_way(api, shelf, ada):
    shelf.sell("mug", stock=5)
    cart = data(api("POST", "/api/cart/create", {}), 201)
    data(api("POST", f"/api/cart/{cart['id']}/add", {"variantId": "mug", "quantity": 2}))
    found = data(api("POST", "/api/auth/login", {**LOGIN, "cartId": cart["id"]}))
    own = data(api("GET", "/api/cart", **bearer(found)))
    assert found["cartId"] == own["id"]
    assert [(line["variantId"], line["quantity"]) for line in own["lines"]] == [("mug", 2)]
    assert data(api("POST", "/api/auth/login", {**LOGIN, "cartId": "crt_unknown"}))
