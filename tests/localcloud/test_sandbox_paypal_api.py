"""PayPal's API as the sandbox speaks it: shapes, refusals, request ids, tokens, faults."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from localcloud.sandbox import Sandbox
from localcloud.sandbox.client import ControlError
from localcloud.sandbox.paypal.testing import CONTEXT, Account, order, usd
from localcloud.sandbox.testing import wait_for

ITEMS = order()["purchase_units"][0]["items"]


@pytest.fixture(scope="module")
def running():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.reset()
    return running


@pytest.fixture
def account(sandbox) -> Account:
    return Account(sandbox)


def issue(answer) -> tuple[int, str]:
    """An error's status and what is wrong."""
    return answer.status_code, answer.json()["details"][0]["issue"]


def links(answer) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in answer.json()["links"]}


def test_an_order_with_a_payment_source_waits_for_the_payer(account, sandbox):
    made = account.create()
    assert (made.status_code, made.json()["status"]) == (201, "PAYER_ACTION_REQUIRED")
    assert made.json().keys() == {"id", "status", "links"}
    page = f"{sandbox.url}/paypal/checkoutnow?token={made.json()['id']}"
    assert links(made)["payer-action"] == page


def test_an_order_without_one_is_created_and_has_a_link_to_approve(account, sandbox):
    body = {name: value for name, value in order().items() if name != "payment_source"}
    made = account.create(body={**body, "application_context": CONTEXT})
    assert made.json()["status"] == "CREATED"
    assert links(made)["approve"].endswith(f"token={made.json()['id']}")


def test_who_prefers_the_representation_gets_the_whole_order(account):
    made = account.create(Prefer="return=representation").json()
    assert made["purchase_units"][0]["custom_id"] == "pay_1"
    assert made == account.read(made["id"]).json()
    assert "_own" not in made


def test_a_request_id_that_was_used_answers_how_its_order_stands_now(account, sandbox):
    first = account.create("k1").json()
    sandbox.control("paypal", first["id"], "approve")
    again = account.create("k1", order(invoice_id="another"))
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert again.json()["status"] == "APPROVED"
    assert account.create("k2").json()["id"] != first["id"]


def test_an_error_is_not_kept_under_a_request_id(account):
    assert account.create("k1", order(amount=usd("1.00"))).status_code == 422
    assert account.create("k1").status_code == 201


def test_two_calls_at_once_with_one_request_id_make_one_order(account, sandbox):
    sandbox.fault("orders.create", "slow", seconds=0.5)
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(account.create, "k1")
        wait_for(lambda: not sandbox.state()["faults"])
        assert Account(sandbox).create("k1").status_code == 409
    assert slow.result().status_code == 201
    assert len(sandbox.state()["paypal"]["orders"]) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amount": usd("45.99", breakdown={"item_total": usd("45.98")})}, "AMOUNT_MISMATCH"),
        ({"amount": usd("45.97", breakdown={"item_total": usd("45.97")})}, "ITEM_TOTAL_MISMATCH"),
        ({"amount": usd("45.98")}, "ITEM_TOTAL_REQUIRED"),
        ({"amount": usd("0.00"), "items": None}, "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ({"amount": usd("-1.00"), "items": None}, "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ({"amount": usd("1.001"), "items": None}, "DECIMAL_PRECISION"),
        ({"amount": {"currency_code": "JPY", "value": "1.00"}, "items": None}, "DECIMAL_PRECISION"),
        ({"amount": {"currency_code": "HUF", "value": "1.5"}, "items": None}, "DECIMAL_PRECISION"),
        ({"amount": {"currency_code": "KRW", "value": "1"}, "items": None},
         "INVALID_CURRENCY_CODE"),
    ],
)  # fmt: skip
def test_amounts_that_do_not_fit_are_unprocessable(account, changes, expected):
    assert issue(account.create(body=order(**changes))) == (422, expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amount": None}, "MISSING_REQUIRED_PARAMETER"),
        ({"amount": usd(45.98)}, "INVALID_PARAMETER_SYNTAX"),
        ({"amount": usd("45,98")}, "INVALID_PARAMETER_SYNTAX"),
        ({"amount": "45.98"}, "INVALID_PARAMETER_SYNTAX"),
        ({"custom_id": "x" * 128}, "INVALID_STRING_LENGTH"),
        ({"invoice_id": ""}, "INVALID_STRING_LENGTH"),
        ({"items": [{**ITEMS[0], "quantity": 2}, ITEMS[1]]}, "INVALID_PARAMETER_SYNTAX"),
        ({"items": [{**ITEMS[0], "name": "x" * 128}, ITEMS[1]]}, "INVALID_STRING_LENGTH"),
        ({"nonsense": 1}, "INVALID_PARAMETER_SYNTAX"),
    ],
)
def test_bodies_that_are_malformed_are_told_so(account, changes, expected):
    assert issue(account.create(body=order(**changes))) == (400, expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [("return_url", "http://shop.localhost/?session={CHECKOUT_SESSION_ID}"),
     ("cancel_url", "order.html"), ("locale", "zh_CN"), ("user_action", "PAY")],
)  # fmt: skip
def test_a_context_that_paypal_does_not_take_is_refused(account, name, value):
    body = order()
    body["payment_source"] = {"paypal": {"experience_context": {**CONTEXT, name: value}}}
    assert account.create(body=body).status_code == 400


def test_a_payment_source_needs_a_request_id_of_a_size(account):
    assert issue(account.create("")) == (400, "PAYPAL_REQUEST_ID_REQUIRED")
    assert issue(account.create("k" * 109)) == (400, "INVALID_STRING_LENGTH")
    assert account.create("k" * 108).status_code == 201


def test_the_money_moves_only_when_the_shop_captures(account, sandbox):
    order_id = account.create().json()["id"]
    assert issue(account.capture(order_id)) == (422, "ORDER_NOT_APPROVED")
    sandbox.control("paypal", order_id, "approve")
    assert sandbox.state()["paypal"]["captures"] == []
    taken = account.capture(order_id)
    capture = taken.json()["purchase_units"][0]["payments"]["captures"][0]
    assert (taken.status_code, taken.json()["status"]) == (201, "COMPLETED")
    assert (capture["status"], capture["custom_id"]) == ("COMPLETED", "pay_1")
    assert capture["amount"] == usd("45.98")
    assert account.capture(order_id).status_code == 200
    assert issue(account.capture(order_id, key="other")) == (422, "ORDER_ALREADY_CAPTURED")
    assert len(sandbox.state()["paypal"]["captures"]) == 1


def test_an_invoice_number_is_paid_once(account, sandbox):
    account.paid()
    second = account.create("k2").json()["id"]
    sandbox.control("paypal", second, "approve")
    assert issue(account.capture(second)) == (422, "DUPLICATE_INVOICE_ID")


def test_a_declined_card_needs_another_consent(account, sandbox):
    order_id = account.create().json()["id"]
    sandbox.control("paypal", order_id, "approve-declined")
    assert issue(account.capture(order_id)) == (422, "INSTRUMENT_DECLINED")
    assert account.read(order_id).json()["status"] == "PAYER_ACTION_REQUIRED"
    sandbox.control("paypal", order_id, "approve")
    assert account.capture(order_id).status_code == 201


def test_refunds_are_partial_or_of_the_rest_and_never_more(account, sandbox):
    order_id, capture_id = account.paid()
    first = account.refund(capture_id, {"amount": usd("10.00")})
    assert (first.status_code, first.json()["amount"]) == (201, usd("10.00"))
    assert first.json()["links"][1]["href"].endswith(f"/v2/payments/captures/{capture_id}")
    assert account.refund(capture_id, {"amount": usd("10.00")}).json() == first.json()
    tale = account.read(order_id).json()["purchase_units"][0]["payments"]
    assert tale["captures"][0]["status"] == "PARTIALLY_REFUNDED"
    assert issue(account.refund(capture_id, {"amount": usd("35.99")}, "r2")) == (
        422, "REFUND_AMOUNT_EXCEEDED",
    )  # fmt: skip
    rest = account.refund(capture_id, key="r3").json()
    assert rest["amount"] == usd("35.98")
    assert issue(account.refund(capture_id, key="r4")) == (422, "CAPTURE_FULLY_REFUNDED")
    read = account.call("GET", f"/payments/refunds/{rest['id']}")
    assert read.json() == rest


@pytest.mark.parametrize(
    ("action", "expected"),
    [("dispute", "TRANSACTION_DISPUTED"), ("reverse", "CAPTURE_FULLY_REFUNDED")],
)
def test_what_the_payers_bank_holds_is_not_refunded(account, sandbox, action, expected):
    order_id, capture_id = account.paid()
    sandbox.control("paypal", order_id, action)
    assert issue(account.refund(capture_id)) == (422, expected)


def test_what_is_not_there_is_not_found(account):
    for answer in (account.read("X1"), account.capture("X1"), account.refund("X1")):
        assert (answer.status_code, answer.json()["name"]) == (404, "RESOURCE_NOT_FOUND")


def test_an_order_is_dropped_when_its_time_is_over(account, sandbox):
    order_id = account.create().json()["id"]
    kept = sandbox.world.store.get("paypal.order", order_id)
    sandbox.world.store.put("paypal.order", {**kept, "_own": {**kept["_own"], "ends": 0}})
    wait_for(lambda: account.read(order_id).status_code == 404)
    assert sandbox.state()["paypal"]["orders"][0]["status"] == "VOIDED"


def test_only_the_accounts_own_secret_gets_a_token(account):
    assert account.token().json()["token_type"] == "Bearer"
    for wrong in (account.token(secret="x"), account.token(client_id="x")):
        assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert account.token(grant_type="password").status_code == 400


def test_a_call_without_a_token_that_counts_is_not_answered(account, sandbox):
    assert account.create(Authorization="Bearer nobody").json()["name"] == "AUTHENTICATION_FAILURE"
    assert account.create(Authorization="").status_code == 401
    sandbox.providers["paypal"].revoke_tokens()
    assert account.create().status_code == 401


def test_no_token_is_shown_among_the_calls(account, sandbox):
    assert account._token not in str(sandbox.requests())


@pytest.mark.parametrize(
    ("fault", "status"), [("500", 500), ("500_after", 500), ("503", 503), ("429", 429),
                          ("lock", 409), ("garbage", 502)],
)  # fmt: skip
def test_a_fault_is_met_once_and_leaves_what_it_says(account, sandbox, fault, status):
    sandbox.fault("orders.create", fault)
    assert account.create().status_code == status
    assert len(sandbox.state()["paypal"]["orders"]) == (1 if fault == "500_after" else 0)
    assert account.create().status_code == (200 if fault == "500_after" else 201)


@pytest.mark.parametrize(
    ("action", "status"),
    [("capture-complete", 409), ("refund", 409), ("dispute", 409), ("reverse", 409),
     ("nonsense", 422)],
)  # fmt: skip
def test_what_can_not_happen_to_an_open_order_is_refused(account, sandbox, action, status):
    order_id = account.create().json()["id"]
    with pytest.raises(ControlError) as caught:
        sandbox.control("paypal", order_id, action)
    assert caught.value.status == status


def test_nothing_happens_to_an_order_that_is_not_there(sandbox):
    with pytest.raises(ControlError) as caught:
        sandbox.control("paypal", "X1", "approve")
    assert caught.value.status == 404
