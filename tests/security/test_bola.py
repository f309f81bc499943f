"""Rows 1 to 3: other people's things, by every route that names one.

The matrix is made from the table of routes: a new route with an id in it is in it by itself, and
one whose id this file does not know fails.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from app import app
from chalicelib.accounts.tables import UserItem
from chalicelib.cart.tables import CartItem
from chalicelib.kernel import clock
from chalicelib.kernel.caller import Permission
from chalicelib.kernel.db import dynamo, scanning
from chalicelib.kernel.ids import token
from chalicelib.kernel.web.http import Access, Declared, Routes
from chalicelib.subscriptions import following
from tests import factory, stage
from tests.accounts import people

# Whatever the app serves is declared once it is imported.
assert app.routes
NAMED = [
    each for each in Routes.declared if each.module.startswith("chalicelib.") and "{" in each.path
]
PRIVATE = [each for each in NAMED if each.access in (Access.HOLDER, Access.USER)]
GUARDED = [each for each in NAMED if isinstance(each.access, Permission)]
OPEN = [each for each in NAMED if each.access is Access.PUBLIC]
EVERY_GUARDED = [
    each
    for each in Routes.declared
    if each.module.startswith("chalicelib.") and isinstance(each.access, Permission)
]
BODIES: dict[str, Any] = {
    "AddLine": {"variantId": "mug", "quantity": 1},
    "UpdateLine": {"variantId": "mug", "quantity": 2},
    "RemoveLine": {"variantId": "mug"},
    "Checkout": {
        "email": "ada@shop.test",
        "address": factory.ADDRESS,
        "shippingMethod": "standard",
    },
    "PutAddress": factory.ADDRESS,
    "ProofBody": {"hash": "0" * 64},
    "Subscribe": {"planId": "tea-month"},
    "ChangePlan": {"planId": "tea-year"},
}
# ProviderRefused for the state of the owner's things, once it is seen whose they are.
NOT_NOW = {"extend_reservation", "release_reservation", "verify_payment"}


def name(route: Declared) -> str:
    return f"{route.method} {route.path}"


@dataclass
class World:
    """A shop with people in it: what each sends, and things that are the owner's alone."""

    shop: Any
    tokens: dict[str, str] = field(repr=False)
    order: str | None = None

    def headers(self, who: str) -> dict[str, str]:
        if who == "key":
            return {"X-Api-Key": stage.SECRETS["admin/key"]}
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}

    def call(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.shop.call(method, path, body, **{**self.headers(who), **headers})

    def data(self, who: str, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(who, method, path, body)
        assert answer.status_code < 300, (method, path, answer.body)
        return answer.json_body["data"]

    # ---- the owner's things ----

    def cart_id(self) -> str:
        cart: str = self.data("owner", "POST", "/api/cart/create", {})["id"]
        self.data("owner", "POST", f"/api/cart/{cart}/add", BODIES["AddLine"])
        return cart

    def order_id(self) -> str:
        """One order for all: how many may wait to be paid at once is bounded."""
        if self.order is None:
            path = f"/api/cart/{self.cart_id()}/checkout"
            self.order = str(self.data("owner", "POST", path, BODIES["Checkout"])["orderId"])
        return self.order

    def payment_id(self) -> str:
        return str(
            self.data("owner", "POST", f"/api/orders/{self.order_id()}/pay", {})["paymentId"]
        )

    def address_id(self) -> str:
        book = self.data("owner", "POST", "/api/user/addresses", factory.ADDRESS)
        found = book.get("id") or book.get("addressId") or book["address"]["id"]
        return str(found)

    def session_id(self) -> str:
        return people.sign_in("owner@shop.test").session.session_id

    def subscription_id(self) -> str:
        """One that runs."""
        body = BODIES["Subscribe"]
        begun: str = self.data("owner", "POST", "/api/subscriptions", body)["id"]
        for session in self.shop.sandbox.state()["stripe"]["sessions"]:
            if session["client_reference_id"] == begun and session["status"] == "open":
                self.shop.sandbox.control("stripe", session["id"], "pay", lose=True)
                following.refresh(begun, now=clock.now())
        return begun

    def thing(self, route: Declared) -> str:
        """The path of a route with something of the owner's in it."""
        names = re.findall(r"{(\w+)}", route.path)
        things = {each: getattr(self, each)() for each in names}
        return route.path.format(**things)


@pytest.fixture
def world(shop, unlimited, told) -> World:
    shop.sell("mug", stock=500, max_per_order=100)
    tokens = {}
    for who, role in [
        ("owner", "USER"),
        ("other", "USER"),
        ("seller", "SELLER"),
        ("admin", "ADMIN"),
    ]:
        email = f"{who}@shop.test"
        people.register(email).update(actions=[UserItem.role.set(role)])
        tokens[who] = people.sign_in(email).access_token
    return World(shop, tokens)


def body_of(route: Declared) -> Any:
    return BODIES.get((route.takes or "").rpartition(".")[2], {}) if route.mutates else None


STRANGERS = ["other", "seller", "admin", "guest", "key"]


def expected(route: Declared, who: str) -> set[int]:
    """What somebody gets who is not the owner: as if it were not there."""
    if route.access is Access.USER:
        return {"guest": {401}, "key": {403}}.get(who, {404})
    return {404}


def breaches(world: World, routes: list[Declared]) -> list[str]:
    """Which routes let whom at the owner's things, or refuse the owner."""
    found = []
    for route in routes:
        path = world.thing(route)
        for who in STRANGERS:
            got = world.call(who, route.method, path, body_of(route)).status_code
            if got not in expected(route, who):
                found.append(f"{name(route)} by {who}: {got}")
        got = world.call("owner", route.method, path, body_of(route)).status_code
        if got not in (200, 201, 204) and not _of_the_state(route, got):
            found.append(f"{name(route)} by its owner: {got}")
    return found


def _of_the_state(route: Declared, status: int) -> bool:
    # Nothing is reserved yet, nothing is to be handed in: the owner is let in and told so.
    return route.view in NOT_NOW and status == 409


def test_to_everybody_else_the_owners_things_are_not_there(world):
    assert len(PRIVATE) >= 13
    assert breaches(world, PRIVATE) == []


def test_control_where_nobody_looks_whose_it_is_it_is_seen(world, monkeypatch):
    from chalicelib.cart import service

    honest = service.read
    monkeypatch.setattr(
        service,
        "read",
        lambda cart_id, *, now, user_id=None: honest(
            cart_id, now=now, user_id=dynamo.get(CartItem, cart_id).user_id
        ),
    )
    (route,) = [each for each in PRIVATE if each.view == "read_cart"]
    assert [each.rpartition(": ")[2] for each in breaches(world, [route])] == ["200"] * 5


def test_an_attempt_changes_nothing(world):
    cart, order = world.cart_id(), world.order_id()
    kept: Callable[[], Any] = lambda: [  # noqa: E731
        item.attribute_values for item in scanning.everything(CartItem)
    ]
    before = kept()
    for route in PRIVATE:
        path = route.path.replace("{cart_id}", cart).replace("{order_id}", order)
        if "{" not in path:
            for who in STRANGERS:
                world.call(who, route.method, path, body_of(route))
    assert kept() == before


def test_what_is_not_there_and_what_is_somebody_elses_look_the_same(world):
    for view, path in [("read_cart", "/api/cart/{}"), ("read_order", "/api/orders/{}")]:
        (route,) = [each for each in PRIVATE if each.view == view]
        theirs = world.call("other", "GET", world.thing(route))
        nobodys = world.call("other", "GET", path.format(token("crt")))
        assert theirs.json_body["code"] == nobodys.json_body["code"]
        assert theirs.json_body["message"] == nobodys.json_body["message"]


def test_a_guests_cart_opens_with_its_id_alone_and_ids_cannot_be_guessed(world):
    made = {
        world.data("guest", "POST", "/api/cart/create", {"currency": "USD"})["id"]
        for _ in range(20)
    }
    assert len(made) == 20
    for cart in made:
        assert re.fullmatch(r"crt_[a-z2-7]{32}", cart), "160 random bits"
    cart = made.pop()
    assert world.call("guest", "GET", f"/api/cart/{cart}").status_code == 200
    # Ids that nearly are.
    for wrong in (cart[:-1], cart[:-1] + ("a" if cart[-1] != "a" else "b"), cart.upper()):
        assert world.call("guest", "GET", f"/api/cart/{wrong}").status_code == 404


def test_a_guests_order_opens_with_its_token_alone(world):
    cart = world.data("guest", "POST", "/api/cart/create", {})["id"]
    world.data("guest", "POST", f"/api/cart/{cart}/add", BODIES["AddLine"])
    placed = world.data("guest", "POST", f"/api/cart/{cart}/checkout", BODIES["Checkout"])
    path, key = f"/api/orders/{placed['orderId']}", placed["accessToken"]
    assert len(key) * 5 >= 128, "base32: five bits a letter"
    assert world.call("guest", "GET", path, **{"X-Order-Token": key}).status_code == 200
    assert world.call("guest", "GET", f"{path}?token={key}").status_code == 200
    flipped = key[:-1] + ("a" if key[-1] != "a" else "b")
    for wrong in ("", key[:-1], flipped, key.upper(), placed["orderNumber"], placed["paymentId"]):
        for who in ("guest", "other", "admin", "key"):
            got = world.call(who, "GET", path, **{"X-Order-Token": wrong})
            assert got.status_code == 404, (wrong, who)


def test_a_signed_in_owner_needs_no_token_for_an_order(world):
    order = world.order_id()
    for path in (f"/api/orders/{order}", f"/api/order-status/{order}"):
        assert world.call("owner", "GET", path).status_code == 200
        assert world.call("guest", "GET", path).status_code == 404


# ---- what takes a permission -------------------------------------------------------------

MAY = {
    "guest": frozenset(),
    "owner": {Permission.VIEW_PRODUCTS, Permission.VIEW_ORDERS, Permission.CREATE_ORDER},
}


def let_in(world: World, routes: list[Declared]) -> list[str]:
    """Who was let into a route without its permission, or did not with it."""
    found = []
    for route in routes:
        path = re.sub(r"{\w+}", "nobodys", route.path)
        for who, refusal in [("guest", 401), ("owner", 403), ("seller", 403)]:
            got = world.call(who, route.method, path, {"unknown": 1} if route.mutates else None)
            if got.status_code != refusal:
                found.append(f"{name(route)} by {who}: {got.status_code}")
        for who in ("admin", "key"):
            got = world.call(who, route.method, path, {"unknown": 1} if route.mutates else None)
            if got.status_code in (401, 403):
                found.append(f"{name(route)} by {who}: {got.status_code}")
    return found


def test_what_takes_a_permission_lets_in_who_has_it_and_nobody_else(world):
    """No route so far takes a permission that users or sellers have."""
    assert len(EVERY_GUARDED) >= 19
    assert {each.access for each in EVERY_GUARDED} <= set(Permission) - MAY["owner"]
    assert let_in(world, EVERY_GUARDED) == []


def test_control_with_the_door_off_it_is_seen(world, monkeypatch):
    from chalicelib.kernel.web import auth

    monkeypatch.setattr(auth, "_require", lambda caller, allowed: None)
    assert len(let_in(world, GUARDED[:2])) == 6


def test_a_user_whose_role_is_taken_away_is_out_at_once(world):
    assert world.call("admin", "GET", "/api/admin/users").status_code == 200
    people.user_of("admin@shop.test").update(actions=[UserItem.role.set("USER")])
    assert world.call("admin", "GET", "/api/admin/users").status_code == 403


def test_what_is_everybodys_is_the_same_for_everybody(world):
    slug = world.data("guest", "GET", "/api/products")["items"][0]["slug"]
    for route in OPEN:
        path = route.path.replace("{slug}", slug).replace("{variant_id}", "mug")
        path = path.replace("{country}", "US")
        answers = [world.call(who, route.method, path) for who in [*STRANGERS, "owner"]]
        told = [{**each.json_body, "timestamp": 0} for each in answers]
        assert answers[0].status_code == 200 and all(each == told[0] for each in told), name(route)


def test_every_id_in_a_route_is_known_to_the_matrix():
    for route in PRIVATE:
        for each in re.findall(r"{(\w+)}", route.path):
            assert hasattr(World, each), f"{name(route)}: say how a test comes by a {each}"
