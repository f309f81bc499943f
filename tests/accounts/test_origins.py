"""What goes by a cookie is asked for by one of the shop's own pages, whatever the browser thinks of
SameSite."""

from dataclasses import replace

import pytest

from chalicelib import config
from chalicelib.kernel.web import cors
from tests.accounts import people
from tests.accounts.people import EMAIL, PASSWORD

SHOP, LISTED = "https://shop.test", "https://partner.test"
FOREIGN = [
    "https://evil.test",
    "null",
    "",
    "https://shop.test.evil.test",
    "http://shop.test",
    "https://shop.test:8443",
    "https://shop.test/",
    "https://a.shop.test",
    "http://127.0.0.1:4600",
]
ROUTES = ["/api/auth/refresh", "/api/auth/logout"]


@pytest.fixture
def cookie(api, mailbox, monkeypatch) -> str:
    """Of somebody who is signed in; one origin besides the shop's own is listed."""
    monkeypatch.setattr(cors, "allowed_origins", lambda: frozenset({LISTED}))
    people.register()
    entered = api("POST", "/api/auth/login", {"email": EMAIL, "password": PASSWORD, "cookie": True})
    return str(entered.headers["Set-Cookie"]).partition(";")[0]


def living() -> int:
    return len([one for one in people.SessionItem.scan() if one.ended_at is None])


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("origin", FOREIGN)
def test_another_site_s_page_neither_renews_nor_ends_a_session(api, cookie, path, origin):
    answer = api("POST", path, {}, Cookie=cookie, Origin=origin)
    assert answer.status_code == 403
    assert people.body(answer)["code"] == "ORIGIN_NOT_ALLOWED"
    assert "Set-Cookie" not in answer.headers
    assert living() == 1
    # Nothing is used up by it.
    assert api("POST", "/api/auth/refresh", {}, Cookie=cookie, Origin=SHOP).status_code == 200


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_so_does_a_page_whose_browser_hides_its_origin(api, cookie, path, site):
    answer = api("POST", path, {}, Cookie=cookie, Sec_Fetch_Site=site)
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    "headers",
    [{"Origin": SHOP}, {"Origin": LISTED}, {}, {"Sec_Fetch_Site": "same-origin"}],
    ids=str,
)
def test_the_shop_s_pages_and_what_is_no_browser_may(api, cookie, path, headers):
    assert api("POST", path, {}, Cookie=cookie, **headers).status_code == 200


@pytest.mark.parametrize("path", ROUTES)
def test_control_without_the_check_any_page_might(api, cookie, path, monkeypatch):
    monkeypatch.setattr(cors, "check_origin", lambda headers: None)
    assert api("POST", path, {}, Cookie=cookie, Origin="https://evil.test").status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:4600", 200),
        ("http://localhost:4600", 200),
        ("http://shop.localhost:4600", 200),
        ("https://evil.test", 403),
        ("http://localhost.evil.test", 403),
        ("http://127.0.0.1.evil.test", 403),
    ],
)
def test_a_laptop_s_shop_has_as_many_names_as_the_laptop(api, cookie, monkeypatch, origin, status):
    at_home = replace(config.settings(), stage="local")
    monkeypatch.setattr(cors, "settings", lambda: at_home)
    assert api("POST", "/api/auth/refresh", {}, Cookie=cookie, Origin=origin).status_code == status


def test_the_refusal_is_told_in_both_languages(api, cookie):
    messages = {
        people.body(
            api("POST", ROUTES[0], {}, Cookie=cookie, Origin="null", Accept_Language=language)
        )["message"]
        for language in ("en", "zh")
    }
    assert len(messages) == 2
