"""One product's page, its address, and the shop's settings."""

from typing import Any

import pytest

from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import ProductItem, SettingItem, VariantItem
from chalicelib.kernel import cache, clock
from tests import factory
from tests.faults.replies import answering
from tests.faults.replies import refused as refused_by_aws
from tests.kernel.envelope import refused

IMAGE = {
    "url": "/images/mug.webp",
    "alt": {"en": "A mug", "zh-CN": "杯子"},
    "width": 800,
    "height": 600,
}


@pytest.fixture
def mug(shop):
    """A product with two variants, pictures, attributes and options."""
    shop.sell("mug", stock=5, image=IMAGE, original_prices={"USD": 2500})
    shop.sell("mug-red", stock=0, prices={"USD": 2999})
    ProductItem("p-mug-red").delete()
    item = ProductItem.get("p-mug")
    item.variant_ids, item.images = ["mug", "mug-red"], [IMAGE]
    item.attributes = [
        {"name": {"en": "Material", "zh-CN": "材质"}, "value": {"en": "Clay", "zh-CN": "陶"}}
    ]
    item.options = [
        {
            "name": {"en": "Colour", "zh-CN": "颜色"},
            "values": [{"name": {"en": "White", "zh-CN": "白"}}],
        }
    ]
    item.preorder, item.ship_estimate = True, {"from": "2027-01-01", "to": "2027-02-01"}
    item.save()
    cache.forget_all()
    return shop


def get(shop, path: str, **headers: str):
    answer = shop.call("GET", path, **headers)
    assert answer.status_code == 200, answer.body
    return answer.json_body["data"]


def test_a_product_is_found_by_its_slug_and_by_its_id(mug):
    assert get(mug, "/api/products/slug-mug") == get(mug, "/api/products/p-mug")


def test_a_products_page_tells_all_of_it(mug):
    data = get(mug, "/api/products/slug-mug")
    assert data["description"] == "A thing to test with."
    assert data["images"] == [
        {"url": "/images/mug.webp", "alt": "A mug", "width": 800, "height": 600, "srcset": None}
    ]
    assert data["image"] == data["images"][0]
    assert data["attributes"] == [{"name": "Material", "value": "Clay"}]
    assert data["options"] == [{"name": "Colour", "values": [{"name": "White", "swatch": None}]}]
    assert data["shipEstimate"] == {"from": "2027-01-01", "to": "2027-02-01"}
    assert data["seller"] == "cartwright"
    assert data["priceFrom"] == {"amount": 1999, "currency": "USD"}
    assert data["originalPriceFrom"] == {"amount": 2500, "currency": "USD"}


def test_each_variant_has_its_price_and_its_stock(mug):
    white, red = get(mug, "/api/products/slug-mug")["variants"]
    assert white == {
        "id": "mug",
        "skuCode": "MUG",
        "name": "Thing mug, White",
        "specs": {"Colour": "White"},
        "price": {"amount": 1999, "currency": "USD"},
        "originalPrice": {"amount": 2500, "currency": "USD"},
        "image": {
            "url": "/images/mug.webp",
            "alt": "A mug",
            "width": 800,
            "height": 600,
            "srcset": None,
        },
        "status": "ACTIVE",
        "maxPerOrder": 20,
        "requiresShipping": True,
        "stock": {"available": 5, "low": False, "soldOut": False},
    }
    assert red["stock"] == {"available": 0, "low": True, "soldOut": True}


def test_a_page_speaks_the_readers_language(mug):
    data = get(mug, "/api/products/slug-mug", **{"Accept-Language": "zh-CN,en;q=0.5"})
    assert (data["name"], data["images"][0]["alt"]) == ("东西 mug", "杯子")
    assert data["attributes"] == [{"name": "材质", "value": "陶"}]
    assert data["variants"][0]["name"] == "东西 mug, 白"


def test_a_page_shows_the_variants_sold_in_the_currency(mug):
    data = get(mug, "/api/products/slug-mug?currency=JPY")
    assert [variant["id"] for variant in data["variants"]] == ["mug"]
    assert data["priceFrom"] == {"amount": 3000, "currency": "JPY"}
    data = get(mug, "/api/products/slug-mug?currency=EUR")
    assert (data["variants"], data["priceFrom"]) == ([], None)


@pytest.mark.parametrize("status", ["DRAFT", "INACTIVE", "DELETED"])
@pytest.mark.parametrize("name", ["slug-mug", "p-mug"])
def test_what_is_not_on_sale_has_no_page(mug, status, name):
    item = ProductItem.get("p-mug")
    item.status = status
    item.save()
    cache.forget_all()
    refused(mug.call("GET", f"/api/products/{name}"), 404, "PRODUCT_NOT_FOUND")


def test_a_withdrawn_variant_is_not_on_the_page(mug):
    item = VariantItem.get("mug")
    item.status = "INACTIVE"
    item.save()
    cache.forget_all()
    variants = get(mug, "/api/products/slug-mug")["variants"]
    assert [variant["id"] for variant in variants] == ["mug-red"]


@pytest.mark.parametrize("name", ["no-such", "P-MUG", "0"])
def test_an_address_nobody_has_is_not_found(mug, name):
    refused(mug.call("GET", f"/api/products/{name}"), 404, "PRODUCT_NOT_FOUND")


@pytest.mark.parametrize("name", ["..%2Fcarts", "..", "a%20b", "x" * 65])
def test_what_is_no_name_leads_nowhere(mug, name):
    refused(mug.call("GET", f"/api/products/{name}"), 404, "NOT_FOUND")


def test_availability_is_told_by_variant(mug):
    assert get(mug, "/api/inventory/availability/mug") == {
        "variantId": "mug",
        "available": 5,
        "low": False,
        "soldOut": False,
    }
    answer = mug.call("GET", "/api/inventory/availability/no-such")
    refused(answer, 404, "VARIANT_NOT_FOUND")


def remainders(way: dict[str, Any]) -> dict[str, Any]:
    """What is left for a payment at least, where the store balance pays the other part."""
    least = {"USD": 50, "JPY": 50} if way["id"].startswith("stripe") else {"USD": 100, "JPY": 1}
    return {currency: {"least": least[currency], "step": 1} for currency in way["currencies"]}


def test_settings_say_what_a_storefront_needs(shop):
    assert get(shop, "/api/settings") | {"cart": None} == {
        "siteName": "Test shop",
        "currency": "USD",
        "currencies": ["USD", "JPY"],
        "locales": ["en", "zh-CN"],
        "rates": [],
        "paymentMethods": [
            {**way, "name": way["name"]["en"], "limits": {}, "remainder": remainders(way)}
            for way in factory.SETTINGS["paymentMethods"]
        ],
        "shippingMethods": [
            {
                "id": "standard",
                "name": "Standard",
                "price": {"amount": 500, "currency": "USD"},
                "minDays": 3,
                "maxDays": 5,
            }
        ],
        "countries": ["US", "CN"],
        "cart": None,
        "reservationMinutes": 15,
        "categories": [],
        "brands": [],
    }
    assert get(shop, "/api/settings")["cart"]["maxLines"] == 50


def test_settings_follow_language_and_currency(shop):
    data = get(shop, "/api/settings?currency=JPY", **{"Accept-Language": "zh"})
    assert (data["siteName"], data["currency"]) == ("测试商店", "JPY")
    assert data["shippingMethods"][0]["price"] == {"amount": 800, "currency": "JPY"}
    assert get(shop, "/api/settings?currency=EUR")["currency"] == "USD"


def test_settings_tell_no_secret(shop):
    text = shop.call("GET", "/api/settings").body.decode()
    assert "sk_" not in text and "whsec" not in text and "/cartwright" not in text


def test_a_shop_that_was_not_loaded_yet_says_that_it_is_not_ready(shop):
    SettingItem(SHOP).delete()
    cache.forget_all()
    answer = shop.call("GET", "/api/settings")
    refused(answer, 503, "UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"


def test_a_shipping_method_without_a_price_in_the_currency_is_not_offered(shop):
    value = dict(factory.SETTINGS)
    value["shippingMethods"] = [value["shippingMethods"][0] | {"prices": {"JPY": 800}}]
    SettingItem(SHOP, value=value).save()
    cache.forget_all()
    assert get(shop, "/api/settings")["shippingMethods"] == []


def test_a_page_stays_readable_for_five_minutes_while_the_stock_is_out_of_reach(mug):
    before = get(mug, "/api/products/slug-mug")
    down = [refused_by_aws("ThrottlingException")] * 20
    with answering("Query", *down), answering("BatchGetItem", *down), answering("GetItem", *down):
        clock.shift(60)
        assert get(mug, "/api/products/slug-mug") == before
        clock.shift(400)
        answer = mug.call("GET", "/api/products/slug-mug")
    refused(answer, 503, "UNAVAILABLE")


def test_a_page_shows_the_stock_as_it_is_and_not_as_it_was_a_moment_ago(mug):
    get(mug, "/api/products/slug-mug")
    mug.buy({"mug": 4})
    (white, _) = get(mug, "/api/products/slug-mug")["variants"]
    assert white["stock"]["available"] == 1
