"""The stage's ring of keys: what tokens and cursors are signed with.

The ring is the SSM parameter `auth/keys`: `{"current": "k2", "keys": {"k1": "…", "k2": "…"}}`, each
key 32 bytes or more in base64. To rotate, add a key, wait until every function has read it (five
minutes), make it the current one; take the old one out when its last session is over (30 days).
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from chalicelib.config import Misconfigured, settings
from chalicelib.kernel.parameters import secrets

PARAMETER = "auth/keys"
MIN_KEY_BYTES = 32


@dataclass(frozen=True)
class KeyRing:
    """The keys by name; `current` makes new signatures, all of them are believed."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)


def ring() -> KeyRing:
    """The stage's keys. Raises Misconfigured, which names the parameter and never its value."""
    return _parsed(secrets().required(PARAMETER))


@lru_cache(maxsize=4)
def _parsed(text: str) -> KeyRing:
    try:
        value = json.loads(text)
        keys = {
            str(kid): base64.b64decode(key, validate=True) for kid, key in value["keys"].items()
        }
        found = KeyRing(str(value["current"]), keys)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        found = KeyRing("", {})
    if found.current not in found.keys or min(map(len, found.keys.values())) < MIN_KEY_BYTES:
        raise Misconfigured(
            f"SSM parameter {settings().param_prefix}/{PARAMETER} must be JSON like "
            '{"current": "k1", "keys": {"k1": "<32 bytes or more, base64>"}}'
        )
    return found
