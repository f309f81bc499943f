"""All that a person and an administrator do with accounts, over HTTP at the deployed shop."""

from typing import Any

from chalicelib.config import settings
from chalicelib.kernel import clock
from chalicelib.kernel.ids import token
from chalicelib.kernel.parameters import secrets
from tests import factory, live
from tests.accounts.people import PASSWORD
from tests.journeys.market import Market

PROFILE = {"version": 1, "phone": "13812345678", "locale": "en"}


class Member:
    """Somebody with an account at the deployed shop."""

    def __init__(self, market: Market) -> None:
        self.market, self.email = market, f"{token()}@shop.test"
        login = {"email": self.email, "password": PASSWORD}
        market.data("POST", "/auth/register", login)
        found = market.data("POST", "/auth/login", login)
        self.user_id = found["user"]["id"]
        # The link is in a mail, and a topic that asks for permissions mails nothing to a test.
        market.tables.update_item(
            TableName=settings().table("users"),
            Key={"user_id": {"S": self.user_id}},
            UpdateExpression="SET email_verified_at = :now",
            ExpressionAttributeValues={":now": {"N": str(clock.now())}},
        )
        self.signed_in = {"Authorization": f"Bearer {found['accessToken']}"}

    def does(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Idempotency_Key": token(), **self.signed_in, **headers}
        return self.market.data(method, path, body, **sent)

    def wish(self, **changes: Any) -> dict[str, Any]:
        return {"email": self.email, "shippingMethod": "standard", **changes}

    def keeps_house(self) -> str:
        """Profile and address book; answers the id of the address that is left."""
        # A name is one person's, and the shop of the tests is one.
        self.does("PUT", "/user/profile", {**PROFILE, "username": f"Ada_{token()[:12]}"})
        first = self.does("POST", "/user/addresses", factory.ADDRESS)["id"]
        second = self.does("POST", "/user/addresses", factory.ADDRESS)["id"]
        changed = {**factory.ADDRESS, "isDefault": True}
        assert self.does("PUT", f"/user/addresses/{second}", changed)["isDefault"]
        (left,) = self.does("DELETE", f"/user/addresses/{second}")["items"]
        assert left["id"] == first and left["isDefault"]
        return str(first)

    def buys(self, variant_id: str, address_id: str) -> None:
        """As a guest, then as oneself with a guest's cart brought along; and takes all to heart."""
        market = self.market
        guests = market.cart({variant_id: 1})
        wish = self.wish(address=factory.ADDRESS)
        number = market.data("POST", f"/cart/{guests}/checkout", wish)["orderNumber"]
        own = self.does("GET", "/cart")["id"]
        self.does("POST", f"/cart/{own}/add", {"variantId": variant_id, "quantity": 1})
        brought = market.cart({variant_id: 1})
        market.data("POST", f"/cart/{brought}/reserve", {})
        assert self.does("POST", "/cart/merge", {"cartId": brought})["cart"]["count"] == 2
        self.does("POST", f"/cart/{own}/checkout", self.wish(addressId=address_id))
        asked = market.call("GET", f"/orders/lookup?number={number}&email={self.email}")
        assert asked.status == 202
        assert self.does("POST", "/user/orders/claim", {}) == {"claimed": 1}
        listed = self.does("GET", "/orders?pageSize=1")
        rest = self.does("GET", f"/orders?pageSize=1&cursor={listed['nextCursor']}")
        (order,) = rest["items"]
        assert self.does("GET", f"/orders/{order['orderId']}")["email"] == self.email
        self.does("GET", "/cart")


def administers(market: Market, ada: Member, bob: Member) -> None:
    """The owner names an admin, who makes a key and shuts somebody out for a while."""
    owner = {"X_Api_Key": secrets().required("admin/key")}
    role = {"role": "ADMIN"}
    assert market.data("POST", f"/admin/users/{ada.user_id}/role", role, **owner)["role"] == "ADMIN"
    wish = {"name": "till", "scopes": ["VIEW_USERS"]}
    key = ada.does("POST", "/admin/api-keys", wish)
    found = market.data("GET", f"/admin/users?q={bob.email}", X_Api_Key=key["key"])["items"]
    assert [one["id"] for one in found] == [bob.user_id]
    assert ada.does("GET", "/admin/users?pageSize=1")["items"]
    assert ada.does("GET", "/admin/api-keys")["items"]
    ada.does("DELETE", f"/admin/api-keys/{key['id']}")
    ada.does("POST", f"/admin/users/{bob.user_id}/ban", {"reason": "spam"})
    ada.does("POST", f"/admin/users/{bob.user_id}/unban", {})
    ada.does("POST", f"/admin/users/{bob.user_id}/role", role)
    ada.does("POST", f"/admin/users/{ada.user_id}/role", {"role": "USER"})


def spends(market: Market, ada: Member, variant_id: str) -> None:
    """The owner fills a balance; it pays parts of orders that are paid, expire or are swept away,
    and one order wholly; some of the money comes back into it."""
    owner = {"X_Api_Key": secrets().required("admin/key")}
    wish = {"userId": ada.user_id, "amount": {"amount": 20_000, "currency": "USD"}, "reason": "x"}
    market.data("POST", "/admin/balance/adjust", wish, **owner)
    buy = {"variantId": variant_id, "address": factory.ADDRESS, "useBalance": True}
    bought = []
    # Asked for once more in other words, the same thing would change the order that waits.
    for quantity, most in ((1, 100), (2, 200), (3, 300)):
        wish = ada.wish(**buy, quantity=quantity, balanceMost=most)
        placed = ada.does("POST", "/checkout", wish)
        bought.append(market.bought(placed))
    paid, expired, left = bought
    market.act(paid, "pay")
    market.act(expired, "expire")
    market.end_hold_of(left)
    market.cloud.invoke("sweep")
    market.turns(paid, "PAID")
    for order in (expired, left):
        market.turns(order, "CANCELLED")
    whole = ada.does("POST", "/checkout", ada.wish(**buy))
    assert whole["due"]["amount"] == 0
    for order_id in (paid.order_id, whole["orderId"]):
        refund = {"amount": 50, "reason": "scratched", "to": "BALANCE"}
        made = market.data("POST", f"/admin/orders/{order_id}/refund", refund, **owner)
        assert made["refund"]["status"] == "DONE"
    path = f"/admin/orders/{whole['orderId']}/refund"
    assert market.data("POST", path, {"reason": "all"}, **owner)["status"] == "REFUNDED"
    (seen,) = ada.does("GET", "/balance")["balances"]
    assert seen["amount"] == 20_000 - 100 + 50
    assert market.data("GET", f"/admin/users/{ada.user_id}/balance", **owner)["items"]
    assert market.call("POST", "/admin/inventory/check", {}, **owner).status == 202
    market.cloud.invoke("reconcile")
    checked = live.until(lambda: _checked(market, owner), "the check is done")
    assert (checked["status"], checked["failed"], checked["balances"]) == ("DONE", 0, [])


def _checked(market: Market, owner: dict[str, str]) -> Any:
    found = market.data("GET", "/admin/inventory/check", **owner)
    return found if found["status"] == "DONE" else None


def goes(member: Member) -> None:
    """Takes everything along, and is erased."""
    exported = member.does("GET", "/user/export")
    assert len(exported["orders"]) == 2 and exported["account"]["addresses"]
    member.does("POST", "/user/erase", {"password": PASSWORD})
    member.market.cloud.invoke("erase")
    orders = [one for one in member.market.scan("orders") if one.get("user_id") == member.user_id]
    assert [one["email"] for one in orders] == ["erased", "erased"]
    assert member.market.call("GET", "/user/profile", **member.signed_in).status == 401
