"""Somebody opens an account at the deployed shop, forgets the password, and signs out again."""

from chalicelib.kernel.ids import token
from tests.accounts.people import OTHER_PASSWORD, PASSWORD
from tests.browser.mailbox import RESET, VERIFY, Mailbox


def test_an_account_from_its_first_day_to_its_last_session(market):
    mailbox = Mailbox(market.cloud)
    email = f"{token()}@shop.test"
    login = {"email": email, "password": PASSWORD}

    assert market.data("POST", "/auth/register", login) == {"mailSent": True}
    market.data("POST", "/auth/verify-email", {"token": mailbox.token(VERIFY, email)})
    first = market.data("POST", "/auth/login", login)
    assert first["user"]["emailVerified"]

    second = market.data("POST", "/auth/refresh", {"refreshToken": first["refreshToken"]})
    mine = {"Authorization": f"Bearer {second['accessToken']}"}
    (session,) = market.data("GET", "/user/sessions", **mine)["items"]
    assert session["current"]

    assert market.call("POST", "/auth/forgot-password", {"email": email}).status == 202
    market.data(
        "POST",
        "/auth/reset-password",
        {"token": mailbox.token(RESET, email), "newPassword": OTHER_PASSWORD},
    )
    assert market.call("GET", "/user/sessions", **mine).status == 401
    assert market.call("POST", "/auth/login", login).status == 401

    entered = market.call(
        "POST", "/auth/login", {"email": email, "password": OTHER_PASSWORD, "cookie": True}
    )
    assert entered.json()["data"]["refreshToken"] is None
    cookie = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
    again = market.call("POST", "/auth/refresh", {}, **cookie)
    assert again.status == 200
    newer = {"Cookie": again.headers["set-cookie"].partition(";")[0]}
    assert market.data("POST", "/auth/logout", {}, **newer) == {"done": True}
    assert market.call("POST", "/auth/refresh", {}, **newer).status == 401
