"""Stripe's error answers.  Source: docs.stripe.com/api/errors and /error-codes."""

from typing import Any


class StripeRefusal(Exception):
    """An error answer: HTTP status, `type`, `message`, and where known `code` and `param`."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        fields = {"type": kind, "message": message, "code": code, "param": param, **more}
        if code:
            fields["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        self.error = {name: value for name, value in fields.items() if value is not None}

    def body(self, log_url: str) -> dict[str, Any]:
        """The JSON body; `log_url` is where a person sees what happened."""
        return {"error": {**self.error, "request_log_url": log_url}}


class BadParameter(StripeRefusal):
    """The parameters were refused before execution began: never kept under an idempotency key."""


def missing(param: str) -> BadParameter:
    """A required parameter is not there."""
    return BadParameter(f"Missing required param: {param}.", code="parameter_missing", param=param)


def no_such(noun: str, identifier: str, param: str, status: int = 400) -> StripeRefusal:
    """A reference to nothing: 404 when it is the address, 400 when it is a parameter."""
    return StripeRefusal(
        f"No such {noun}: '{identifier}'", status=status, code="resource_missing", param=param
    )


def api_error(status: int = 500) -> StripeRefusal:
    """Something went wrong on the provider's side."""
    message = "An error occurred while processing your request. Please try again later."
    return StripeRefusal(message, status=status, kind="api_error")
