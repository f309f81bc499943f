"""The envelope around every answer, and the answers that are refusals.

Source: docs.oxapay.com, api-reference and api-reference/error.
"""

from typing import Any

MESSAGES = {
    400: "Bad Request: validation failed.",
    401: "Unauthorized: the API key is invalid or missing.",
    404: "Not Found: the requested resource does not exist.",
    429: "Too Many Requests: the rate limit was exceeded.",
    500: "Internal Server Error: try again later.",
    503: "Service Unavailable: try again later.",
}
TYPES = {400: "validation", 401: "authentication", 404: "not_found", 429: "rate_limit"}


class OxaPayRefusal(Exception):
    """An error answer: its HTTP status, and where a field is to blame, which and why."""

    def __init__(self, status: int, key: str = "", message: str = "") -> None:
        self.status = status
        self.error = {
            "type": TYPES.get(status, "server"),
            "key": key,
            "message": message or MESSAGES[status],
        }
        super().__init__(self.error["message"])

    def body(self) -> dict[str, Any]:
        """The envelope; the same number stands in it and in HTTP's status line."""
        return envelope(self.status, {}, self.error, MESSAGES[self.status])


def envelope(status: int, data: Any, error: dict[str, str], message: str) -> dict[str, Any]:
    """As every answer is wrapped."""
    return {
        "data": data,
        "message": message,
        "error": error,
        "status": status,
        "version": "1.0.0",
    }


def wrong(key: str, message: str) -> OxaPayRefusal:
    """A parameter that can't be taken."""
    return OxaPayRefusal(400, key, message)
