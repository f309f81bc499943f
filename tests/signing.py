"""Signatures as Stripe makes them, for webhooks that tests send themselves."""

import hashlib
import hmac
import time


def header(body: bytes, secret: str, *, age: int = 0, scheme: str = "v1") -> str:
    """A `Stripe-Signature` header for the body, made `age` seconds ago."""
    sent = int(time.time()) - age
    signed = f"{sent}.".encode() + body
    return f"t={sent},{scheme}={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"
