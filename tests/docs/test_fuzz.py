"""schemathesis against the deployed shop: whatever is sent, the answer is one of the document's.

A guest, a user and an admin try every operation, each alone and one after the other as the links
lead. No answer is a fault (5xx), none has a status or a field that the document does not know.
"""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from chalicelib.kernel.caller import Permission
from chalicelib.kernel.ids import token
from chalicelib.kernel.web.auth import Access
from localcloud import Cloud
from tests import answers, live
from tests.docs import fuzzing
from tests.docs.fuzzing import Found, Visitor
from tests.journeys.market import Market
from tools.openapi import document

# Per operation, examples and sequences of calls: in a whole run, and with --everything, where three
# visitors together take about two minutes on two cores.
SOME, MANY = (3, 1), (4, 3)
PASSWORD = "Corr3ct-horse!"
REFUSED = {401, 403}


@pytest.fixture
def market(cloud) -> Iterator[Market]:
    with live.on_local_stage(cloud):
        yield Market(cloud)


class People:
    """Those who sign in at the deployed shop."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def user(self) -> dict[str, str]:
        """A new user's headers."""
        return self._signed_in(self._registered())

    def admin(self) -> dict[str, str]:
        """A new admin's headers: the shop's owner makes a user one."""
        email = self._registered()
        user_id = self._login(email)["user"]["id"]
        owner = {"X-Api-Key": self.cloud.addresses["adminKey"]}
        self._call(f"/api/admin/users/{user_id}/role", {"role": "ADMIN"}, **owner)
        return self._signed_in(email)

    def _registered(self) -> str:
        email = f"{token()}@shop.test"
        self._call("/api/auth/register", {"email": email, "password": PASSWORD})
        return email

    def _signed_in(self, email: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._login(email)['accessToken']}"}

    def _login(self, email: str):
        return self._call("/api/auth/login", {"email": email, "password": PASSWORD})

    def _call(self, path: str, body, **headers: str):
        # Each from a network of its own, which only the local gateway believes.
        headers = {**headers, "X-Forwarded-For": f"2001:db8:{token()[:4].encode().hex()[:4]}::1"}
        answer = self.cloud.api.request("POST", path, body, headers)
        assert answer.status < 300, answer.text
        return answer.json()["data"]


def tried(market: Market, everything: bool, sign_in: Callable[[], dict[str, str]] = dict) -> Found:
    """What a visitor found, having tried everything: a cart and an order are theirs."""
    examples, sequences = MANY if everything else SOME
    api = urlsplit(market.cloud.addresses["api"])
    mug = market.sell(100_000)
    product = market.data("GET", "/products?pageSize=1")["items"][0]
    bought = market.buy({mug: 1})
    known = {
        "variant_id": mug,
        "variantId": mug,
        "slug": product["slug"],
        "cart_id": market.cart({mug: 1}),
        "order_id": bought.order_id,
        "password": PASSWORD,
        "currentPassword": PASSWORD,
    }
    return fuzzing.run(
        answers.document(),
        base_url=f"http://127.0.0.1:{api.port}",
        host=api.netloc,
        visitor=Visitor(sign_in, **{"X-Order-Token": bought.token}),
        known=known,
        examples=examples,
        sequences=sequences,
    )


def labels(*access: Access | type[Permission]) -> set[str]:
    """The operations that these may call; all of them for none given."""
    return {
        f"{route.method} {route.path}"
        for route in document.routes()
        if not access or route.access in access or type(route.access) in access
    }


def check(found: Found, mine: set[str]) -> None:
    assert not found.wrong, "\n\n".join(found.wrong[:20])
    assert set(found.answers) == labels(), "every operation was tried"
    hidden = {label for label in labels() if found.is_hidden(label)}
    assert not hidden, "limits answered instead of routes"
    closed = {label for label in mine if found.statuses(label) <= REFUSED}
    assert not closed, "authorization answered instead of routes"


def test_a_guest_finds_nothing_that_is_not_documented(market, everything):
    # To a guest a refresh is a token that nobody made.
    mine = labels(Access.PUBLIC, Access.HOLDER) - {"POST /api/auth/refresh"}
    check(tried(market, everything), mine)


# These visitors' addresses are not proved, and no other's orders are claimed.
UNPROVED = {"POST /api/user/orders/claim"}


def test_a_user_finds_nothing_that_is_not_documented(market, everything):
    if not everything:
        pytest.skip("an admin tries the same routes, and some more; --everything runs both")
    check(tried(market, everything, People(market.cloud).user), labels(Access.USER) - UNPROVED)


def test_an_admin_finds_nothing_that_is_not_documented(market, everything):
    mine = labels(Access.USER, Permission) - UNPROVED
    check(tried(market, everything, People(market.cloud).admin), mine)


def test_control_a_status_that_is_not_documented_is_found(market):
    document = answers.document()
    health = document["paths"]["/health"]
    lacking = {**health["get"], "responses": {"418": {"description": "A teapot."}}}
    found = fuzzing.run(
        {**document, "paths": {"/health": {"get": lacking}}},
        base_url=f"http://127.0.0.1:{urlsplit(market.cloud.addresses['api']).port}",
        host=urlsplit(market.cloud.addresses["api"]).netloc,
        visitor=Visitor(),
        known={},
        examples=1,
        sequences=1,
    )
    assert any("Undocumented status code" in line for line in found.wrong)
