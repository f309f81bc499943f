"""The list of products: filtered, sorted, in pages, in the reader's language and currency."""

import pytest

from chalicelib.catalog.tables import ProductItem
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import cache, clock
from tests import stage
from tests.faults.replies import answering
from tests.faults.replies import refused as error
from tests.inventory.stream import Stream
from tests.kernel.envelope import fields, refused
from tests.shop import Shop

# name, USD, order, category path, brand, hot, new, listed, stock
SHELF = [
    ("car", 900_000, 1, ["cars", "all"], "Pi", True, False, 10, 2),
    ("roadster", 500_000, 2, ["sports", "cars", "all"], "Pi", False, True, 30, 0),
    ("mug", 1_999, 3, ["kitchen", "all"], "Testers", False, False, 20, 5),
    ("cup", 1_999, 4, ["kitchen", "all"], "Testers", True, True, 40, 5),
    ("pot", 2_999, 5, ["kitchen", "all"], "Others", False, False, 50, 5),
]


@pytest.fixture(scope="module")
def shop(provider):
    """Five products on the shelf; nothing here changes them for good."""
    with stage.in_process({"stripe/api_base": provider.url}):
        made = Shop(provider)
        made.open()
        made.sort({"all": None, "cars": "all", "sports": "cars", "kitchen": "all"})
        for row in SHELF:
            stock_up(made, *row)
        made.sell("draft", stock=5)
        change("draft", status="DRAFT")
        made.sell("yen-only", stock=5, prices={"JPY": 500})
        cache.forget_all()
        yield made


def stock_up(shop, name, price, order, path, brand, hot, new, listed, stock) -> None:
    shop.sell(name, stock=stock, prices={"USD": price, "JPY": price})
    change(
        name, sort_order=order, category_id=path[0], brand=brand,
        is_hot=hot, is_new=new, listed_at=listed,
    )  # fmt: skip


def change(name: str, **changes) -> None:
    item = ProductItem.get(f"p-{name}")
    for field, value in changes.items():
        setattr(item, field, value)
    item.save()


def listed(shop, query: str = "", **headers: str):
    answer = shop.call("GET", f"/api/products?{query}", **headers)
    assert answer.status_code == 200, answer.body
    return answer.json_body["data"]


def names(shop, query: str = "") -> list[str]:
    return [item["id"].removeprefix("p-") for item in listed(shop, query)["items"]]


def test_the_list_is_what_is_on_sale_in_the_shops_own_order(shop):
    assert names(shop) == ["car", "roadster", "mug", "cup", "pot"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("categoryId=cars", ["car", "roadster"]),
        ("categoryId=sports", ["roadster"]),
        ("categoryId=all", ["car", "roadster", "mug", "cup", "pot"]),
        ("categoryId=nothing", []),
        ("brand=Testers", ["mug", "cup"]),
        ("brand=testers", []),
        ("minPrice=2000", ["car", "roadster", "pot"]),
        ("maxPrice=1999", ["mug", "cup"]),
        ("minPrice=1999&maxPrice=2999", ["mug", "cup", "pot"]),
        ("minPrice=3000&maxPrice=2000", []),
        ("isHot=true", ["car", "cup"]),
        ("isHot=false", ["roadster", "mug", "pot"]),
        ("isNew=true", ["roadster", "cup"]),
        ("inStock=true", ["car", "mug", "cup", "pot"]),
        ("inStock=false", ["roadster"]),
        ("isHot=true&isNew=true", ["cup"]),
        ("category_id=cars&is_hot=1", ["car"]),
        ("unknown=1", ["car", "roadster", "mug", "cup", "pot"]),
        ("currency=JPY", ["car", "yen-only", "roadster", "mug", "cup", "pot"]),
        ("currency=EUR", []),
    ],
)
def test_filters_leave_what_fits(shop, query, found):
    assert names(shop, query) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("default", ["car", "roadster", "mug", "cup", "pot"]),
        ("price", ["mug", "cup", "pot", "roadster", "car"]),
        ("-price", ["car", "roadster", "pot", "mug", "cup"]),
        ("newest", ["pot", "cup", "roadster", "mug", "car"]),
        ("name", ["car", "cup", "mug", "pot", "roadster"]),
    ],
)
def test_sorting_is_stable_for_what_is_equal(shop, sort, found):
    assert names(shop, f"sort={sort}") == found


@pytest.mark.parametrize(
    ("query", "found", "page"),
    [
        ("pageSize=2", ["car", "roadster"], (1, 2, 5, 3)),
        ("pageSize=2&page=2", ["mug", "cup"], (2, 2, 5, 3)),
        ("pageSize=2&page=3", ["pot"], (3, 2, 5, 3)),
        ("pageSize=2&page=4", [], (4, 2, 5, 3)),
        ("page=10000&pageSize=100", [], (10_000, 100, 5, 1)),
        ("pageSize=1&categoryId=nothing", [], (1, 1, 0, 0)),
        ("page_size=5", ["car", "roadster", "mug", "cup", "pot"], (1, 5, 5, 1)),
    ],
)
def test_pages_follow_one_another_and_say_how_many_there_are(shop, query, found, page):
    data = listed(shop, query)
    assert [item["slug"].removeprefix("slug-") for item in data["items"]] == found
    assert tuple(data["pagination"].values()) == page
    assert list(data["pagination"]) == ["page", "pageSize", "total", "totalPages"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=10001", "page"),
        ("page=x", "page"),
        ("page=1.5", "page"),
        ("page=", "page"),
        ("pageSize=0", "pageSize"),
        ("pageSize=101", "pageSize"),
        ("minPrice=-1", "minPrice"),
        ("maxPrice=cheap", "maxPrice"),
        ("isHot=maybe", "isHot"),
        ("sort=random", "sort"),
        ("currency=usd", "currency"),
        ("currency=", "currency"),
        ("categoryId=../x", "categoryId"),
        ("brand=" + "x" * 101, "brand"),
        ("minPrice=" + "9" * 5000, "minPrice"),
    ],
    ids=lambda value: value[:30],
)
def test_a_query_that_makes_no_sense_is_refused_by_its_field(shop, query, field):
    answer = shop.call("GET", f"/api/products?{query}")
    assert fields(refused(answer, 422, "VALIDATION_FAILED")) == [field]


def test_a_card_says_what_a_list_shows(shop):
    card = next(item for item in listed(shop)["items"] if item["id"] == "p-mug")
    assert card == {
        "id": "p-mug",
        "slug": "slug-mug",
        "name": "Thing mug",
        "subtitle": "A thing",
        "categoryId": "kitchen",
        "categoryPath": ["kitchen", "all"],
        "brand": "Testers",
        "image": None,
        "priceFrom": {"amount": 1999, "currency": "USD"},
        "priceTo": {"amount": 1999, "currency": "USD"},
        "originalPriceFrom": None,
        "isHot": False,
        "isNew": False,
        "preorder": False,
        "inStock": True,
        "rating": "0",
        "reviewCount": 0,
        "tags": [],
    }


def test_the_list_speaks_the_readers_language(shop):
    data = listed(shop, **{"Accept-Language": "zh"})
    assert data["items"][0]["name"] == "东西 car"


def test_prices_are_those_of_the_currency_asked_for(shop):
    assert listed(shop, "currency=JPY")["items"][0]["priceFrom"]["currency"] == "JPY"


def test_the_list_is_kept_by_browser_and_network_for_seconds(shop):
    answer = shop.call("GET", "/api/products")
    assert answer.headers["Cache-Control"] == "public, max-age=5"
    assert answer.headers["Vary"] == "Accept-Language, Origin"
    again = shop.call("GET", "/api/products", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.body) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]
    other = shop.call("GET", "/api/products?page=2", **{"If-None-Match": answer.headers["ETag"]})
    assert other.status_code == 200


def test_a_struck_through_price_is_one_above_todays(shop):
    change("mug", original_prices_from={"USD": 2500})
    change("cup", original_prices_from={"USD": 1999})
    cache.forget_all()
    prices = {item["id"]: item["originalPriceFrom"] for item in listed(shop)["items"]}
    assert prices["p-mug"] == {"amount": 2500, "currency": "USD"}
    assert prices["p-cup"] is None


def test_what_is_sold_out_is_seen_within_seconds(shop):
    stream = Stream()
    listed(shop)
    item = StockItem.get("pot", "main")
    was = item.available
    item.available = 0
    item.save()
    stream.work()
    clock.shift(6)
    try:
        assert "pot" not in names(shop, "inStock=true")
    finally:
        clock.shift(0)
        item.available = was
        item.save()
        stream.work()
        cache.forget_all()


def outage():
    """Every read of the tables fails, as when DynamoDB is out of reach."""
    down = [error("ThrottlingException")] * 20
    return answering("Query", *down), answering("BatchGetItem", *down), answering("GetItem", *down)


def test_the_list_stays_readable_for_five_minutes_while_its_tables_are_down(shop):
    before = listed(shop)
    query, batch, get = outage()
    try:
        with query, batch, get:
            clock.shift(60)
            assert listed(shop) == before
            clock.shift(400)
            answer = shop.call("GET", "/api/products")
    finally:
        clock.shift(0)
    refused(answer, 503, "UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"
