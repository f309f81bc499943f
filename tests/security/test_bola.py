"""Rows 1 and 2: other people's things, by every route that names one.

The matrix is made from the table of routes: a new route with an id in it is in it by itself, and
one whose id this file does not know fails.
"""

import re
from collections.abc import Callable
from typing import Any

from chalicelib.cart.tables import CartItem
from chalicelib.kernel.db import dynamo, scanning
from chalicelib.kernel.ids import token
from chalicelib.kernel.web.http import Access, Declared
from tests.security.walk import DECLARED, name
from tests.security.world import BODIES, World

NAMED = [each for each in DECLARED if "{" in each.path]
PRIVATE = [each for each in NAMED if each.access in (Access.HOLDER, Access.USER)]
OPEN = [each for each in NAMED if each.access is Access.PUBLIC]
# ProviderRefused for the state of the owner's things, once it is seen whose they are.
NOT_NOW = {"extend_reservation", "release_reservation", "verify_payment"}


def body_of(route: Declared) -> Any:
    return BODIES.get(route.takes.__name__, {}) if route.takes else {} if route.mutates else None


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
    return route.name in NOT_NOW and status == 409


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
    (route,) = [each for each in PRIVATE if each.name == "read_cart"]
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
        (route,) = [each for each in PRIVATE if each.name == view]
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


def test_what_is_everybodys_is_the_same_for_everybody(world):
    slug = world.data("guest", "GET", "/api/products")["items"][0]["slug"]
    for route in OPEN:
        path = route.path.replace("{slug}", slug).replace("{variant_id}", "mug")
        path = path.replace("{country}", "US")
        answers = [world.call(who, route.method, path) for who in [*STRANGERS, "owner"]]
        bodies = [{**each.json_body, "timestamp": 0} for each in answers]
        assert answers[0].status_code == 200 and all(each == bodies[0] for each in bodies), name(
            route
        )


def test_every_id_in_a_route_is_known_to_the_matrix():
    for route in PRIVATE:
        for each in re.findall(r"{(\w+)}", route.path):
            assert hasattr(World, each), f"{name(route)}: say how a test comes by a {each}"
