"""What all operations share: the envelope, errors, money's words, keys, headers."""

import json
from functools import cache
from importlib import resources
from typing import Any

from chalicelib.kernel.ids import ID_PATTERN

Part = dict[str, Any]

# Printable ASCII; blanks at the ends do not survive a header.
IDEMPOTENCY_KEY = r"^[!-~]([ -~]{0,126}[!-~])?$"

REASONS = {
    400: "The request can't be read: broken JSON, a bad key or a bad cursor.",
    401: "Not signed in, or the token or key is not valid (any more).",
    403: "Signed in, but not allowed.",
    404: "Not there, or not the caller's: both look the same.",
    409: "The state of the shop forbids it, or the same key is at work just now.",
    413: "The body is too large.",
    415: "The body is of another media type than this route reads.",
    422: "A field is wrong (`errors` says which), or the key was used with another body.",
    429: "More than one may; `Retry-After` says when it is allowed again.",
    500: "A fault of the shop's; tell its `requestId`.",
    502: "A provider answered, and the answer was no use.",
    503: "A dependency is down or too busy; ask again after `Retry-After`.",
}
COMES_AGAIN = (409, 429, 503)

BEARER, API_KEY, ORDER_TOKEN = "bearer", "apiKey", "orderToken"
SECURITY: dict[str, Part] = {
    BEARER: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `accessToken` of a sign-in; valid for 15 minutes, then refresh.",
    },
    API_KEY: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Api-Key",
        "description": "A machine's key, or the owner's. It may do what its scopes say.",
    },
    ORDER_TOKEN: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Order-Token",
        "description": "The `accessToken` of the checkout's answer; `?token=` does as well.",
    },
}


def signature_name(header: str) -> str:
    """The name of the scheme for a provider's signature in this header."""
    return "signed" + header.replace("-", "")


def signature(header: str) -> Part:
    """How a provider shows that a webhook is its own."""
    return {
        "type": "apiKey",
        "in": "header",
        "name": header,
        "description": "The provider's signature over the raw body.",
    }


PARAMETERS: dict[str, Part] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "The same key with the same body answers the first answer again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": IDEMPOTENCY_KEY},
        "example": "0197f3a2-order-1",
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "required": False,
        "description": "The language of `message` and of names: en (the fallback) or zh-CN.",
        "schema": {"type": "string"},
        "example": "zh-CN",
    },
}
HEADERS: dict[str, Part] = {
    "RequestId": {
        "description": "The call's id, as the shop's log has it.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds until it is worth asking again.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Replayed": {
        "description": "`true` when this is the first answer to the key, told again.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "ETag": {
        "description": "What `If-None-Match` may ask with.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where to go.",
        "schema": {"type": "string"},
    },
}


@cache
def codes() -> list[str]:
    """Every code an error may have: what kernel/texts has words for, less fields and steps."""
    texts = resources.files("chalicelib.kernel") / "texts" / "en.json"
    words = json.loads(texts.read_text(encoding="utf-8"))
    return sorted(word for word in words if word.isupper() and word != "SUCCESS")


def path_parameter(name: str) -> Part:
    """An id in a path."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": ID_PATTERN},
    }


def header(name: str) -> Part:
    """`{"$ref": …}` to a header."""
    return {"$ref": f"#/components/headers/{name}"}


def envelope(data: Part) -> Part:
    """The answer's schema around `data`."""
    return {
        "type": "object",
        "required": ["success", "code", "message", "data", "timestamp"],
        "properties": {
            "success": {"const": True},
            "code": {"type": "string", "pattern": "^[A-Z][A-Z_]*$", "examples": ["SUCCESS"]},
            "message": {"type": "string"},
            "data": data,
            "timestamp": {"$ref": "#/components/schemas/Timestamp"},
        },
        "additionalProperties": False,
    }


def schemas() -> dict[str, Part]:
    """Schemas that are no context's own."""
    complaint = {
        "type": "object",
        "description": "One field's complaint; some say in numbers what would have been possible.",
        "required": ["field", "message"],
        "properties": {
            "field": {"type": "string", "examples": ["lines.model-pi-standard", "email"]},
            "message": {"type": "string"},
            # Of lines that can't be sold: each may have a reason of its own.
            "code": {"type": "string", "pattern": "^[A-Z][A-Z_]*$"},
            **{fact: {"type": "integer"} for fact in FACTS},
            "challenge": CHALLENGE,
        },
        "additionalProperties": False,
    }
    error = {
        "type": "object",
        "required": ["success", "code", "message", "data", "errors", "requestId", "timestamp"],
        "properties": {
            "success": {"const": False},
            "code": {"type": "string", "enum": codes()},
            "message": {"type": "string"},
            "data": {"type": "null"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Complaint"}},
            "requestId": {"type": "string"},
            "timestamp": {"$ref": "#/components/schemas/Timestamp"},
        },
        "additionalProperties": False,
    }
    stamp = {"type": "integer", "description": "Milliseconds since the epoch."}
    return {"Complaint": complaint, "Error": error, "Timestamp": stamp}


# Numbers that a field's complaint may carry (`FieldError.facts`).
FACTS = ("available", "held", "limit", "most", "requested", "sold")
# What a 429 asks for, where answering it lets the caller through.
CHALLENGE: Part = {
    "type": "object",
    "description": "Answered, it is sent with the call again: a puzzle of ours is answered with"
    " `<puzzle>~<number>` whose SHA-256 begins with `difficulty` zero bits, a service's widget"
    " with its token.",
    "properties": {
        "kind": {"type": "string", "enum": ["proof-of-work", "turnstile"]},
        "puzzle": {"type": "string"},
        "difficulty": {"type": "integer"},
        **{name: {"type": "string"} for name in ("siteKey", "script", "action", "data")},
    },
    "required": ["kind"],
    "additionalProperties": False,
}


def responses() -> dict[str, Part]:
    """The answers that are no success, by status, as `components.responses` keeps them."""
    made = {}
    for status, reason in REASONS.items():
        headers = {"X-Request-Id": header("RequestId")}
        if status in COMES_AGAIN:
            headers["Retry-After"] = header("RetryAfter")
        made[f"Error{status}"] = {
            "description": reason,
            "headers": headers,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    return made
