"""Row 30: which pages of other sites may call the API, path by path."""

import pytest
from chalice.test import Client

from app import app
from chalicelib import config
from tests.stage import ROOT

SHOP, PARTNER = "https://shop.example", "http://localhost:5173"
LISTED = [SHOP, PARTNER]
STRANGERS = [
    "https://evil.example",
    "https://shop.example.evil.example",
    "https://evilshop.example",
    "http://shop.example",
    "https://shop.example:8443",
    "https://SHOP.example",
    "https://shop.example/",
    "null",
    "*",
    "",
    "https://shop.example, https://evil.example",
]


@pytest.fixture
def listed(monkeypatch):
    """A stage that lists two origins."""
    monkeypatch.setenv("ALLOWED_ORIGINS", f"{SHOP}, {PARTNER}")
    config.allowed_origins.cache_clear()
    yield
    config.allowed_origins.cache_clear()


@pytest.fixture
def http(listed):
    """Its API; a preflight needs nothing behind it."""
    with Client(app) as client:
        yield client.http


@pytest.fixture
def full(shop, http):
    """Its API with a shop behind it."""
    return http


def paths() -> list[tuple[str, list[str]]]:
    return [
        (path.replace("{", "").replace("}", ""), [each for each in methods if each != "OPTIONS"])
        for path, methods in app.routes.items()
    ]


def leaves(answer) -> dict[str, str]:
    """The CORS headers of an answer."""
    return {
        name.lower(): value
        for name, value in answer.headers.items()
        if name.lower().startswith("access-control")
    }


def preflight(http, path: str, origin: str, method: str = "POST"):
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return http.request("OPTIONS", path, asked)


@pytest.mark.parametrize(("path", "methods"), paths(), ids=lambda value: str(value))
def test_every_path_answers_the_preflight_of_a_listed_origin_with_that_origin(http, path, methods):
    for origin in LISTED:
        answer = preflight(http, path, origin)
        headers = leaves(answer)
        assert answer.status_code == 204
        assert headers["access-control-allow-origin"] == origin
        assert headers["access-control-allow-methods"] == ", ".join(sorted(methods))
        allowed = headers["access-control-allow-headers"]
        for name in ("Authorization", "X-Api-Key", "Idempotency-Key", "X-Order-Token"):
            assert name in allowed
        assert "access-control-allow-credentials" not in headers
        assert "*" not in "".join(headers.values())
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", STRANGERS, ids=repr)
def test_a_preflight_of_a_stranger_gets_no_leave(http, origin):
    answer = preflight(http, "/api/cart/create", origin)
    assert answer.status_code == 204 and not leaves(answer)


def test_no_answer_to_a_stranger_says_that_its_page_may_read_it(full):
    for origin in STRANGERS:
        asked = {"Origin": origin, "Content-Type": "application/json"}
        for method, path in (("GET", "/api/settings"), ("POST", "/api/cart/create")):
            answer = full.request(method, path, asked, b"{}" if method == "POST" else b"")
            assert answer.status_code < 300 and not leaves(answer), (origin, path)


ANSWERS = [
    ("GET", "/api/settings", 200),
    ("POST", "/api/cart/create", 201),
    ("GET", "/api/cart/none", 404),
    ("GET", "/api/user/profile", 401),
    ("GET", "/api/products?page=none", 422),
]


def test_answers_and_refusals_are_readable_to_a_listed_origin(full):
    for origin in LISTED:
        asked = {"Origin": origin, "Content-Type": "application/json"}
        for method, path, status in ANSWERS:
            answer = full.request(method, path, asked, b"{}" if method == "POST" else b"")
            assert answer.status_code == status
            assert leaves(answer)["access-control-allow-origin"] == origin
            assert "Retry-After" in leaves(answer)["access-control-expose-headers"]
            assert "Origin" in answer.headers["Vary"]


def test_a_replayed_answer_names_the_origin_that_asks_now(full):
    def create(origin: str):
        asked = {"Origin": origin, "Content-Type": "application/json", "Idempotency-Key": "k"}
        return full.request("POST", "/api/cart/create", asked, b"{}")

    assert leaves(create(SHOP))["access-control-allow-origin"] == SHOP
    again = create(PARTNER)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert leaves(again)["access-control-allow-origin"] == PARTNER
    assert not leaves(create("https://evil.example"))


@pytest.mark.parametrize(
    "configured", ["", "none", "*", "https://*", "https://a.example/path", "a.example"]
)
def test_what_is_no_whole_origin_allows_nobody(http, monkeypatch, configured):
    monkeypatch.setenv("ALLOWED_ORIGINS", configured)
    config.allowed_origins.cache_clear()
    assert config.allowed_origins() == frozenset()
    assert not leaves(preflight(http, "/api/cart/create", "https://a.example"))


def test_control_a_stage_that_allows_everybody_would_be_seen(http, monkeypatch):
    class Everybody:
        def __contains__(self, origin: str) -> bool:
            return True

    monkeypatch.setattr("chalicelib.kernel.web.cors.allowed_origins", Everybody)
    with pytest.raises(AssertionError):
        test_a_preflight_of_a_stranger_gets_no_leave(http, "https://evil.example")


def test_chalices_own_cors_is_off_everywhere():
    entries = [each for methods in app.routes.values() for each in methods.values()]
    assert entries and all(each.cors is None for each in entries)
    assert "cors=" not in "".join(
        path.read_text() for path in (ROOT / "chalicelib").rglob("*routes.py")
    )
