"""Balances over HTTP: one's own, an administrator's hand, and who may spend what."""

import pytest

from chalicelib.balance.tables import EntryItem
from chalicelib.kernel import audit, clock
from chalicelib.kernel.ids import token
from chalicelib.kernel.personal_data import Person
from chalicelib.privacy.contexts import PERSONAL_DATA
from tests import factory, stage
from tests.accounts import people
from tests.faults.world import scan
from tests.integrity.running import work
from tests.kernel.envelope import refused

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
USD = "USD"


@pytest.fixture
def api(mugs, monkeypatch):
    monkeypatch.setattr("chalicelib.kernel.messaging.events.publish", lambda event: None)
    return mugs.call


def adjust(api, user_id: str, by: int, *, currency: str = USD, **more):
    wish = {
        "userId": user_id,
        "amount": {"amount": by, "currency": currency},
        "reason": "a voucher",
    }
    headers = {**KEY, "Idempotency-Key": token(), **more.pop("headers", {})}
    return api("POST", "/api/admin/balance/adjust", {**wish, **more}, **headers)


def money(amount: int) -> dict:
    return {"amount": amount, "currency": USD}


def test_a_user_sees_what_they_have_and_how_it_came(api):
    ada, header = people.bearer()
    assert adjust(api, ada, 1000).status_code == 200
    assert adjust(api, ada, -300).status_code == 200
    seen = api("GET", "/api/balance?pageSize=1", **header).json_body["data"]
    assert seen["balances"] == [money(700)]
    (entry,) = seen["items"]
    assert (entry["before"], entry["amount"], entry["after"]) == (
        money(1000),
        money(-300),
        money(700),
    )
    assert (entry["reason"], entry["text"], entry["note"]) == (
        "admin_adjust",
        "Adjusted by the shop",
        "a voucher",
    )
    cursor = seen["nextCursor"]
    rest = api("GET", f"/api/balance?pageSize=1&cursor={cursor}", **header).json_body["data"]
    assert [one["amount"] for one in rest["items"]] == [money(1000)]


def test_nobody_sees_anothers_balance_or_goes_on_in_its_list(api):
    ada, header = people.bearer()
    _, bob = people.bearer("bob@shop.test")
    for amount in (100, 200):
        adjust(api, ada, amount)
    cursor = api("GET", "/api/balance?pageSize=1", **header).json_body["data"]["nextCursor"]
    assert api("GET", "/api/balance", **bob).json_body["data"]["items"] == []
    refused(api("GET", f"/api/balance?cursor={cursor}", **bob), 400, "CURSOR_INVALID")
    refused(api("GET", "/api/balance"), 401, "UNAUTHORIZED")
    refused(api("GET", f"/api/admin/users/{ada}/balance", **bob), 403, "FORBIDDEN")
    seen = api("GET", f"/api/admin/users/{ada}/balance", **KEY).json_body["data"]
    assert seen["balances"] == [money(300)]


def test_an_adjustment_never_takes_what_is_not_there(api):
    ada, _ = people.bearer()
    adjust(api, ada, 500)
    answer = adjust(api, ada, -501)
    refused(answer, 409, "BALANCE_TOO_LOW")
    assert "5.00 USD" in answer.json_body["message"]
    assert factory.balance_of(ada) == 500


def test_the_same_key_adjusts_once(api):
    ada, _ = people.bearer()
    same = {"Idempotency-Key": "the-vouchers-of-may"}
    answers = [adjust(api, ada, 500, headers=same).json_body["data"] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert factory.balance_of(ada) == 500


def test_who_adjusted_what_stands_in_the_log_and_the_ledger(api):
    ada, _ = people.bearer()
    adjust(api, ada, 500)
    (entry,) = [one for one in audit.of_target(f"user:{ada}", limit=9) if one.after]
    assert (entry.before, entry.after) == ({"balance": "0.00 USD"}, {"balance": "5.00 USD"})
    (row,) = scan("balance-entries")
    assert row["operator"] == entry.actor


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": {"amount": 0, "currency": USD}},
        {"amount": {"amount": 1.5, "currency": USD}},
        {"amount": {"amount": "5", "currency": USD}},
        {"amount": {"amount": 5, "currency": "usd"}},
        {"amount": {"amount": 5, "currency": "CHF"}},
        {"amount": {"amount": 10**13, "currency": USD}},
        {"amount": 5},
        {"reason": ""},
        {"extra": 1},
    ],
    ids=str,
)
def test_an_adjustment_that_makes_no_sense_is_refused(api, wrong):
    ada, _ = people.bearer()
    refused(adjust(api, ada, 5, **wrong), 422, "VALIDATION_FAILED")
    assert factory.balance_of(ada) == 0


def test_nobodys_balance_can_not_be_adjusted(api):
    refused(adjust(api, "usr_nobody", 5), 404, "USER_NOT_FOUND")
    ada, header = people.bearer()
    refused(adjust(api, ada, 5, headers={"X-Api-Key": "wrong"}), 401, "UNAUTHORIZED")
    body = {"userId": ada, "amount": money(5), "reason": "x"}
    refused(api("POST", "/api/admin/balance/adjust", body, **header), 403, "FORBIDDEN")


def order(**changes) -> dict:
    return {
        "email": people.EMAIL,
        "address": factory.ADDRESS,
        "shippingMethod": "standard",
        **changes,
    }


def test_a_checkout_with_a_part_says_what_is_left(api):
    ada, header = people.bearer()
    factory.user_with(1200, user_id=ada)
    path = f"/api/cart/{factory.cart_with({'mug': 2})}/checkout"
    placed = api("POST", path, order(useBalance=True), **header).json_body["data"]
    assert (placed["total"], placed["due"]) == (money(4498), money(3298))
    seen = api("GET", f"/api/orders/{placed['orderId']}", **header).json_body["data"]["amounts"]
    assert (seen["paidByBalance"], seen["due"]) == (money(1200), money(3298))


def test_a_checkout_paid_wholly_leads_to_the_orders_own_page(api):
    ada, header = people.bearer()
    factory.user_with(9000, user_id=ada)
    wish = order(variantId="mug", quantity=2, useBalance=True)
    placed = api("POST", "/api/checkout", wish, **header).json_body["data"]
    assert placed["due"] == money(0)
    assert "/order.html#" in placed["url"]
    seen = api("GET", f"/api/orders/{placed['orderId']}", **header).json_body["data"]
    assert seen["status"] == "PAID"
    assert (seen["amounts"]["paidByBalance"], seen["amounts"]["due"]) == (money(4498), money(0))


def test_a_checkout_beyond_the_balance_says_what_is_there(api):
    ada, header = people.bearer()
    factory.user_with(1200, user_id=ada)
    path = f"/api/cart/{factory.cart_with({'mug': 2})}/checkout"
    answer = api("POST", path, order(paymentMethod="balance"), **header)
    refused(answer, 409, "BALANCE_TOO_LOW")
    refused(api("POST", path, order(useBalance=True)), 422, "BALANCE_NEEDS_ACCOUNT")
    assert factory.balance_of(ada) == 1200


def test_who_has_only_the_orders_token_can_not_spend_its_owners_balance(api):
    ada, header = people.bearer()
    _, bob = people.bearer("bob@shop.test")
    factory.user_with(9000, user_id=ada)
    path = f"/api/cart/{factory.cart_with({'mug': 2})}/checkout"
    placed = api("POST", path, order(), **header).json_body["data"]
    pay = f"/api/orders/{placed['orderId']}/pay"
    token_of_order = {"X-Order-Token": placed["accessToken"]}
    for who in (token_of_order, {**token_of_order, **bob}):
        answer = api("POST", pay, {"method": "balance"}, **who)
        refused(answer, 422, "PAYMENT_NEEDS_ACCOUNT")
    assert factory.balance_of(ada) == 9000
    paid = api("POST", pay, {"method": "balance"}, **header).json_body["data"]
    assert (paid["method"], paid["status"]) == ("balance", "SUCCESS")
    assert factory.balance_of(ada) == 9000 - 4498


def test_an_administrator_refunds_into_the_balance(api):
    ada, header = people.bearer()
    factory.user_with(9000, user_id=ada)
    wish = order(variantId="mug", quantity=2, useBalance=True)
    placed = api("POST", "/api/checkout", wish, **header).json_body["data"]
    path = f"/api/admin/orders/{placed['orderId']}/refund"
    wish = {"amount": 1000, "reason": "broken", "to": "BALANCE"}
    made = api("POST", path, wish, **KEY).json_body["data"]
    assert (made["refund"]["to"], made["refund"]["status"]) == ("BALANCE", "DONE")
    assert factory.balance_of(ada) == 9000 - 4498 + 1000
    refused(api("POST", path, {**wish, "to": "MOON"}, **KEY), 422, "VALIDATION_FAILED")


def test_the_check_an_administrator_asks_for_tells_balances_that_do_not_add_up(api):
    factory.user_with(500, user_id="usr_ada")
    assert checked(api) == []
    for item in EntryItem.scan():
        item.update(actions=[EntryItem.amount.set(400)])
    (wrong,) = checked(api)
    assert wrong == {"userId": "usr_ada", "balance": money(500), "ledger": money(400)}


def checked(api) -> list[dict]:
    """The balances that a whole check finds."""
    assert api("POST", "/api/admin/inventory/check", {}, **KEY).status_code == 202
    work(clock.now())
    return api("GET", "/api/admin/inventory/check", **KEY).json_body["data"]["balances"]


def test_a_person_sees_their_balance_whole_and_what_was_written_of_them_is_forgotten(api):
    ada, _ = people.bearer()
    adjust(api, ada, 500)
    kept, person = PERSONAL_DATA["balance"], Person(ada, None)
    export = kept.export(person, now=clock.now())
    assert export["balances"] == [money(500)]
    assert [one["note"] for one in export["movements"]] == ["a voucher"]
    for _ in range(2):
        assert kept.erase(person, now=clock.now())
    assert [one["note"] for one in kept.export(person, now=clock.now())["movements"]] == [None]
    # What the shop owes stays in its books, and can still be paid out.
    assert factory.balance_of(ada) == 500
    people.user_of()
    assert adjust(api, ada, -500).status_code == 200
