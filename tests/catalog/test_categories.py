"""The owner's tree of categories: read whole, written whole, one writer after the other."""

from typing import Any

import pytest

from chalicelib.catalog import categories
from chalicelib.catalog.tables import CategoryItem, ProductItem, TreeItem
from chalicelib.catalog.tree import Category, Tree
from chalicelib.kernel import audit, cache
from chalicelib.kernel.db import transaction
from chalicelib.kernel.db.transaction import Transaction
from tests import stage
from tests.kernel.lost import reply_lost

PATH = "/api/admin/categories"
KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}


def one(category_id: str, parent_id: str | None = None, **changes: Any) -> dict[str, Any]:
    name = {"en": category_id.capitalize(), "zh-CN": category_id}
    return {"id": category_id, "parentId": parent_id, "slug": category_id, "name": name, **changes}


BEFORE = [one("all"), one("things", "all")]


def call(shop: Any, method: str, body: Any = None) -> Any:
    return shop.call(method, PATH, body, **KEY)


def found(shop: Any) -> dict[str, Any]:
    """The tree and its version, as the owner reads them."""
    answer = call(shop, "GET")
    assert answer.status_code == 200, answer.body
    return dict(answer.json_body["data"])


def put(shop: Any, version: int, *wanted: dict[str, Any]) -> Any:
    return call(shop, "PUT", {"version": version, "categories": list(wanted)})


def ids(shop: Any) -> list[str]:
    return [each["id"] for each in found(shop)["categories"]]


def test_the_tree_is_read_depth_first_and_siblings_keep_the_order_of_the_list(shop):
    wanted = [one("cups", "kitchen"), one("home"), one("kitchen", "home"), one("art", "home")]
    after = put(shop, 0, *BEFORE, *wanted).json_body["data"]
    assert after["version"] == 1
    assert ids(shop) == ["all", "things", "home", "kitchen", "cups", "art"]
    assert put(shop, 1, *BEFORE, wanted[3], *wanted[:3]).status_code == 200
    assert ids(shop) == ["all", "things", "home", "art", "kitchen", "cups"]


def test_what_does_not_differ_is_not_written(shop):
    assert put(shop, 0, *BEFORE, one("cups")).status_code == 200
    assert put(shop, 1, *BEFORE, one("cups")).json_body["data"]["version"] == 1
    renamed = one("things", "all", name={"en": "Stuff", "zh-CN": "东西"})
    assert put(shop, 1, BEFORE[0], renamed, one("cups")).status_code == 200
    versions = {item.category_id: item.version for item in stored()}
    assert versions == {"all": 0, "things": 2, "cups": 1}


def stored() -> list[CategoryItem]:
    return list(CategoryItem.query("shop", CategoryItem.entry.startswith("category#")))


def test_a_product_follows_its_category_when_that_moves_and_is_not_written(shop):
    shop.sell("mug", stock=1)
    before = ProductItem.get("p-mug").attribute_values
    moved = [one("all"), one("home"), one("things", "home")]
    assert put(shop, 0, *moved).status_code == 200
    cache.forget_all()
    (card,) = shop.call("GET", "/api/products?categoryId=home").json_body["data"]["items"]
    assert card["categoryPath"] == ["things", "home"]
    assert shop.call("GET", "/api/products?categoryId=all").json_body["data"]["items"] == []
    menu = shop.call("GET", "/api/settings").json_body["data"]["categories"]
    assert [each["id"] for each in menu] == ["home", "things"]
    assert ProductItem.get("p-mug").attribute_values == before


def test_two_writers_are_one_after_the_other(shop):
    assert put(shop, 0, *BEFORE, one("theirs")).status_code == 200
    answer = put(shop, 0, *BEFORE, one("mine"))
    assert (answer.status_code, answer.json_body["code"]) == (409, "CATEGORIES_CHANGED")
    assert ids(shop) == ["all", "things", "theirs"]


def two_moves_at_once(monkeypatch) -> None:
    """Cups go below art and art below cups, each read before the other is written."""
    name = {"en": "Name", "zh-CN": "名"}
    tree = [Category("art", None, "art", name), Category("cups", None, "cups", name)]
    categories.change(tree, version=0, now=1)
    mine = [tree[0], Category("cups", "art", "cups", name)]
    theirs = [Category("art", "cups", "art", name), tree[1]]
    commit, faster = Transaction.__exit__, [theirs]

    def overtaken(tx: Transaction, *error: Any) -> None:
        while faster:
            categories.change(faster.pop(), version=1, now=2)
        commit(tx, *error)

    monkeypatch.setattr(Transaction, "__exit__", overtaken)
    categories.change(mine, version=1, now=3)


def test_two_moves_that_would_close_a_loop_are_one_after_the_other(shop, monkeypatch):
    no_categories()
    with pytest.raises(categories.CategoriesChanged):
        two_moves_at_once(monkeypatch)
    assert {item.category_id: item.parent_id for item in stored()} == {"art": "cups", "cups": None}


def test_control_without_the_trees_version_two_moves_close_a_loop(shop, monkeypatch):
    no_categories()
    tx_put = Transaction.put
    monkeypatch.setattr(Transaction, "put", lambda tx, item, **_: tx_put(tx, item))
    two_moves_at_once(monkeypatch)
    assert {item.category_id: item.parent_id for item in stored()} == {"art": "cups", "cups": "art"}


def no_categories() -> None:
    for item in stored():
        item.delete()


def test_a_change_whose_reply_was_lost_is_found_to_be_there(shop):
    wanted = Tree([Category("cups", None, "cups", {"en": "Cups", "zh-CN": "杯"})]).categories
    with reply_lost("TransactWriteItems"):
        _, after = categories.change(wanted, version=0, now=1)
    assert after.version == 1
    before, again = categories.change(wanted, version=0, now=2)
    assert before == again and again.version == 1
    assert found(shop)["version"] == 1


def test_half_a_change_is_never_seen(shop, monkeypatch):
    monkeypatch.setattr(transaction, "TRIES", 0)
    assert put(shop, 0, one("other"), one("cups")).status_code == 503
    assert ids(shop) == ["all", "things"]


WRONG = {
    "a parent that is not there": ([one("cups", "nowhere")], "categories.0.parentId"),
    "a category below itself": ([one("cups", "cups")], "categories.0.parentId"),
    "two below each other": ([one("cups", "art"), one("art", "cups")], "categories.1.parentId"),
    "an id twice": ([one("cups"), one("cups", slug="more")], "categories.1.id"),
    "an address twice": ([one("cups"), one("art", slug="cups")], "categories.1.slug"),
    "what is no address": ([one("cups", slug="Cups and more")], "categories.0.slug"),
    "a name in one language": ([one("cups", name={"en": "Cups"})], "categories.0.name.zh-CN"),
    "what a category has not": ([one("cups", colour="red")], "categories.0.colour"),
    "more than a menu shows": ([one(f"c{n}") for n in range(1001)], "categories"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_tree_is_named_and_nothing_is_written(shop, wrong):
    wanted, field = WRONG[wrong]
    answer = put(shop, 0, *wanted)
    assert answer.status_code == 422, answer.body
    assert field in [each["field"] for each in answer.json_body["errors"]], answer.body
    assert ids(shop) == ["all", "things"]


def test_as_much_as_one_transaction_holds_changes_at_once(shop):
    many = [one(f"c{number}") for number in range(categories.MOST_CHANGED)]
    assert put(shop, 0, *BEFORE, *many).status_code == 200
    answer = put(shop, 1, *BEFORE, *[{**each, "parentId": "all"} for each in many], one("more"))
    assert (answer.status_code, answer.json_body["code"]) == (422, "TOO_MANY_CATEGORIES")
    assert found(shop)["version"] == 1


@pytest.mark.parametrize("status", ["ACTIVE", "DRAFT", "INACTIVE"])
def test_a_category_with_products_in_it_stays(shop, status):
    shop.sell("mug", stock=1)
    ProductItem("p-mug").update([ProductItem.status.set(status)])
    answer = put(shop, 0, one("all"))
    assert (answer.status_code, answer.json_body["code"]) == (409, "CATEGORY_IN_USE")
    assert answer.json_body["message"].startswith("1 products lie in things")
    assert ids(shop) == ["all", "things"]


def test_a_category_of_deleted_products_may_go(shop):
    shop.sell("mug", stock=1)
    ProductItem("p-mug").update([ProductItem.status.set("DELETED")])
    assert put(shop, 0, one("all")).status_code == 200
    assert ids(shop) == ["all"]


def test_a_tree_half_written_shows_what_there_is(shop):
    CategoryItem.at("all").delete()
    assert ids(shop) == ["things"]


def test_the_audit_log_has_the_categories_that_changed_as_they_were_and_are(shop):
    assert put(shop, 0, one("all"), one("things")).status_code == 200
    entries = [item.attribute_values for item in audit.AuditItem.scan()]
    (entry,) = [each for each in entries if each["outcome"] == "OK"]
    assert entry["target"] == "categories:shop"
    place = {"slug": "things", "texts": {"en": "Things", "zh-CN": "things"}}
    assert entry["before"] == {"things": {"parentId": "all", "position": 0, **place}}
    assert entry["after"] == {"things": {"parentId": None, "position": 1, **place}}


def test_before_a_first_category_there_is_an_empty_tree(shop):
    no_categories()
    assert found(shop) == {"version": 0, "updatedAt": None, "categories": []}
    assert not list(TreeItem.query("shop"))
