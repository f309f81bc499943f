"""What the owner sets, and what they can't have meant."""

import pytest

from chalicelib.config import Misconfigured
from chalicelib.payments.providers.redpacket import provider
from chalicelib.payments.providers.redpacket.passphrase import PassphraseInvalid
from tests import stage

NAME = "alipay-redpacket"


def made(**configured: str):
    with stage.in_process({f"{NAME}/{name}": value for name, value in configured.items()}):
        return provider.make()._terms


def test_without_settings_it_works_with_what_is_usual():
    terms = made()
    assert (terms.cap, terms.hours, terms.pattern) == (20_000, 24, None)


def test_each_can_be_set():
    terms = made(cap="50000", hours="72", pattern="[0-9]{8}")
    assert (terms.cap, terms.hours) == (50_000, 72)
    assert terms.pattern.fullmatch("12345678")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cap", "0"),
        ("cap", "-1"),
        ("cap", "200.00"),
        ("cap", "二百"),
        ("hours", "0"),
        ("hours", "169"),
        ("hours", "a day"),
        ("pattern", "[0-9"),
        ("pattern", "x" * 201),
    ],
)
def test_what_can_not_be_meant_switches_it_off_and_is_named_without_its_value(name, value):
    with pytest.raises(Misconfigured) as caught:
        made(**{name: value})
    assert f"{NAME}/{name}" in str(caught.value)
    assert f" {value}" not in str(caught.value)


def test_the_pattern_is_for_the_whole_passphrase(deal, monkeypatch):
    from dataclasses import replace

    from chalicelib.payments import registry

    found = registry.provider(NAME)
    terms = replace(found._terms, pattern=provider._pattern("[0-9]{8}"))
    monkeypatch.setattr(found, "_terms", terms)
    for wrong in ("1234567", "123456789", "a12345678"):
        with pytest.raises(PassphraseInvalid):
            deal.submit_proof(wrong)
    deal.submit_proof("１２３４５６７８")
    assert deal.proofs()[0].masked.endswith("78")
