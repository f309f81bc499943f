"""The key and certificate that webhooks are signed with, made anew by each process.

The certificate's name in its address is its fingerprint, so that nobody who keeps certificates by
address meets another one there after a restart.
"""

import base64
import uuid
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from localcloud.sandbox.paypal.orders import moment


@dataclass(frozen=True)
class Signer:
    """A private key, and its certificate as PEM under a name."""

    key: rsa.RSAPrivateKey
    pem: bytes
    name: str


@cache
def signer() -> Signer:
    """This process's own; valid from a day ago, for ten years."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "paypal-sandbox.invalid")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    name = f"CERT-{certificate.fingerprint(hashes.SHA256()).hex()[:24]}"
    return Signer(key, certificate.public_bytes(serialization.Encoding.PEM), name)


def headers(body: bytes, webhook_id: str, api: str, at: float | None = None) -> dict[str, str]:
    """The headers of one delivery; `at` is the time of sending, now if none is given.

    The signature covers `id|time|webhook id|crc32`, the last as an unsigned decimal.
    """
    made, identifier, sent = signer(), str(uuid.uuid4()), moment(at)
    message = f"{identifier}|{sent}|{webhook_id}|{zlib.crc32(body) & 0xFFFFFFFF}"
    signature = made.key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return {
        "PAYPAL-TRANSMISSION-ID": identifier,
        "PAYPAL-TRANSMISSION-TIME": sent,
        "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
        "PAYPAL-CERT-URL": f"{api}/paypal/certs/{made.name}",
        "PAYPAL-AUTH-ALGO": "SHA256withRSA",
    }
