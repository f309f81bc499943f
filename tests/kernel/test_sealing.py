"""Small secrets at rest: closed under the ring, opened in their own place, known again."""

import base64
import json

import pytest

from chalicelib.kernel import keyring, sealing
from chalicelib.kernel.keyring import KeyRing
from chalicelib.kernel.parameters import secrets
from chalicelib.kernel.sealing import Unsealable
from tests import stage

TEXT = "口令 8765 4321"
OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def turn(monkeypatch):
    """Sets the ring: the current key's name, and all keys by name."""

    def to(current: str, **keys: bytes) -> None:
        monkeypatch.setattr(sealing, "ring", lambda: KeyRing(current, keys))

    to("k1", k1=OLD)
    return to


def seal(text: str = TEXT, place: str = "pay_1") -> str:
    return sealing.seal("test", text, bound_to=place)


def unseal(sealed: str, place: str = "pay_1", purpose: str = "test") -> str:
    return sealing.unseal(purpose, sealed, bound_to=place)


def test_what_was_sealed_opens_and_shows_nothing_while_it_is_closed(turn):
    sealed = seal()
    assert unseal(sealed) == TEXT
    kid, _, rest = sealed.partition(".")
    assert kid == "k1"
    assert TEXT.encode() not in base64.urlsafe_b64decode(rest)


def test_the_same_text_is_sealed_differently_each_time(turn):
    assert len({seal() for _ in range(20)}) == 20


def test_it_opens_in_its_own_place_and_for_its_own_purpose_alone(turn):
    sealed = seal()
    with pytest.raises(Unsealable):
        unseal(sealed, place="pay_2")
    with pytest.raises(Unsealable):
        unseal(sealed, purpose="other")


@pytest.mark.parametrize("where", [0, 3, 15, -1])
def test_what_was_tampered_with_does_not_open(turn, where):
    kid, _, encoded = seal().partition(".")
    raw = bytearray(base64.urlsafe_b64decode(encoded))
    raw[where] ^= 1
    with pytest.raises(Unsealable):
        unseal(f"{kid}.{base64.urlsafe_b64encode(bytes(raw)).decode()}")


@pytest.mark.parametrize("junk", ["", ".", "k1", "k1.", "k1.!!", "k1.AAAA", "k2.AAAA", "k1.é"])
def test_junk_does_not_open(turn, junk):
    with pytest.raises(Unsealable):
        unseal(junk)


def test_an_old_key_opens_what_it_closed_until_it_leaves_the_ring(turn):
    sealed = seal()
    turn("k2", k1=OLD, k2=NEW)
    assert unseal(sealed) == TEXT
    assert seal().startswith("k2.")
    turn("k2", k2=NEW)
    with pytest.raises(Unsealable):
        unseal(sealed)


def test_a_text_is_known_again_while_any_key_that_knew_it_is_in_the_ring(turn):
    before = sealing.fingerprints("test", TEXT)
    turn("k2", k1=OLD, k2=NEW)
    after = sealing.fingerprints("test", TEXT)
    assert len(after) == 2
    assert set(before) < set(after)
    assert after[0] not in before, "the current key's is the first"
    assert not set(after) & set(sealing.fingerprints("test", TEXT + "1"))
    assert not set(after) & set(sealing.fingerprints("other", TEXT))


def test_neither_is_made_with_the_key_of_the_ring_itself(turn):
    """What signs cursors and tokens must not be what seals."""
    made = {sealing._derived(OLD, f"{kind}/test") for kind in ("seal", "know")}
    assert len(made) == 2
    assert OLD not in made


def test_the_stages_own_ring_seals(tables):
    assert unseal(seal()) == TEXT
    kid = json.loads(stage.SECRETS["auth/keys"])["current"]
    assert seal().startswith(f"{kid}.")
    assert secrets().required(keyring.PARAMETER) == stage.SECRETS["auth/keys"]
