"""PayPal's error answers.  Source: developer.paypal.com/docs/api/orders/v2, section Errors."""

from typing import Any

KINDS = {
    400: (
        "INVALID_REQUEST",
        "Request is not well-formed, syntactically incorrect, or violates schema.",
    ),
    401: (
        "AUTHENTICATION_FAILURE",
        "Authentication failed due to missing authorization header, or invalid authentication"
        " credentials.",
    ),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    409: (
        "RESOURCE_CONFLICT",
        "The server has detected a conflict while processing this request.",
    ),
    415: (
        "UNSUPPORTED_MEDIA_TYPE",
        "The server does not support the request payload's media type.",
    ),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business"
        " validation.",
    ),
    429: ("RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error occurred."),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable."),
}


class PayPalRefusal(Exception):
    """An error answer: its HTTP status, and where there is one its issue and the field to blame."""

    def __init__(self, status: int, issue: str | None = None, field: str | None = None) -> None:
        super().__init__(f"{KINDS[status][0]} {issue or ''} {field or ''}".strip())
        self.status = status
        self.issue = issue
        self.field = field

    def body(self, debug_id: str) -> dict[str, Any]:
        """The JSON body."""
        name, message = KINDS[self.status]
        answer: dict[str, Any] = {"name": name, "message": message, "debug_id": debug_id}
        if self.issue:
            detail = {"issue": self.issue}
            if self.field:
                detail |= {"field": self.field, "location": "body"}
            answer["details"] = [detail]
        return {**answer, "links": []}


def unknown_resource() -> PayPalRefusal:
    """An address that names nothing."""
    return PayPalRefusal(404, "INVALID_RESOURCE_ID")


def unfit(issue: str, field: str | None = None) -> PayPalRefusal:
    """What is well-formed and can't be done all the same."""
    return PayPalRefusal(422, issue, field)


def malformed(issue: str, field: str) -> PayPalRefusal:
    """What is not well-formed."""
    return PayPalRefusal(400, issue, field)
