"""One origin for shop and API, as it is deployed: pages, answers, headers and raw bodies."""

import time

import pytest

from tests.stage import ROOT


@pytest.fixture
def page(cloud):
    return cloud.http.get("/")


def test_the_shops_address_serves_the_storefront(page):
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"


def test_pages_carry_a_strict_policy_and_the_safe_headers(page):
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "max-age" in page.headers["strict-transport-security"]
    assert "camera=()" in page.headers["permissions-policy"]


def test_forms_may_lead_to_the_payment_page(cloud, page):
    assert (
        f"form-action 'self' {cloud.addresses['sandbox']}"
        in (page.headers["content-security-policy"])
    )


def test_modules_and_pictures_come_with_their_types(cloud):
    assert cloud.http.get("/vendor/ui.js").headers["content-type"].startswith("text/javascript")
    products = cloud.http.get("/api/products?pageSize=1").json()["data"]["items"]
    picture = cloud.http.get(products[0]["image"]["url"])
    assert picture.status == 200
    assert picture.headers["content-type"].startswith("image/")


def test_the_apis_document_is_served_as_the_file_that_it_is(cloud):
    answer = cloud.http.get("/api/openapi.json")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text == (ROOT / "docs" / "openapi.json").read_text("utf-8")


def test_build_files_are_not_on_the_site(cloud):
    for path in ("/package.json", "/build-vendor.mjs", "/node_modules/preact/package.json"):
        assert cloud.http.get(path).status == 404


def test_a_page_that_is_not_there_is_404(cloud):
    assert cloud.http.get("/no-such-page.html").status == 404


def test_the_probes_are_the_shops_own(cloud):
    health = cloud.http.get("/health").json()
    assert {"status", "timestamp", "services"} <= health.keys()
    assert cloud.http.get("/ready").status == 200


def test_the_api_answers_the_same_without_the_cdn(cloud):
    through, direct = (each.get("/api/settings") for each in (cloud.http, cloud.api))
    assert through.status == direct.status == 200
    assert through.json()["data"] == direct.json()["data"]


@pytest.mark.parametrize("way", ["http", "api"])
def test_an_unknown_path_is_404_in_the_envelope(cloud, way):
    answer = getattr(cloud, way).get("/api/no/such/route")
    body = answer.json()
    assert answer.status == 404
    assert (body["success"], body["code"]) == (False, "NOT_FOUND")
    assert abs(body["timestamp"] / 1000 - time.time()) < 3600
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("way", ["http", "api"])
def test_a_gateway_error_names_the_one_origin_that_asked_if_it_is_listed(cloud, way):
    def leave(origin: str) -> str | None:
        answer = getattr(cloud, way).get("/api/no/such/route", {"Origin": origin})
        assert answer.status == 404
        return answer.headers.get("access-control-allow-origin")

    for listed in ("http://localhost:5173", "http://localhost:3000"):
        assert leave(listed) == listed
    for other in ("https://other.example", "null", "http://localhost:5173,http://localhost:3000"):
        assert leave(other) is None


def test_head_is_served_through_the_gateway(cloud):
    for path in ("/health", "/api/settings", "/api/products"):
        answer = cloud.http.request("HEAD", path)
        assert (answer.status, answer.body) == (200, b""), path


def test_a_preflight_from_an_unknown_site_gets_no_leave(cloud):
    answer = cloud.api.request(
        "OPTIONS",
        "/api/cart/create",
        headers={"Origin": "https://other.example", "Access-Control-Request-Method": "POST"},
    )
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_preflight_from_a_listed_site_is_answered(cloud):
    answer = cloud.api.request(
        "OPTIONS",
        "/api/cart/create",
        headers={"Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"},
    )
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "Content-Type" in answer.headers["access-control-allow-headers"]


def test_the_answer_to_a_write_passes_the_cdn_unchanged(cloud):
    created = cloud.http.post("/api/cart/create", {})
    assert created.status == 201
    cart = created.json()["data"]["id"]
    refused = cloud.http.post(f"/api/cart/{cart}/add", {"variantId": "no-such", "quantity": 1})
    assert refused.status == 404
    assert refused.json()["code"] == "VARIANT_NOT_FOUND"


def test_the_language_and_the_query_reach_the_api_through_the_cdn(cloud):
    path = "/api/products/no-such-product?currency=EUR"
    en, zh = (
        cloud.http.get(path, {"Accept-Language": language}).json()["message"]
        for language in ("en", "zh-CN")
    )
    assert en != zh


def test_a_webhooks_body_arrives_byte_for_byte(cloud):
    """Its signature is made over these bytes; two blanks or an escape changed would refuse it."""
    import hashlib
    import hmac

    body = '{"id": "evt_edge",  "type":"no.such.event",\n "data": {"object": {"π": "\\u03c0 质"}}}'
    secret = cloud.secrets["stripe/webhook_secret"]
    now = str(int(time.time()))
    signed = hmac.new(secret.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={now},v1={signed}"}
    assert cloud.http.post("/api/webhooks/stripe", body, headers).status == 200
    altered = body.replace("  ", " ")
    assert cloud.http.post("/api/webhooks/stripe", altered, headers).status >= 400
