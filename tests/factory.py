"""Something to sell, and somebody to buy it: short ways to the state a test starts from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.balance import service as balance
from chalicelib.balance.rules import Movement, Reason
from chalicelib.cart import reservations
from chalicelib.cart import service as carts
from chalicelib.cart.rules import CartView
from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import CategoryItem, ProductItem, SettingItem, VariantItem
from chalicelib.catalog.tree import Category
from chalicelib.checkout.rules import Wish
from chalicelib.inventory import service as inventory
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import cache, clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.ids import token
from chalicelib.kernel.money import Money
from chalicelib.settlement import expire

ADDRESS = {
    "name": "Ada Example",
    "line1": "1 Example Street",
    "city": "Exampleton",
    "region": "NY",
    "postalCode": "12345",
    "country": "US",
}
EMAIL = "ada@shop.test"
SETTINGS: dict[str, Any] = {
    "siteName": {"en": "Test shop", "zh-CN": "测试商店"},
    "currency": "USD",
    "currencies": ["USD", "JPY"],
    "rates": [],
    "shippingMethods": [
        {
            "id": "standard",
            "name": {"en": "Standard", "zh-CN": "标准"},
            "prices": {"USD": 500, "JPY": 800},
            "minDays": 3,
            "maxDays": 5,
        }
    ],
    "paymentMethods": [
        {"id": "stripe", "name": {"en": "Card", "zh-CN": "银行卡"}, "currencies": ["USD", "JPY"]},
        {"id": "stripe-intents", "name": {"en": "Form", "zh-CN": "表单"}, "currencies": ["USD"]},
        {"id": "oxapay", "name": {"en": "Coins", "zh-CN": "加密货币"}, "currencies": ["USD"]},
        {"id": "paypal", "name": {"en": "PayPal", "zh-CN": "PayPal"}, "currencies": ["USD", "JPY"]},
        {"id": "usdt-erc20", "name": {"en": "ERC20", "zh-CN": "ERC20"}, "currencies": ["USD"]},
        {"id": "usdt-trc20", "name": {"en": "TRC20", "zh-CN": "TRC20"}, "currencies": ["USD"]},
        {"id": "balance", "name": {"en": "Balance", "zh-CN": "余额"}, "currencies": ["USD", "JPY"]},
    ],
    "countries": ["US", "CN"],
    "plans": [
        {
            "id": "tea-month",
            "name": {"en": "Tea each month", "zh-CN": "每月一茶"},
            "prices": {"USD": 900, "JPY": 1300},
            "interval": "month",
            "intervalCount": 1,
            "status": "ACTIVE",
        },
        {
            "id": "tea-year",
            "name": {"en": "Tea all year", "zh-CN": "全年一茶"},
            "prices": {"USD": 9000},
            "interval": "year",
            "intervalCount": 1,
            "status": "ACTIVE",
        },
        {
            "id": "coffee-month",
            "name": {"en": "Coffee each month", "zh-CN": "每月咖啡"},
            "prices": {"USD": 1200},
            "interval": "month",
            "intervalCount": 1,
            "status": "INACTIVE",
        },
    ],
}


# Each with the one above it.
CATEGORIES = {"all": None, "things": "all"}


@dataclass
class Shelf:
    """The test's shop."""

    def open(self) -> None:
        SettingItem(SHOP, value=SETTINGS).save()
        self.sort(CATEGORIES)

    def sort(self, parents: Mapping[str, str | None]) -> None:
        """Put up categories, each below the one that is named with it."""
        for position, (category_id, parent_id) in enumerate(parents.items()):
            name = {"en": category_id.capitalize(), "zh-CN": category_id}
            category = Category(category_id, parent_id, category_id, name)
            CategoryItem.of(category, position=position, version=0).save()

    def sell(self, variant_id: str, *, stock: int, **changes: Any) -> str:
        """Put a product of one variant on the shelf; answers the variant's id."""
        fields = variant_fields(variant_id) | changes
        VariantItem(variant_id, **fields).save()
        _product(variant_id, fields).save()
        inventory.stock_new(variant_id, stock, low_stock_at=2, now=clock.now())
        cache.forget_all()
        return variant_id


def variant_fields(variant_id: str) -> dict[str, Any]:
    """What a variant is made of when the test does not care: 19.99 USD, to be shipped."""
    return {
        "product_id": f"p-{variant_id}",
        "slug": f"slug-{variant_id}",
        "sku_code": variant_id.upper(),
        "product_name": {"en": f"Thing {variant_id}", "zh-CN": f"东西 {variant_id}"},
        "specs": [
            {
                "name": {"en": "Colour", "zh-CN": "颜色"},
                "value": {"en": "White", "zh-CN": "白"},
            }
        ],
        "prices": {"USD": 1999, "JPY": 3000},
        "original_prices": {},
        "status": "ACTIVE",
        "max_per_order": 20,
        "requires_shipping": True,
    }


def _product(variant_id: str, fields: dict[str, Any]) -> ProductItem:
    return ProductItem(
        fields["product_id"],
        slug=fields["slug"],
        status="ACTIVE",
        sort_order=1,
        name=fields["product_name"],
        subtitle={"en": "A thing", "zh-CN": "东西"},
        description={"en": "A thing to test with.", "zh-CN": "测试用的东西。"},
        category_id="things",
        brand="Testers",
        seller="cartwright",
        images=[],
        attributes=[],
        options=[],
        tags=[],
        variant_ids=[variant_id],
        prices_from=fields["prices"],
        prices_to=fields["prices"],
        original_prices_from=fields["original_prices"],
        is_hot=False,
        is_new=False,
        preorder=False,
        rating="0",
        review_count=0,
        sales_count=0,
        listed_at=1,
    )


def wish(**changes: Any) -> Wish:
    """How a test's buyer checks out."""
    fields: dict[str, Any] = {
        "email": EMAIL,
        "address": ADDRESS,
        "shipping_method": "standard",
        "payment_method": "stripe",
        "note": None,
        "locale": "en",
    }
    return Wish(**(fields | changes))


def cart_with(lines: dict[str, int], *, now: int | None = None) -> str:
    """A cart with these lines; answers its id."""
    now = now or clock.now()
    cart_id = carts.create(None, now=now).cart.cart_id
    for variant_id, quantity in lines.items():
        carts.add(cart_id, variant_id, quantity, call_id=token(), now=now)
    return cart_id


def user_with(amount: int, currency: str = "USD", *, user_id: str | None = None) -> str:
    """A user whose store balance has this much (more); answers their id."""
    user_id = user_id or token("usr")
    movement = Movement(
        token("bal"), user_id, Money(amount, currency), Reason.ADMIN_ADJUST, "a test's"
    )
    balance.make(movement, now=clock.now())
    return user_id


def balance_of(user_id: str, currency: str = "USD") -> int:
    """What a user's store balance has."""
    return balance.read(user_id, currency).amount.amount


def reserve(cart_id: str, *, now: int | None = None, holders: Sequence[str] = ()) -> CartView:
    """Set a cart's units aside, as the route does."""
    return reservations.reserve(cart_id, holders=holders, end=expire.end, now=now or clock.now())


def stock(variant_id: str) -> dict[str, int]:
    """The counters of a variant's stock item."""
    item = dynamo.get(StockItem, variant_id, "main")
    assert item is not None, f"{variant_id} has no stock"
    return {name: int(getattr(item, name)) for name in ("available", "reserved", "sold", "stocked")}
