"""The table of routes: everything that answers says whom it lets in, what it takes and gives."""

import re
from importlib import import_module

import pytest

from app import app
from chalicelib.kernel.caller import Permission
from chalicelib.kernel.web.http import Access, Answer, Declared, Routes
from chalicelib.kernel.web.schema import Body, Query
from tests.stage import ROOT
from tools.openapi.models import given_by

ROUTES = sorted(
    (each for each in Routes.declared if each.module.startswith("chalicelib.")),
    key=lambda each: (each.path, each.method),
)
MUTATING = [each for each in ROUTES if each.mutates]
# Who may change something without being anybody: each with its reason.
OPEN_TO_ALL = {
    "POST /api/cart/create": "a guest's cart is the guest's own",
    "POST /api/checkout": "guests buy",
    "POST /api/auth/register": "whoever has no account yet",
    "POST /api/auth/login": "who is not signed in yet",
    "POST /api/auth/refresh": "the refresh token in it is the credential",
    "POST /api/auth/logout": "the refresh token in it is the credential",
    "POST /api/auth/verify-email": "the token of the mail is the credential",
    "POST /api/auth/forgot-password": "who cannot sign in",
    "POST /api/auth/reset-password": "the token of the mail is the credential",
    "POST /api/orders/lookup": "sends a mail to the buyer and shows nothing",
}


def name(route: Declared) -> str:
    return f"{route.method} {route.path}"


each_route = pytest.mark.parametrize("route", ROUTES, ids=name)
each_change = pytest.mark.parametrize("route", MUTATING, ids=name)


def test_the_app_serves_what_is_declared_and_nothing_else():
    served = {
        f"{method} {path}"
        for path, methods in app.routes.items()
        for method in methods
        if method not in ("OPTIONS", "HEAD")
    }
    assert served == {name(each) for each in ROUTES}
    assert len(ROUTES) > 40


def test_no_route_is_declared_twice():
    assert len({name(each) for each in ROUTES}) == len(ROUTES)
    assert len({each.name for each in ROUTES}) == len(ROUTES), "views name the operations"


@each_route
def test_a_route_says_whom_it_lets_in(route):
    assert isinstance(route.access, Access | Permission)


@each_route
def test_what_a_route_takes_and_gives_is_there(route):
    assert all(issubclass(each, Body) for each in [route.takes] if each)
    assert all(issubclass(each, Query) for each in [route.query] if each)
    assert given_by(route), "an answer has a shape"
    assert route.summary and route.summary.endswith((".", "?")), route.summary
    assert not (route.takes and route.method == "GET")


@each_route
def test_what_is_the_admins_takes_a_permission(route):
    if "/admin/" in route.path:
        assert isinstance(route.access, Permission)
    if route.path.startswith("/api/user/"):
        assert route.access is Access.USER


def test_what_runs_the_shop_is_opened_part_by_part():
    """No permission opens all of it: what pays back is not what blocks people, and so on."""
    opened = {}
    for route in ROUTES:
        if isinstance(route.access, Permission) and route.path.startswith("/api/admin/"):
            opened.setdefault(route.access, set()).add(route.module.split(".")[1])
    assert len(opened) >= 8
    assert all(len(contexts) <= 3 for contexts in opened.values()), opened


def test_a_webhook_says_in_which_header_its_provider_signs_and_no_two_share_one():
    signed = [route for route in ROUTES if route.access is Access.SIGNED]
    headers = [route.signature for route in signed]
    assert len(signed) >= 3 and all(headers)
    assert len(set(headers)) == len(headers)
    assert not any(route.signature for route in ROUTES if route not in signed)


@each_change
def test_whoever_is_nobody_changes_only_what_is_meant_for_guests(route):
    if route.access is Access.PUBLIC:
        assert name(route) in OPEN_TO_ALL


@each_change
def test_a_change_can_be_repeated_or_says_why_not(route):
    assert route.idempotent != bool(route.because)


@each_change
def test_a_change_is_counted(route):
    if route.access is not Access.SIGNED:
        assert route.limits


PARSES = re.compile(r"request\.(json|json_or_form|query)\(|\.parameters\b|parse_json|parse_form")


def test_no_view_reads_a_body_or_a_query_by_itself():
    """What a view's annotations declare is all that it gets, so the document can't be wrong."""
    for path in (ROOT / "chalicelib").glob("*/*routes.py"):
        assert not PARSES.search(path.read_text(encoding="utf-8")), path


# ---- controls: what these tests would see -----------------------------------------------


def view(request) -> Answer:
    """Nothing."""
    return Answer(None)


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("access", [None, "public", True, "MANAGE_STOCK"], ids=repr)
def test_control_a_route_without_an_access_does_not_start(method, access):
    with pytest.raises(TypeError, match="must declare who may call"):
        getattr(Routes("test"), method)("/x", access=access)(view)


def test_control_a_change_that_does_not_say_why_it_is_not_kept_does_not_start():
    with pytest.raises(TypeError, match="must say why"):
        Routes("test").post("/x", access=Access.PUBLIC, idempotent=False)


def test_control_a_route_may_say_only_what_is_known():
    with pytest.raises(TypeError):
        Routes("test").get("/x", access=Access.PUBLIC, permission="ALL")(view)


def test_control_a_schema_that_is_not_there_is_seen():
    with pytest.raises(LookupError):
        given_by(
            Declared("GET", "/x", view, "chalicelib.cart.routes", Access.PUBLIC, gives="Nothing")
        )


def test_every_module_with_routes_is_registered():
    """A blueprint that nobody registers would be declared and not served."""
    for path in (ROOT / "chalicelib").glob("*/*routes.py"):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        assert isinstance(module.routes, Routes)
        assert any(each.module == module.__name__ for each in ROUTES), path.name
