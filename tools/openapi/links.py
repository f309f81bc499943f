"""Which answer's value another route takes: OpenAPI links, for readers and for tests that go on."""

from typing import Any

from chalicelib.kernel.web.http import Declared
from tools.openapi.operations import operation_id, path_names

# View → (path parameter that its answer knows, where it stands there).
KNOWN = {
    "create_cart": ("cart_id", "$response.body#/data/id"),
    "checkout_cart": ("order_id", "$response.body#/data/orderId"),
    "buy_now": ("order_id", "$response.body#/data/orderId"),
    "products": ("slug", "$response.body#/data/items/0/slug"),
}
ORDER_TOKEN = "$response.body#/data/accessToken"


def tie(declared: list[Declared], paths: dict[str, Any]) -> None:
    """Add the links to the operations of `paths`."""
    for route in declared:
        if route.name not in KNOWN:
            continue
        parameter, place = KNOWN[route.name]
        success = paths[route.path][route.method.lower()]["responses"][str(route.status)]
        success["links"] = {
            operation_id(other): {
                "operationId": operation_id(other),
                "parameters": _given(parameter, place),
            }
            for other in declared
            if path_names(other) == [parameter]
        }


def _given(parameter: str, place: str) -> dict[str, str]:
    given = {f"path.{parameter}": place}
    return given | {"header.X-Order-Token": ORDER_TOKEN} if parameter == "order_id" else given
