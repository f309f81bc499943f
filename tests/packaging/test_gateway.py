"""The API's paths among its functions: all of them reach one, few of them cost a resource."""

from localcloud.functions import gateway
from localcloud.functions.rows import Function, Rows

PROXY = gateway.PROXY


def rows(**paths: tuple[str, ...]) -> Rows:
    made = [
        Function(name=name, about="x", memory=128, timeout=9, paths=given)
        for name, given in paths.items()
    ]
    return Rows(tuple(made), ())


def method() -> dict:
    return {
        "responses": {},
        "parameters": [{"name": "left", "in": "path"}],
        gateway.INTEGRATION: {"type": "aws_proxy", "uri": "written over"},
    }


def folded(paths: list[str], given: Rows, *kept: str) -> dict:
    return gateway.folded({path: {"post": method()} for path in paths}, given, frozenset(kept))


def functions_of(found: dict) -> dict[str, str]:
    return {
        path: each[gateway.INTEGRATION]["uri"]["Fn::Sub"]
        .split("/functions/${")[1]
        .split("Alias")[0]
        for path, methods in found.items()
        for each in methods.values()
    }


def test_what_begins_alike_is_one_proxy_to_the_function_that_answers_it():
    given = rows(shop=("/api",), admin=("/api/admin",))
    found = folded(["/api/products", "/api/orders/{id}", "/api/admin/users"], given)
    assert functions_of(found) == {
        "/api": "Shop",
        f"/api/{PROXY}": "Shop",
        "/api/admin": "Admin",
        f"/api/admin/{PROXY}": "Admin",
    }


def test_a_path_that_is_a_row_s_own_needs_no_proxy():
    found = folded(["/health", "/api/x"], rows(shop=("/api", "/health")))
    assert set(found) == {"/api", f"/api/{PROXY}", "/health"}


def test_a_throttled_path_keeps_its_methods_and_what_lies_on_its_way_is_answered_too():
    path = "/api/cart/{cart_id}/checkout"
    found = folded([path, "/api/cart/create"], rows(shop=("/api",)), path)
    assert set(found[path]) == {"post", gateway.ANY}
    # A piece has one variable below it at most: a proxy beside {cart_id} would be refused.
    assert set(found) == {
        *("/api", f"/api/{PROXY}", "/api/cart", "/api/cart/{cart_id}"),
        *(f"/api/cart/{{cart_id}}/{PROXY}", path),
    }


def test_a_method_for_all_names_the_variables_of_its_path():
    path = "/api/cart/{cart_id}/checkout"
    found = folded([path], rows(shop=("/api",)), path)
    made = found[f"/api/cart/{{cart_id}}/{PROXY}"][gateway.ANY]
    assert [one["name"] for one in made["parameters"]] == ["cart_id", "proxy"]
    assert "parameters" not in found["/api"][gateway.ANY]


def test_settings_of_all_paths_keep_no_path_apart():
    settings = [{"ResourcePath": "/*"}, {"ResourcePath": "/~1api~1checkout"}]
    assert gateway.throttled(settings) == {"/api/checkout"}


def test_each_function_gets_the_handler_and_what_its_row_changes():
    template = {
        "Resources": {
            gateway.HANDLER: {
                "Type": "AWS::Serverless::Function",
                "Properties": {"Handler": "app.app", "MemorySize": 1, "Role": {"Ref": "Old"}},
            },
            gateway.PERMISSION: {"Properties": {"FunctionName": {"Ref": gateway.HANDLER}}},
            "RestAPI": {"Properties": {"DefinitionBody": {"paths": {"/api/x": {"get": method()}}}}},
            "Shop": {
                "Properties": {"MemorySize": 1024, "Role": {"Fn::GetAtt": ["ShopRole", "Arn"]}}
            },
        },
        "Outputs": {"APIHandlerName": {}, "Kept": {}},
    }
    made = gateway.split(template, rows(shop=("/api",)))
    assert made["Resources"]["Shop"]["Properties"] == {
        "Handler": "app.app",
        "MemorySize": 1024,
        "Role": {"Fn::GetAtt": ["ShopRole", "Arn"]},
    }
    permission = made["Resources"]["ShopInvokePermission"]["Properties"]
    assert permission["FunctionName"] == {"Ref": "Shop.Alias"}
    assert gateway.HANDLER not in made["Resources"]
    assert set(made["Outputs"]) == {"Kept"}
