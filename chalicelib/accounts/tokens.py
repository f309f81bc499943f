"""Access tokens (JWT) and refresh tokens; both are signed with the ring of kernel/keyring.py."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.accounts.rules import ACCESS_SECONDS, Session, TokenRefused, User
from chalicelib.config import settings
from chalicelib.kernel.ids import is_id, token
from chalicelib.kernel.keyring import ring
from chalicelib.kernel.web import security

ALGORITHM = "HS256"
AUDIENCE = "cartwright-api"
ACCESS = "access"
MAX_TOKEN = 2_048
# Clocks of two functions differ a little; a token from further ahead was not made by one.
SLACK_SECONDS = 5
_TEXTS = ("iss", "aud", "sub", "sid", "role", "typ", "jti")
_TIMES = ("iat", "exp")
_HEADER = {"alg", "typ", "kid"}
_PARTS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_REFRESH = re.compile(r"([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Claims:
    """What a good access token says: whose it is, and of which session."""

    user_id: str
    session_id: str


def issuer() -> str:
    """Who makes our tokens: this stage, and no other."""
    return f"cartwright-{settings().stage}"


def access(user: User, session: Session, now: int) -> str:
    """An access token, good for 15 minutes if its session lives that long."""
    import jwt

    keys = ring()
    claims = {
        "iss": issuer(),
        "aud": AUDIENCE,
        "sub": user.user_id,
        "sid": session.session_id,
        "role": user.role.value,
        "typ": ACCESS,
        "iat": now,
        "exp": now + ACCESS_SECONDS,
        "jti": token(),
    }
    return jwt.encode(claims, keys.keys[keys.current], ALGORITHM, headers={"kid": keys.current})


def read_access(text: str, now: int) -> Claims:
    """What a token says, once it is known to be ours and of now. Raises TokenRefused.

    The header only chooses among our own keys: not the algorithm, and no address to fetch one from.
    """
    import jwt

    if len(text) > MAX_TOKEN or not _PARTS.fullmatch(text):
        raise TokenRefused()
    try:
        header = jwt.get_unverified_header(text)
        claims = jwt.decode(
            text,
            _key_named(header),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=issuer(),
            # Times are compared below: with the time of the call, which tests can move.
            options={
                "require": [*_TEXTS, *_TIMES],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused() from error
    _check_claims(claims, now)
    return Claims(claims["sub"], claims["sid"])


def refresh(session: Session) -> str:
    """The session's current refresh token, `<session>.<n>.<mac>`.

    It follows from the session and its count, so two that refresh at once get the same one, and
    nothing has to be stored that could be stolen.
    """
    keys = ring()
    mac = _mac(keys.keys[keys.current], session.session_id, session.n)
    return f"{session.session_id}.{session.n}.{mac}"


def read_refresh(text: str) -> tuple[str, int]:
    """Session and count of a refresh token that we made. Raises TokenRefused."""
    match = _REFRESH.fullmatch(text) if len(text) <= MAX_TOKEN else None
    if match is None:
        raise TokenRefused()
    session_id, n, mac = match[1], int(match[2]), match[3]
    # All of them each time: no key is told apart by how long it takes.
    good = [security.same(mac, _mac(key, session_id, n)) for key in ring().keys.values()]
    if not any(good) or not is_id(session_id):
        raise TokenRefused()
    return session_id, n


def _key_named(header: Mapping[str, Any]) -> bytes:
    kid = header.get("kid")
    # Whatever else a header asks for (jku, jwk, x5u, crit …) is none of ours.
    if set(header) != _HEADER or not isinstance(kid, str) or kid not in ring().keys:
        raise ValueError("not a header of ours")
    return ring().keys[kid]


def _check_claims(claims: Mapping[str, Any], now: int) -> None:
    texts = all(isinstance(claims[name], str) for name in _TEXTS)
    times = [claims[name] for name in (*_TIMES, "nbf") if name in claims]
    # bool is an int to Python, and a float could be Infinity.
    if not texts or not all(type(time) is int for time in times):
        raise TokenRefused()
    started = max(claims["iat"], claims.get("nbf", 0)) <= now + SLACK_SECONDS
    if claims["typ"] != ACCESS or claims["exp"] <= now or not started:
        raise TokenRefused()


def _mac(key: bytes, session_id: str, n: int) -> str:
    # A key of its own: no text that is signed for one kind of token is good for the other.
    own = hmac.digest(key, b"refresh", hashlib.sha256)
    made = hmac.digest(own, f"{session_id}.{n}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
