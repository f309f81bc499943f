"""A red packet is decided on once, whoever else decides, and whatever dies in between."""

import itertools

import pytest

from chalicelib.kernel import clock
from chalicelib.payments.providers.redpacket import tables as kept
from chalicelib.payments.providers.redpacket.provider import DecidedAlready, PacketNotNamed
from chalicelib.settlement import manual_confirmation
from tests import factory
from tests.kernel.envelope import refused
from tests.payments.redpacket.world import (
    DUE,
    OTHER,
    SOLD,
    reasons,
)
from tests.payments.redpacket.world import deal as another

PAID, WAITS = ("PAID", "SUCCESS"), ("PENDING", "PROCESSING")


def test_said_again_nothing_more_happens(deal):
    deal.submit_proof()
    before = deal.confirm()
    assert deal.confirm() == before
    assert deal.confirm(by="key:another") == before
    assert factory.stock("mug") == SOLD
    rejected = another(deal.shop, 1)
    rejected.submit_proof(OTHER)
    before = rejected.reject()
    assert rejected.reject() == before
    assert reasons(rejected) == ["placed", "proof_rejected"]


@pytest.mark.parametrize("second", ["other sum", "rejected"])
def test_what_is_decided_is_not_decided_otherwise(deal, second):
    deal.submit_proof()
    deal.confirm()
    with pytest.raises(DecidedAlready):
        deal.reject() if second == "rejected" else deal.confirm(DUE + 1)
    assert deal.states == PAID


def decided_at_once(deal, monkeypatch) -> None:
    """Two administrators look at the same packet: one confirms it, the other rejects it."""
    deal.submit_proof()
    stale, packet = kept.read(deal.payment_id), deal.newest()
    old = deal.order, deal.payment
    deal.confirm(10_000)
    looks = itertools.chain([stale], itertools.repeat(None))
    finds = itertools.chain([old], itertools.repeat(None))
    real_read, real_find = kept.read, manual_confirmation.find
    monkeypatch.setattr(kept, "read", lambda payment_id: next(looks) or real_read(payment_id))
    monkeypatch.setattr(
        manual_confirmation, "find", lambda payment_id: next(finds) or real_find(payment_id)
    )
    deal.reject(packet=packet)


def test_of_two_administrators_at_once_one_decides(deal, monkeypatch):
    with pytest.raises(DecidedAlready):
        decided_at_once(deal, monkeypatch)
    (one,) = deal.proofs()
    assert (one.status, one.decision.received.amount) == ("CONFIRMED", 10_000)
    assert deal.states == WAITS


def test_control_without_the_turn_the_second_wipes_the_money_out(deal, monkeypatch):
    monkeypatch.setattr(
        kept, "change", lambda tx, after, on_condition_failed=None: tx.put(kept._item_of(after))
    )
    decided_at_once(deal, monkeypatch)
    (one,) = deal.proofs()
    assert one.status == "REJECTED"


def test_with_several_the_one_that_is_meant_must_be_named(deal):
    """One administrator's second click must not hit the packet that came after."""
    deal.submit_proof()
    assert deal.as_owner("/reject", {"reason": "INVALID"}).status_code == 200
    deal.submit_proof(OTHER)
    refusal = refused(deal.as_owner("/confirm", {"received": DUE}), 422, "RED_PACKET_NOT_NAMED")
    assert refusal["errors"][0]["field"] == "packetId"
    with pytest.raises(PacketNotNamed):
        manual_confirmation.confirm(deal.payment_id, None, DUE, by="key:admin", now=clock.now())
    refused(
        deal.as_owner("/confirm", {"received": DUE, "packetId": "rpk_none"}),
        404,
        "RED_PACKET_NOT_FOUND",
    )
    refusal = deal.as_owner("/confirm", {"received": DUE, "packetId": deal.newest()})
    assert refusal.json_body["data"]["status"] == "SUCCESS"


def test_a_function_that_dies_in_between_has_decided_nothing(deal, monkeypatch):
    """Decision and order are one transaction: without the order's part there is no
    decision."""
    deal.submit_proof()

    def crash(*_, **__):
        raise RuntimeError("the function ended here")

    with monkeypatch.context() as broken:
        broken.setattr(manual_confirmation.outcomes.payments, "conclude", crash)
        with pytest.raises(RuntimeError):
            deal.confirm()
    assert deal.proofs()[0].status == "WAITING"
    assert deal.states == WAITS
    deal.confirm()
    assert deal.states == PAID
