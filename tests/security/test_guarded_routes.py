"""Row 3: what takes a permission lets in who has it, and nobody else."""

import re

from chalicelib.accounts.tables import UserItem
from chalicelib.kernel.caller import Permission
from chalicelib.kernel.web.http import Declared
from tests.accounts import people
from tests.security.walk import DECLARED, name
from tests.security.world import World

EVERY_GUARDED = [each for each in DECLARED if isinstance(each.access, Permission)]
GUARDED = [each for each in EVERY_GUARDED if "{" in each.path]
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
