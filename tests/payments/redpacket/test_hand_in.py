"""The buyer's side: what is told, what is taken, and what is kept of it."""

import itertools

import pytest

from chalicelib.checkout import paying
from chalicelib.kernel import clock, sealing
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.payments.providers.redpacket import tables as kept
from chalicelib.payments.providers.redpacket.passphrase import PassphraseInvalid, cleaned, masked
from chalicelib.payments.providers.redpacket.provider import ProofTooLate, TriesUsed
from chalicelib.payments.providers.redpacket.tables import PassphraseUsed
from chalicelib.payments.rules import NothingToHandIn
from chalicelib.settlement import reconcile
from tests import factory
from tests.kernel.envelope import refused
from tests.payments.redpacket.world import (
    DUE,
    FULL,
    HELD,
    HOUR,
    KEY,
    LATER,
    NAME,
    OTHER,
    PASSPHRASE,
    Deal,
)
from tests.payments.redpacket.world import deal as another


def test_the_buyer_is_sent_to_the_orders_own_page_and_told_what_to_do(deal):
    assert deal.placed.url == deal.order.page
    answer = deal.as_buyer()
    assert answer["instructions"] == {
        "kind": "PASSPHRASE",
        "facts": {
            "amount": "135.00 CNY",
            "cap": "200.00 CNY",
            "packets": "1",
            "until": clock.iso(deal.order.expires_at),
        },
    }
    assert answer["handedIn"] == []


@pytest.mark.parametrize(("quantity", "packets"), [(3, "1"), (4, "2"), (5, "2")])
def test_a_sum_above_the_cap_takes_several_packets(yuan, quantity, packets):
    # Of 50.00 each, and 35.00 for the post: 185.00, 235.00, 285.00.
    facts = another(yuan, quantity).as_buyer()["instructions"]["facts"]
    assert facts["packets"] == packets


def test_what_is_handed_in_is_on_its_way_and_seen_by_its_last_letters(deal):
    order, payment = deal.submit_proof()
    assert (order.status, payment.status) == ("PENDING", "PROCESSING")
    (one,) = deal.as_buyer()["handedIn"]
    assert (one["masked"], one["status"], one["reason"]) == ("••••暗号", "WAITING", None)
    assert factory.stock("mug") == HELD


def test_handed_in_over_http(deal):
    path = f"/api/payment/verify/{deal.payment_id}"
    token = {"X-Order-Token": deal.placed.order.access_token}
    data = deal.shop.call("POST", path, {"passphrase": PASSPHRASE}, **token).json_body["data"]
    assert data["status"] == "PROCESSING"
    assert data["instructions"]["kind"] == "PASSPHRASE"
    bad = refused(
        deal.shop.call("POST", path, {"passphrase": "a\u200bb"}, **token), 422, "PASSPHRASE_INVALID"
    )
    assert bad["errors"][0]["field"] == "passphrase"
    assert deal.shop.call("POST", path, {"passphrase": "x" * 65}, **token).status_code == 422
    refused(deal.shop.call("POST", path, {"passphrase": OTHER}), 404, "PAYMENT_NOT_FOUND")


def test_handed_in_twice_it_is_one(deal):
    deal.submit_proof()
    deal.submit_proof()
    deal.submit_proof(f"  {PASSPHRASE}  ")
    assert len(deal.proofs()) == 1


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (" 12345678\n", "12345678"),
        ("１２３４", "1234"),
        ("恭喜发财", "恭喜发财"),
        ("x" * 64, "x" * 64),
    ],
)
def test_a_passphrase_is_read_as_it_is_meant(given, text):
    assert cleaned(given, None) == text


@pytest.mark.parametrize("given", ["", "   ", "x" * 65, "a\x00b", "a\nb", "a\u202eb", "ﷺ" * 60])
def test_what_nobody_can_see_or_is_too_long_is_refused(given):
    with pytest.raises(PassphraseInvalid):
        cleaned(given, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12345678", "••••78"), ("123456", "••••56"), ("12345", "••••"), ("1", "••••")],
)
def test_a_mask_shows_two_letters_and_of_short_ones_none(text, expected):
    assert masked(text) == expected


def test_a_passphrase_of_another_order_is_refused_and_moves_nothing(yuan, deal):
    deal.submit_proof()
    second = another(yuan, 1)
    with pytest.raises(PassphraseUsed):
        second.submit_proof()
    # Full-width digits are the same digits.
    with pytest.raises(PassphraseUsed):
        second.submit_proof("８765 4321 暗号")
    assert second.states == ("PENDING", "PENDING")
    assert second.proofs() == []
    second.submit_proof(OTHER)
    assert second.states == ("PENDING", "PROCESSING")


def test_control_without_the_condition_one_passphrase_pays_two_orders(yuan, deal, monkeypatch):
    deal.submit_proof()
    second = another(yuan, 1)
    put = Transaction.put

    def careless(tx, item, *, condition=None, on_condition_failed=None):
        if isinstance(item, kept.MarkItem):
            return put(tx, item)
        return put(tx, item, condition=condition, on_condition_failed=on_condition_failed)

    monkeypatch.setattr(Transaction, "put", careless)
    second.submit_proof()
    assert [len(one.proofs()) for one in (deal, second)] == [1, 1]


def test_a_passphrase_is_known_again_after_the_keys_have_turned(yuan, deal, monkeypatch):
    deal.submit_proof()
    old = sealing.ring()
    turned = type(old)("k2", {**old.keys, "k2": b"n" * 32})
    monkeypatch.setattr(sealing, "ring", lambda: turned)
    with pytest.raises(PassphraseUsed):
        another(yuan, 1).submit_proof()
    deal.submit_proof()
    assert len(deal.proofs()) == 1, "for its own order it is the same one"


def at_once(deal: Deal, monkeypatch) -> None:
    """Two tabs of one buyer that both read the book while it is empty."""
    stale = kept.read(deal.payment_id)
    deal.submit_proof(PASSPHRASE)
    looks = itertools.chain([stale], itertools.repeat(None))
    real = kept.read
    monkeypatch.setattr(kept, "read", lambda payment_id: next(looks) or real(payment_id))
    deal.submit_proof(OTHER)


def test_of_two_handed_in_at_once_none_is_lost(deal, monkeypatch):
    at_once(deal, monkeypatch)
    assert len(deal.proofs()) == 2


def test_control_without_the_turn_the_second_overwrites_the_first(deal, monkeypatch):
    monkeypatch.setattr(
        kept, "change", lambda tx, after, on_condition_failed=None: tx.put(kept._item_of(after))
    )
    at_once(deal, monkeypatch)
    assert len(deal.proofs()) == 1


def test_tries_are_counted_and_bounded(deal):
    for number in range(6):
        deal.submit_proof(f"wrong {number} wrong")
        deal.reject()
    with pytest.raises(TriesUsed):
        deal.submit_proof()


def test_asking_for_other_peoples_passphrases_uses_tries_up(yuan, deal):
    deal.submit_proof()
    second = another(yuan, 1)
    for _ in range(6):
        with pytest.raises(PassphraseUsed):
            second.submit_proof()
    with pytest.raises(TriesUsed):
        second.submit_proof(OTHER)


def test_a_crash_between_book_and_order_is_found_by_asking(deal, monkeypatch):
    def crash(*_, **__):
        raise RuntimeError("the function ended here")

    with monkeypatch.context() as broken:
        broken.setattr(paying.outcomes, "apply", crash)
        with pytest.raises(RuntimeError):
            deal.submit_proof()
    assert deal.states == ("PENDING", "PENDING")
    reconcile.poll_open_payments(clock.now() + reconcile.USUAL_SECONDS + 1)
    assert deal.states == ("PENDING", "PROCESSING")


def test_nobody_hands_in_and_the_order_ends_as_any_other(deal):
    deal.sweep(after=LATER)
    assert deal.states == ("CANCELLED", "EXPIRED")
    assert factory.stock("mug") == FULL
    with pytest.raises(ProofTooLate):
        deal.submit_proof()


def test_what_waits_keeps_its_units_over_night(deal):
    deal.submit_proof()
    for hours in (1, 3, 8, 23):
        deal.sweep(after=hours * HOUR)
        assert deal.states == ("PENDING", "PROCESSING")
    assert factory.stock("mug") == HELD


def test_after_its_deadline_it_ends_and_the_units_go_back(deal):
    deal.submit_proof()
    for hours in (1, 23, 25):
        deal.sweep(after=hours * HOUR)
    assert deal.states == ("CANCELLED", "EXPIRED")
    assert factory.stock("mug") == FULL


def test_control_without_the_owners_time_it_ends_with_the_page(deal, monkeypatch):
    from chalicelib.payments.providers.redpacket.book import Book

    deal.submit_proof()
    monkeypatch.setattr(Book, "waits", lambda book, now: False)
    deal.sweep(after=LATER)
    assert deal.states == ("CANCELLED", "EXPIRED")


def test_a_closed_page_takes_no_more(deal):
    deal.submit_proof()
    deal.sweep(after=HOUR)
    with pytest.raises(ProofTooLate):
        deal.submit_proof(OTHER)


def test_another_method_closes_it(deal):
    found = paying.pay(deal.order.order_id, "stripe", deal.holder, now=clock.now())
    assert found.payment.provider == "stripe"
    assert deal.payment.status == "EXPIRED"
    with pytest.raises(ProofTooLate):
        deal.submit_proof()


def test_while_one_waits_no_other_method_is_begun(deal):
    deal.submit_proof()
    path = f"/api/orders/{deal.order.order_id}/pay"
    token = {"X-Order-Token": deal.placed.order.access_token}
    refused(deal.shop.call("POST", path, {"method": "stripe"}, **token), 409, "PAYMENT_UNDER_WAY")


def test_a_card_payment_takes_no_passphrase(yuan):
    card = another(yuan, 1, method="stripe")
    with pytest.raises(NothingToHandIn):
        card.submit_proof()
    refused(card.as_owner("/reveal", {}), 409, "NOTHING_TO_DECIDE")
    refused(card.as_owner("/confirm", {"received": 1}), 409, "NOTHING_TO_DECIDE")


def test_the_owner_sees_it_waiting_in_the_list(deal):
    deal.submit_proof()
    path = f"/api/admin/payments?status=PROCESSING&method={NAME}"
    (row,) = deal.shop.call("GET", path, **KEY).json_body["data"]["items"]
    assert row["paymentId"] == deal.payment_id
    assert row["amount"] == {"amount": DUE, "currency": "CNY"}
