"""PayPal's webhook signature, checked offline by the certificate it was made with.

Source: developer.paypal.com/api/rest/webhooks/rest. The signature covers
`transmission_id|transmission_time|webhook_id|crc32`: the crc32 of the raw body as an unsigned
decimal, and the webhook id that PayPal gave *us*, never one from the request. It is RSA with
PKCS#1 v1.5 and SHA-256, in base64.

What makes the certificate PayPal's: it came over TLS, checked as any other, from one of the four
hosts below, from where PayPal keeps certificates, by an address without port, user, query or
redirect. Its dates are checked, its key must be RSA of 2048 bits or more. Not checked: its issuers
and its subject. Whoever can put a file there needs no forged certificate.

Anybody may post a forgery, so what can be refused without a call is: only what could be a webhook
of PayPal's in every header makes the shop fetch a certificate that it does not have. Of one address
one fetch is under way at a time, what came of it is remembered, good or bad, and who makes the shop
fetch is counted by their address of the net (`CERTIFICATES`).
"""

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

import requests

from chalicelib.kernel import cache, clock, deadline, rates
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.kernel.limits import QUARTER, Rate
from chalicelib.payments.ports import SignatureInvalid
from chalicelib.payments.providers.paypal.calls import TIMEOUT_SECONDS, read_most

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

ALGORITHM = "SHA256withRSA"
# A webhook is sent again for three days, and PayPal does not say whether the time is the first
# try's: an hour more is for the last of them. That old a copy does no harm, since a webhook only
# makes the shop ask PayPal. The future gets what clocks may differ.
OLDEST_SECONDS = 3 * 86_400 + 3600
FUTURE_SECONDS = 300
MOST_BYTES = 65_536
LEAST_KEY_BITS, MOST_KEY_BITS = 2048, 8192
MOST_CERTIFICATES = 16
# A certificate is read anew each day: PayPal may take one back.
KEPT_SECONDS = 86_400
# That there is none at an address is believed for so long, and that its server is busy.
NONE_SECONDS, BUSY_SECONDS = 3600, 30
MOST_FAILURES = 2_000
# Fetches that calls from one address of the net may cause. PayPal uses one certificate or two, and
# a function needs each once: this is some twenty functions that begin at once.
CERTIFICATES = Rate("paypal-certificates", 20, QUARTER)
# One fetch at a time for each of so many groups of addresses, whichever they are.
TURNS = 16

# A whole pattern and no URL parser: two parsers may read one odd address in two ways.
_AT_PAYPAL = (
    r"https://api(?:-m)?(?:\.sandbox)?\.paypal\.com/v1/notifications/certs/[A-Za-z0-9-]{1,100}"
)
_PARTS = {
    "id": re.compile(r"[A-Za-z0-9-]{1,100}"),
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.A),
}


@dataclass(frozen=True)
class Cause:
    """Who makes the shop fetch: their identity by the address of the net, and when. Of `""` no
    allowance is spent: nobody asks from outside."""

    caller: str
    now: int


class Certificates:
    """Certificates by their address, and what became of fetching those that there are not.

    `local`: a pattern of further addresses, for the payment sandbox on this machine.
    """

    def __init__(self, local: str | None = None) -> None:
        self._allowed = re.compile(f"{_AT_PAYPAL}|{local}" if local else _AT_PAYPAL)
        self._known: cache.Memory[Certificate] = cache.Memory(
            seconds=KEPT_SECONDS, size=MOST_CERTIFICATES
        )
        self._none: cache.Memory[bool] = cache.Memory(seconds=NONE_SECONDS, size=MOST_FAILURES)
        self._busy: cache.Memory[bool] = cache.Memory(seconds=BUSY_SECONDS, size=MOST_FAILURES)
        self._turns = [Lock() for _ in range(TURNS)]

    def at(self, url: str, cause: Cause) -> "Certificate":
        """The certificate there. Raises SignatureInvalid for an address that is not PayPal's or
        has no certificate, ProviderBusy when PayPal's server can't be reached, TooMany when calls
        from there have made the shop fetch often enough."""
        if not self._allowed.fullmatch(url):
            raise SignatureInvalid()
        found = self._known.get(url)
        if found is None:
            with self._turns[zlib.crc32(url.encode()) % TURNS]:
                # Whoever waited for somebody else's fetch has its answer.
                found = self._known.get(url) or self._fetch(url, cause)
        return found

    def _fetch(self, url: str, cause: Cause) -> "Certificate":
        if self._none.get(url):
            raise SignatureInvalid()
        if self._busy.get(url):
            raise ProviderBusy()
        if cause.caller:
            rates.spend(CERTIFICATES, cause.caller, now=cause.now)
        try:
            found = _read(_fetched(url))
        except SignatureInvalid:
            self._none.set(url, True)
            raise
        except ProviderBusy:
            self._busy.set(url, True)
            raise
        self._known.set(url, found)
        return found


def check(
    body: bytes,
    headers: Mapping[str, str],
    webhook_id: str,
    certificates: Certificates,
    cause: Cause,
) -> None:
    """Raises SignatureInvalid unless PayPal sent exactly these bytes to this webhook, lately.

    ProviderBusy when its certificate can't be had, TooMany when too many were asked for: PayPal
    sends the webhook again.
    """
    identifier, sent_at = _header(headers, "id"), _header(headers, "time")
    try:
        signature = base64.b64decode(_header(headers, "sig"), validate=True)
        sent = clock.epoch(sent_at)
    except (binascii.Error, ValueError, OverflowError) as error:
        raise SignatureInvalid() from error
    # As long as the key that made it.
    if not LEAST_KEY_BITS <= len(signature) * 8 <= MOST_KEY_BITS:
        raise SignatureInvalid()
    if not -FUTURE_SECONDS <= cause.now - sent <= OLDEST_SECONDS:
        raise SignatureInvalid()
    if headers.get("paypal-auth-algo") != ALGORITHM:
        raise SignatureInvalid()
    # Last: only what may be true makes the shop call out.
    certificate = certificates.at(headers.get("paypal-cert-url", ""), cause)
    message = f"{identifier}|{sent_at}|{webhook_id}|{zlib.crc32(body) & 0xFFFFFFFF}"
    _verify(certificate, signature, message.encode(), cause.now)


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(f"paypal-transmission-{name}", "")
    pattern = _PARTS.get(name)
    if not value.isascii() or (pattern and not pattern.fullmatch(value)):
        raise SignatureInvalid()
    return value


def _fetched(url: str) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        try:
            with session.get(
                url,
                timeout=deadline.timeouts(*TIMEOUT_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code == 429 or answer.status_code >= 500:
                    raise ProviderBusy()
                if answer.status_code != 200:
                    raise SignatureInvalid()
                return read_most(answer, MOST_BYTES)
        except requests.RequestException as error:
            raise ProviderBusy() from error


def _read(pem: bytes) -> "Certificate":
    # Here, for all the calls that verify nothing: it is slow to load.
    from cryptography import x509

    try:
        # Issuers may follow; the first is the one that signs.
        return x509.load_pem_x509_certificates(pem)[0]
    except (ValueError, IndexError) as error:
        raise SignatureInvalid() from error


def _verify(certificate: "Certificate", signature: bytes, message: bytes, now: int) -> None:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    moment = datetime.fromtimestamp(now, UTC)
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise SignatureInvalid()
    try:
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_KEY_BITS:
            raise SignatureInvalid()
        key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise SignatureInvalid() from error
