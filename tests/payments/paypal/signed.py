"""A webhook that PayPal could have signed, and a network that has its certificate."""

import base64
import io
from datetime import UTC, datetime, timedelta

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from chalicelib.kernel import clock
from chalicelib.payments.ports import SignatureInvalid

WEBHOOK_ID = "1AB23456CD789012E"
BODY = (
    b'{"id":"WH-TEST-1","event_version":"1.0","create_time":"2026-01-01T00:00:00.000Z",'
    b'"resource_type":"capture","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":'
    b'"CAP-TEST-1","status":"COMPLETED","amount":{"currency_code":"USD","value":"12.50"},'
    b'"custom_id":"ORDER-1001","supplementary_data":{"related_ids":{"order_id":'
    b'"5O190127TN364715T"}}}}'
)
CRC = 1492867239
SIGNATURE = (
    "blTwJqpTPf46iG6/6JWBi6HiGnn6bmhcWsS1qkxnhNQ/F51paLUXjLYZRZqeFrM8pStPVijP3wdRlLFAkJwKNnaNTKQszB"
    "+bTRgttvjkCduVoqHf81RP9+wo69OEm3rLPnsvhSdUSqkXwA1kunp2eHvn4J/AAPtlfvHUSbjPQGnjz7lC4XSkPB/JIU2y"
    "ZXz6fA0oLPaxlgOYP4gPTT3JPTnG83kuZjalzpSEDRgIiOI7j9dRE6bJHxGH/ZyAgsXmcyJUZLb8/SHoLSLbsIsFfnivdI"
    "AT18QBM59gW+HHBB78GMXz4y7SvWbdlq9IC1aY5pEOE6U5ngO7nuM2tZI8xg=="
)
PEM = b"""-----BEGIN CERTIFICATE-----
MIICtzCCAZ+gAwIBAgIBATANBgkqhkiG9w0BAQsFADAeMRwwGgYDVQQDDBN0ZXN0
LXZlY3Rvci5pbnZhbGlkMCAXDTIwMDEwMTAwMDAwMFoYDzIxMDAwMTAxMDAwMDAw
WjAeMRwwGgYDVQQDDBN0ZXN0LXZlY3Rvci5pbnZhbGlkMIIBIjANBgkqhkiG9w0B
AQEFAAOCAQ8AMIIBCgKCAQEA2TakC0dbNW7Hf/mnDl3PPlzUSM01+WhhGundIJCm
CLVbp42XvDunmhpejU86Ye9yq+oPTUX2oFkbxfYTDKJe6A38KPigL/1+AmFrTnov
+A5aSXgZ9+Kitp71J2BCisYq0JofBKlhIX7O1bVtpw3K0LeyWHXkOLFftjNfMmAd
YcMFt1qmvfFo+3hrbNAIfvp9XEIjFeFDbeQYlplU8ua+mJFOaMy1z9ImHQqNk7ia
SYUy1Cqf/mn0h5UOoM3XTQ6UUsSqIfk9cXvYnaQN9ydTfudvQ2yygFSB0MNEi7Fp
W1UyQYbaAlqGaPfQdJxO0Sm+3n2JvbPLqFcOxnT827H5jQIDAQABMA0GCSqGSIb3
DQEBCwUAA4IBAQB8SK6IgH3+souuDc3nOH8GvTrcLi3uJ0+Dy3yACNXpgkqwOzIu
O59Ls40iu/RYIvOx0/BVTQgHB8Aj8E0qUCJSpLhGZp57FrtNKRzhXs5fuVK3iM8G
XgjlXp7yNRdhVj/FzXPW/l2cDy8hMReOo0rza7CYgpneitpK5Jl3Bacp8beaVkbz
zLCGkDuVBhfpvD38uyo9Nfl4eRzDelH1TjSiI0uXizmVW7EhWXkKnJffcH9kM8xb
wIvWcLjyqPLia7R5QZKb58mnjPVCbBzZiqLb/3RnLmzZIwtzYxhWDPYg/zKqBpCy
Z1Ulb31+/QRskTYDt3dRvEjeTgLR8ukpCLBQ
-----END CERTIFICATE-----
"""
CERT_URL = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42"
SENT_AT = "2026-01-01T00:00:01Z"
NOW = clock.epoch(SENT_AT)
HEADERS = {
    "paypal-transmission-id": "00000000-1111-2222-3333-444444444444",
    "paypal-transmission-time": SENT_AT,
    "paypal-transmission-sig": SIGNATURE,
    "paypal-cert-url": CERT_URL,
    "paypal-auth-algo": "SHA256withRSA",
}


class Network:
    """Answers every address with what a test put there, by default the vector's certificate."""

    def __init__(self):
        self.asked: list[str] = []
        self.proxies: list[dict] = []
        self.answers: dict[str, tuple[int, bytes, dict]] = {}
        self.default = (200, PEM, {})

    def send(self, adapter, request, proxies=None, **_):
        self.asked.append(request.url)
        self.proxies.append(dict(proxies or {}))
        status, body, headers = self.answers.get(request.url, self.default)
        if status == 0:
            raise requests.ConnectTimeout("nobody there")
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = status, request.url, request
        answer.raw = io.BytesIO(body)
        answer.headers.update(headers)
        return answer


def believes(provider, body=BODY, now=NOW, **changed) -> bool:
    """Whether a webhook passes; headers by their names with underscores, None takes one away."""
    headers = HEADERS | {name.replace("_", "-"): value for name, value in changed.items()}
    try:
        provider.verify(body, {k: v for k, v in headers.items() if v is not None}, now=now)
    except SignatureInvalid:
        return False
    return True


class Key:
    """A key of the test's own with a certificate, for signatures that the vector does not have."""

    def __init__(self, bits=2048, days=(-1, 1), key=None):
        self.key = key or rsa.generate_private_key(public_exponent=65537, key_size=bits)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test.invalid")])
        now = datetime.fromtimestamp(NOW, UTC)
        self.pem = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(self.key.public_key()).serial_number(7)
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )  # fmt: skip

    def sign(self, crc: str, how=None, digest=None, time=SENT_AT) -> str:
        message = f"{HEADERS['paypal-transmission-id']}|{time}|{WEBHOOK_ID}|{crc}"
        made = self.key.sign(message.encode(), how or padding.PKCS1v15(), digest or hashes.SHA256())
        return base64.b64encode(made).decode()
