"""Tokens: only ours are good, whoever makes them look like ours."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import boto3
import jwt
import pytest

from chalicelib.accounts import service, tokens
from chalicelib.accounts.rules import ACCESS_SECONDS, TokenRefused
from chalicelib.config import Misconfigured
from chalicelib.kernel import clock, keyring, parameters
from localcloud.settings import own_secrets
from tests.accounts import people


@pytest.fixture
def made(mailbox):
    people.register()
    return people.sign_in()


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, unchecked."""
    header, claims, _ = token.split(".")
    read = [json.loads(base64.urlsafe_b64decode(text + "==")) for text in (header, claims)]
    return read[0], read[1]


def sealed(header: dict[str, Any], claims: dict[str, Any], key: bytes | None = None) -> str:
    """A token with this header and these claims, signed with the stage's own key (or another)."""
    ring = keyring.ring()
    text = f"{part(header)}.{part(claims)}"
    mac = hmac.digest(key or ring.keys[ring.current], text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def with_header(token: str, **changes: Any) -> str:
    header, claims = opened(token)
    return sealed({**header, **changes}, claims)


def with_claims(token: str, key: bytes | None = None, **changes: Any) -> str:
    """The token signed anew, by our own key, with other claims; None leaves one out."""
    header, claims = opened(token)
    changed = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return sealed(header, changed, key)


def unsigned(token: str) -> str:
    header, claims = opened(token)
    return f"{part({**header, 'alg': 'none'})}.{part(claims)}."


def altered(token: str) -> str:
    header, _, mac = token.split(".")
    return f"{header}.{part({**opened(token)[1], 'role': 'ADMIN'})}.{mac}"


NOW = clock.now()
AHEAD = NOW + 3_600
# An RSA public key is public: signing with its text as if it were a secret must be of no use.
PUBLIC_KEY = (
    b"-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK\n-----END PUBLIC KEY-----\n"
)
JWK = {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("=")}
FORGED = {
    "none": unsigned,
    "none, with a signature": lambda t: with_header(t, alg="none"),
    "none in capitals": lambda t: with_header(t, alg="NONE"),
    "RS256, signed with a public key": lambda t: sealed(
        {**opened(t)[0], "alg": "RS256"}, opened(t)[1], PUBLIC_KEY
    ),
    "HS512": lambda t: jwt.encode(opened(t)[1], "x" * 64, "HS512", headers={"kid": "k1"}),
    "another key": lambda t: with_claims(t, key=b"x" * 32),
    "an empty key": lambda t: sealed(opened(t)[0], opened(t)[1], b"\x00"),
    "an unknown kid": lambda t: with_header(t, kid="k2"),
    "a kid that is a path": lambda t: with_header(t, kid="../../../../dev/null"),
    "a kid that is no text": lambda t: with_header(t, kid=["k1"]),
    "no kid": lambda t: sealed({"alg": "HS256", "typ": "JWT"}, opened(t)[1]),
    "jku": lambda t: with_header(t, jku="https://evil.test/keys"),
    "jwk": lambda t: with_header(t, jwk=JWK),
    "x5u": lambda t: with_header(t, x5u="https://evil.test/cert"),
    "crit": lambda t: with_header(t, crit=["exp"]),
    "no exp": lambda t: with_claims(t, exp=None),
    "no iat": lambda t: with_claims(t, iat=None),
    "no aud": lambda t: with_claims(t, aud=None),
    "no iss": lambda t: with_claims(t, iss=None),
    "no typ": lambda t: with_claims(t, typ=None),
    "no sub": lambda t: with_claims(t, sub=None),
    "no sid": lambda t: with_claims(t, sid=None),
    "expired": lambda t: with_claims(t, iat=NOW - 2_000, exp=NOW - 1),
    "exp as text": lambda t: with_claims(t, exp=str(AHEAD)),
    "exp as true": lambda t: with_claims(t, exp=True),
    "exp without end": lambda t: with_claims(t, exp=float("inf")),
    "not yet": lambda t: with_claims(t, nbf=AHEAD),
    "made in the future": lambda t: with_claims(t, iat=AHEAD, exp=AHEAD + 900),
    "another audience": lambda t: with_claims(t, aud="cartwright-admin"),
    "several audiences": lambda t: with_claims(t, aud=["cartwright-api", "other"]),
    "another stage": lambda t: with_claims(t, iss="cartwright-dev"),
    "another type": lambda t: with_claims(t, typ="refresh"),
    "another user": lambda t: with_claims(t, sub="usr_other"),
    "another session": lambda t: with_claims(t, sid="ses_other"),
    "altered payload": altered,
    "cut short": lambda t: t[:-1],
    "longer": lambda t: t + "A" * 4_000,
    "no token at all": lambda t: "Bearer",
    "deep JSON": lambda t: f"{base64.urlsafe_b64encode(b'[' * 1_200).decode()}.e30.e30",
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused(api, made, name):
    answer = api(
        "GET", "/api/user/sessions", Authorization=f"Bearer {FORGED[name](made.access_token)}"
    )
    assert answer.status_code == 401
    assert people.body(answer)["data"] is None


def test_control_the_honest_token_and_the_same_signed_again_are_taken(api, made):
    again = with_claims(made.access_token)
    for token in (made.access_token, again, with_claims(made.access_token, nbf=NOW - 1)):
        answer = api("GET", "/api/user/sessions", Authorization=f"Bearer {token}")
        assert answer.status_code == 200, people.body(answer)


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(made):
    with pytest.raises(TokenRefused):
        tokens.read_access(made.refresh_token, clock.now())
    with pytest.raises(TokenRefused):
        tokens.read_refresh(made.access_token)


@pytest.mark.parametrize(
    "name", ["jku", "jwk", "x5u", "crit"], ids=lambda name: f"header with {name}"
)
def test_control_without_the_look_at_the_header_a_stranger_field_passes(made, monkeypatch, name):
    monkeypatch.setattr(
        tokens, "_key_named", lambda header: keyring.ring().keys.get(header["kid"], b"")
    )
    if name == "crit":
        # PyJWT knows this one by itself.
        with pytest.raises(TokenRefused):
            tokens.read_access(FORGED[name](made.access_token), clock.now())
    else:
        assert tokens.read_access(FORGED[name](made.access_token), clock.now())


@pytest.mark.parametrize("name", ["expired", "not yet", "made in the future", "another type"])
def test_control_without_the_look_at_the_claims_they_pass(made, monkeypatch, name):
    forged = FORGED[name](made.access_token)
    with pytest.raises(TokenRefused):
        tokens.read_access(forged, clock.now())
    monkeypatch.setattr(tokens, "_check_claims", lambda claims, now: None)
    assert tokens.read_access(forged, clock.now())


def test_a_token_lives_for_fifteen_minutes(made):
    now = made.session.created_at
    assert tokens.read_access(made.access_token, now + ACCESS_SECONDS - 1)
    with pytest.raises(TokenRefused):
        tokens.read_access(made.access_token, now + ACCESS_SECONDS)


def turn_to(ring: str) -> None:
    """Put another ring into the stage's parameters, read at once."""
    boto3.client("ssm").put_parameter(
        Name="/cartwright/test/auth/keys", Value=ring, Type="SecureString", Overwrite=True
    )
    parameters.forget()


def test_turning_the_keys_signs_nobody_out(mailbox):
    turn_to(people.ring("k1"))
    people.register()
    old = people.sign_in()

    turn_to(people.ring("k2", "k1"))
    assert people.identify(old).user_id == old.user.user_id
    new = people.refresh(old.refresh_token)
    assert jwt.get_unverified_header(new.access_token)["kid"] == "k2"
    assert people.identify(new).session_id == old.session.session_id

    turn_to(people.ring("k2"))
    with pytest.raises(TokenRefused):
        people.identify(old)
    with pytest.raises(TokenRefused):
        people.refresh(old.refresh_token)
    assert people.identify(new)
    assert people.refresh(new.refresh_token)


def forged_refresh(good: str) -> list[str]:
    session_id, n, mac = good.split(".")
    other = mac[:-1] + ("A" if mac[-1] != "A" else "B")
    return [
        f"{session_id}.2.{mac}",
        f"{session_id}.0.{mac}",
        f"{session_id}.01.{mac}",
        f"ses_other.{n}.{mac}",
        f"{session_id}.{n}.",
        f"{session_id}.{n}",
        f"{session_id}.{n}.{other[::-1]}",
        f"{session_id}.{n}.{mac}.{mac}",
        f" {good}",
        f"{session_id}.-1.{mac}",
        "",
    ]


def test_a_forged_refresh_token_is_refused_and_reads_nothing(made, monkeypatch):
    monkeypatch.setattr(service.sessions, "living", None)
    for forged in forged_refresh(made.refresh_token):
        with pytest.raises(TokenRefused):
            people.refresh(forged)


def test_control_a_token_of_the_count_that_is_current_is_taken(made):
    # The very text that is refused above with another's mac.
    good = tokens.refresh(replace(made.session, n=2))
    assert tokens.read_refresh(good) == (made.session.session_id, 2)


def test_nothing_in_the_table_is_a_token(made):
    stored = json.dumps(people.session(made).attribute_values, default=str)
    assert made.refresh_token not in stored
    assert made.refresh_token.rpartition(".")[2] not in stored


LONG, SHORT = "A" * 44, base64.b64encode(b"x" * 31).decode()


@pytest.mark.parametrize(
    "ring",
    [
        "",
        "{}",
        "[]",
        "not JSON",
        json.dumps({"current": "k1", "keys": {}}),
        json.dumps({"current": "k2", "keys": {"k1": LONG}}),
        json.dumps({"current": "k1", "keys": {"k1": SHORT}}),
        json.dumps({"current": "k1", "keys": {"k1": LONG, "k2": "AAAA"}}),
        json.dumps({"current": "k1", "keys": {"k1": "no base64!"}}),
    ],
)
def test_a_bad_ring_is_told_by_its_parameter_and_not_by_its_value(monkeypatch, tables, ring):
    monkeypatch.setattr(keyring, "secrets", lambda: parameters.Secrets({"auth/keys": ring}))
    with pytest.raises(Misconfigured, match="auth/keys") as caught:
        keyring.ring()
    assert "AAAA" not in str(caught.value)


def test_the_local_shop_makes_itself_a_ring_and_keeps_it(tmp_path, monkeypatch, tables):
    (tmp_path / "secrets.json").write_text('{"admin/key": "kept"}')
    made = own_secrets(tmp_path)
    assert own_secrets(tmp_path) == made
    assert made["admin/key"] == "kept"
    monkeypatch.setattr(keyring, "secrets", lambda: parameters.Secrets(made))
    assert keyring.ring().current == "k1"
