"""Small secrets at rest: sealed, and known again without being opened.

    sealed = sealing.seal("red-packet", text, bound_to=payment_id)
    sealing.unseal("red-packet", sealed, bound_to=payment_id)

AES-256-GCM (NIST SP 800-38D) under keys that follow from the stage's ring by HKDF (RFC 5869), one
for each purpose. What is sealed names its key, so that the ring may turn: an old key opens what it
closed until it leaves the ring, and then nothing does. `bound_to` is what the secret belongs to:
moved to another place it does not open.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.keyring import ring

KEY_BYTES = 32
# Random, as a purpose seals far fewer than the 2^32 texts that 96 bits are good for.
NONCE_BYTES = 12


class Unsealable(Conflict):
    """Sealed under a key that has left the ring, for something else, or tampered with."""

    code = "SEALED_FOR_GOOD"


def seal(purpose: str, text: str, *, bound_to: str) -> str:
    """`<key>.<base64>`; the same text is sealed differently each time."""
    found = ring()
    nonce = secrets.token_bytes(NONCE_BYTES)
    cipher = AESGCM(_derived(found.keys[found.current], f"seal/{purpose}"))
    closed = nonce + cipher.encrypt(nonce, text.encode(), bound_to.encode())
    return f"{found.current}.{base64.urlsafe_b64encode(closed).decode()}"


def unseal(purpose: str, sealed: str, *, bound_to: str) -> str:
    """The text. Raises Unsealable."""
    kid, _, encoded = sealed.rpartition(".")
    key = ring().keys.get(kid)
    if key is None:
        raise Unsealable()
    try:
        closed = base64.b64decode(encoded, b"-_", validate=True)
        cipher = AESGCM(_derived(key, f"seal/{purpose}"))
        nonce, rest = closed[:NONCE_BYTES], closed[NONCE_BYTES:]
        return cipher.decrypt(nonce, rest, bound_to.encode()).decode()
    except (binascii.Error, ValueError, InvalidTag) as error:
        raise Unsealable() from error


def fingerprints(purpose: str, text: str) -> list[str]:
    """What tells a text from others without telling it: an HMAC under each key of the ring, the
    current one's first. A plain digest would let whoever reads the table try short texts out."""
    found = ring()
    names = sorted(found.keys, key=lambda kid: (kid != found.current, kid))
    return [_mac(_derived(found.keys[kid], f"know/{purpose}"), text) for kid in names]


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _derived(key: bytes, purpose: str) -> bytes:
    info = f"cartwright/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)
