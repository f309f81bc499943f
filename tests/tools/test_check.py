"""What `make check` runs for a change."""

from tools import check

SOURCES = [
    ("tests/cart/test_add.py", "from chalicelib.cart import rules, service as carts\n"),
    ("tests/cart/test_view.py", "from chalicelib.cart.rules import Cart\n"),
    ("tests/integrity/test_check.py", "from chalicelib.orders import audit\n"),
    ("tests/inventory/test_holds.py", "from tests.faults import hot\n"),
]


def test_a_changed_module_is_tested_by_who_names_it():
    found = check.tests_of(["chalicelib/cart/rules.py"], SOURCES)
    assert found == [
        "tests/cart/test_add.py",
        "tests/cart/test_view.py",
        "tests/test_architecture.py",
    ]


def test_a_changed_helper_is_tested_by_who_uses_it():
    assert "tests/inventory/test_holds.py" in check.tests_of(["tests/faults/hot.py"], SOURCES)


def test_a_module_whose_name_is_a_part_of_another_is_not_meant():
    name = check.named("chalicelib/orders/rules.py")
    assert name is not None
    assert name.search("from chalicelib.orders.rules import Order")
    assert not name.search("from chalicelib.orders.rules_of_old import Order")
    assert not name.search("from chalicelib.cart import rules")
    assert name.search("from chalicelib.orders import (\n    refunding,\n    rules,\n)")
    assert not name.search("from chalicelib.orders import (\n    refunding,\n)\nrules = 1")


def test_what_is_not_python_is_held_by_tests_of_its_own():
    assert "tests/web" in check.tests_of(["storefront/shop/app.js"], SOURCES)
    assert "tests/permissions" in check.tests_of([".chalice/functions.json"], SOURCES)


def test_what_takes_a_cloud_is_left_to_the_whole_run():
    folders = {path.split("/")[1] for path, _ in check.sources_of_tests()}
    assert folders
    assert not folders & check.SLOW


def test_what_holds_the_rest_is_there():
    named = {test for tests in check.HELD_BY.values() for test in tests} | set(check.ALWAYS)
    assert [test for test in named if not (check.ROOT / test).exists()] == []
