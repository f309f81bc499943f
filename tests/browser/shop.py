"""What happens around a visitor: another shopper, and the payment provider."""

from typing import Any

from localcloud import Cloud
from localcloud.aws import Http


class OtherShopper:
    """Somebody else with a cart, over the API."""

    def __init__(self, cloud: Cloud) -> None:
        self.http = cloud.http

    def _data(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.http.get(path) if body is None else self.http.post(path, body)
        assert answer.status < 300, answer.text
        return answer.json()["data"]

    def available(self, variant_id: str) -> int:
        found: int = self._data(f"/api/inventory/availability/{variant_id}")["available"]
        return found

    def take(self, variant_id: str, quantity: int) -> None:
        """Hold units for a while, so that nobody else can have them."""
        cart = self._data("/api/cart/create", {})["id"]
        self._data(f"/api/cart/{cart}/add", {"variantId": variant_id, "quantity": quantity})
        self._data(f"/api/cart/{cart}/reserve", {})


class Provider:
    """The payment sandbox's control API."""

    def __init__(self, cloud: Cloud) -> None:
        self.http = Http(cloud.addresses["sandbox"])

    def act(self, reference: str, action: str, **how: Any) -> None:
        answer = self.http.post(f"/_control/stripe/{reference}/{action}", how)
        assert answer.status < 300, answer.text

    def deliver_what_waits(self) -> None:
        """Send late webhooks now, and wait until the shop has taken them."""
        answer = self.http.post("/_control/quiesce", {"hurry": True, "timeoutMs": 20_000})
        assert answer.status < 300, answer.text
