"""Where a list goes on: opaque, signed, good for that one list.

The signature is no secret about the position; it keeps anybody from making up a position of a
list that is not theirs, and old cursors from being read as something else after a change.
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from chalicelib.kernel.errors import FieldError, Malformed
from chalicelib.kernel.keyring import ring

MAX_CURSOR = 1024
_MAC_BYTES = 16


class CursorInvalid(Malformed):
    code = "CURSOR_INVALID"

    def __init__(self) -> None:
        super().__init__(FieldError("cursor", "CURSOR_INVALID"))


def seal(scope: str, position: list[Any]) -> str:
    """A cursor for the list called `scope`, which names all that selects it: owner and filters."""
    body = json.dumps(position, separators=(",", ":")).encode()
    made_with = ring()
    return _text(_mac(made_with.keys[made_with.current], scope, body) + body)


def unseal(scope: str, cursor: str) -> list[Any]:
    """The position that a cursor of this very list holds. Raises CursorInvalid."""
    body = _body(cursor)
    mac, position = body[:_MAC_BYTES], body[_MAC_BYTES:]
    # Those of the past still open what they signed.
    keys = ring().keys.values()
    if not any(hmac.compare_digest(mac, _mac(key, scope, position)) for key in keys):
        raise CursorInvalid()
    found: list[Any] = json.loads(position)
    return found


def _body(cursor: str) -> bytes:
    if len(cursor) > MAX_CURSOR or not cursor.isascii():
        raise CursorInvalid()
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise CursorInvalid() from error


def _text(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def _mac(key: bytes, scope: str, body: bytes) -> bytes:
    message = b"\x1f".join([b"cursor", scope.encode(), body])
    return hmac.new(key, message, hashlib.sha256).digest()[:_MAC_BYTES]
