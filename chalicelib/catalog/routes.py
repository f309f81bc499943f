"""The catalogue over HTTP: public, cached by browser and CDN for seconds."""

from __future__ import annotations

from chalicelib.catalog import rules, schemas, service, shop_schemas, stock_schemas
from chalicelib.config import settings
from chalicelib.kernel import limits
from chalicelib.kernel.contact import postal
from chalicelib.kernel.errors import NotFound
from chalicelib.kernel.limits import MAX_CART_LINES
from chalicelib.kernel.web.http import Access, Answer, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.payments import registry

routes = Routes(__name__)

FRESH_SECONDS = 5
# What a country's addresses need changes with a release of the shop, or with its settings.
FORM_SECONDS = 300


@routes.get(
    "/api/products",
    access=Access.PUBLIC,
    gives="ProductList",
    also=(304,),
)
def products(request: Request, query: schemas.ListQuery) -> Answer:
    """What is sold, filtered and sorted."""
    wanted = query.wanted(query.currency or service.shop().currency)
    page = service.products(
        wanted, locale=request.locale, page=query.page, page_size=query.page_size
    )
    return Answer(schemas.ProductList.of(page, request.locale), public_seconds=FRESH_SECONDS)


@routes.get(
    "/api/products/{slug}",
    access=Access.PUBLIC,
    gives="ProductAnswer",
    also=(304,),
)
def product(request: Request, query: schemas.ProductQuery, slug: str) -> Answer:
    """A product by slug or id, with its variants."""
    currency = query.currency or service.shop().currency
    view = service.product(slug, currency)
    return Answer(schemas.ProductAnswer.of(view, request.locale), public_seconds=FRESH_SECONDS)


@routes.get(
    "/api/inventory/variant/{variant_id}",
    access=Access.PUBLIC,
    gives="VariantAnswer",
    also=(409,),
)
def variant(request: Request, query: schemas.ProductQuery, variant_id: str) -> Answer:
    """A variant with its price and stock."""
    currency = query.currency or service.shop().currency
    found, stock = service.variant_with_stock(variant_id)
    return Answer(schemas.VariantAnswer.of(found, stock, currency, request.locale))


@routes.get(
    "/api/inventory/report",
    access=Access.ANYONE,
    gives="stock_schemas.StockReport",
    limits=limits.REPORT,
)
def stock_report(request: Request, query: stock_schemas.ReportQuery) -> Answer:
    """How much is on the shelf; for who manages stock, a warehouse's items and their worth."""
    totals = stock_schemas.StockTotals(**service.stock_totals())
    if not request.caller.may(Permission.MANAGE_STOCK):
        return Answer(stock_schemas.StockReport(totals=totals))
    currency = query.currency or service.shop().currency
    page = service.stock_report(query.warehouse_id, limit=query.limit, after=query.cursor)
    return Answer(stock_schemas.StockReport.of(totals, page, currency, query.limit))


@routes.get(
    "/api/settings",
    access=Access.PUBLIC,
    gives="shop_schemas.SettingsAnswer",
    also=(304,),
)
def shop_settings(request: Request, query: schemas.ProductQuery) -> Answer:
    """The shop's name, currencies, shipping, payment methods and filters."""
    shop = service.shop()
    asked = query.currency or shop.currency
    currency = asked if asked in shop.currencies else shop.currency
    answer = shop_schemas.SettingsAnswer.of(
        shop,
        currency,
        request.locale,
        filters=service.filters(currency),
        remainders=_remainders(shop),
        max_lines=MAX_CART_LINES,
        minutes=settings().reservation_minutes,
    )
    return Answer(answer, public_seconds=FRESH_SECONDS)


def _remainders(shop: rules.Shop) -> shop_schemas.Remainders:
    """Of every method that is known, in each of its currencies."""
    return {
        way["id"]: {
            currency: _remainder(shop, way["id"], currency) for currency in way["currencies"]
        }
        for way in shop.payment_methods
        if way["id"] in registry.PROVIDERS
    }


def _remainder(shop: rules.Shop, method: str, currency: str) -> shop_schemas.RemainderAnswer:
    least, _ = shop.bounds(method, currency)
    rest = registry.capabilities(method).remainder(currency, least)
    return shop_schemas.RemainderAnswer(least=rest.least, step=rest.step)


@routes.get(
    "/api/address-forms/{country}",
    access=Access.PUBLIC,
    gives="shop_schemas.AddressForm",
    also=(304,),
)
def address_form(request: Request, country: str) -> Answer:
    """What an address of a country is asked for, in the country's own order and names."""
    found = postal.country(country)
    if found is None:
        raise NotFound()
    answer = shop_schemas.AddressForm.of(found, service.shop(), request.locale)
    return Answer(answer, public_seconds=FORM_SECONDS)
