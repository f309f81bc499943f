"""What Stripe is asked for, to the letter, and what each of its answers means to the shop."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
import stripe

from chalicelib.cart import service as carts
from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderBusy, ProviderDown, ProviderFailed
from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from chalicelib.payments.ports import ChargeLine, KeySpent, ProviderRefused, State
from chalicelib.payments.providers.stripe import amounts as stripe_amounts
from chalicelib.payments.providers.stripe import sdk
from chalicelib.payments.registry import provider as registered
from tests.faults.world import scan

CREATE = "checkout.sessions.create"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The SDK's second try comes at once."""
    monkeypatch.setattr(stripe.RequestsClient, "_sleep_time_seconds", lambda *_: 0)


@pytest.fixture
def placed(shop):
    shop.sell("mug", stock=5)
    return shop.buy({"mug": 2})


def asked(shop, kind: str) -> list[dict]:
    """The calls of a kind that reached the provider."""
    return [call for call in shop.sandbox.requests() if call["kind"] == kind]


def charge():
    """What some order asks to be charged."""
    order = orders.read(scan("orders")[0]["order_id"])
    return orders.charge_of(order, orders.payment_of(order))


def test_the_session_asks_for_the_order_and_nothing_else(shop, placed):
    order, (call,) = placed.order, asked(shop, CREATE)
    page = f"#order={order.order_id}&token={order.access_token}"
    assert dict(parse_qsl(call["body"])) == {
        "mode": "payment",
        "client_reference_id": order.order_id,
        "customer_email": order.email,
        "line_items[0][quantity]": "2",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "1999",
        "line_items[0][price_data][product_data][name]": "Thing mug, White",
        "line_items[1][quantity]": "1",
        "line_items[1][price_data][currency]": "usd",
        "line_items[1][price_data][unit_amount]": "500",
        "line_items[1][price_data][product_data][name]": "Standard",
        "metadata[payment_id]": order.payment_id,
        "metadata[order_number]": order.number,
        "payment_intent_data[metadata][payment_id]": order.payment_id,
        "payment_intent_data[metadata][order_number]": order.number,
        "success_url": "https://shop.test/order.html?session={CHECKOUT_SESSION_ID}" + page,
        "cancel_url": "https://shop.test/order.html?cancelled=1" + page,
        "expires_at": str(order.expires_at),
        "locale": "en",
    }
    assert call["idempotencyKey"] == f"checkout:{order.payment_id}"
    assert shop.session_of(placed)["amount_total"] == order.total.amount == 4498


def test_a_charge_asked_for_again_is_the_same_to_the_byte(shop, placed):
    provider = registered("stripe")
    first = provider.open(charge())
    assert provider.open(charge()) == first
    calls = asked(shop, CREATE)
    assert len({call["body"] for call in calls}) == 1
    assert [call["replayed"] for call in calls] == [False, True, True]


def test_yen_are_asked_for_without_decimals_and_in_the_buyers_language(shop):
    shop.sell("mug", stock=5)
    cart_id = carts.create("JPY", now=clock.now()).cart.cart_id
    carts.add(cart_id, "mug", 1, call_id="c", now=clock.now())
    shop.checkout(cart_id, locale="zh-CN")
    sent = dict(parse_qsl(asked(shop, CREATE)[0]["body"]))
    assert sent["line_items[0][price_data][currency]"] == "jpy"
    assert sent["line_items[0][price_data][unit_amount]"] == "3000"
    assert sent["line_items[0][price_data][product_data][name]"] == "东西 mug, 白"
    assert sent["locale"] == "zh"


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(1999, "USD"), 1999),
        (Money(50, "JPY"), 50),
        (Money(1990, "KWD"), 1990),
        (Money(5000, "UGX"), 500_000),
        (Money(700, "ISK"), 70_000),
    ],
    ids=str,
)
def test_each_currency_is_written_as_stripe_writes_it_and_read_back(shop, placed, money, written):
    lines = [ChargeLine("Tea", money, 2)]
    asked_for = replace(charge(), payment_id=f"pay_{money.currency}", lines=lines, total=money * 2)
    session = registered("stripe").open(asked_for).session_id
    sent = dict(parse_qsl(asked(shop, CREATE)[-1]["body"]))
    assert sent["line_items[0][price_data][unit_amount]"] == str(written)
    shop.sandbox.control("stripe", session, "pay", lose=True)
    paid = registered("stripe").status(session)
    assert paid.amount == money * 2
    registered("stripe").refund(paid.capture_id, money, key="k")
    assert registered("stripe").status(session).refunded == money


def test_control_without_stripes_exceptions_a_shilling_is_sold_for_a_hundredth(
    shop, placed, monkeypatch
):
    monkeypatch.setattr(stripe_amounts, "LONGER", 1)
    lines = [ChargeLine("Tea", Money(5000, "UGX"), 1)]
    asked_for = replace(charge(), payment_id="pay_x", lines=lines, total=Money(5000, "UGX"))
    session = registered("stripe").open(asked_for).session_id
    sessions = shop.sandbox.state()["stripe"]["sessions"]
    (made,) = [each for each in sessions if each["id"] == session]
    assert made["amount_total"] == 5000, "50 shillings to Stripe"


@pytest.mark.parametrize("fault", ["503", "429", "lock", "reset", "garbage"])
def test_trouble_that_passes_is_told_as_busy(shop, placed, fault):
    shop.sandbox.fault(CREATE, fault, times=2)
    with pytest.raises(ProviderBusy):
        registered("stripe").open(replace(charge(), payment_id="pay_other"))


@pytest.mark.parametrize("fault", ["503", "reset"])
def test_one_hiccup_is_not_seen_at_all(shop, placed, fault):
    shop.sandbox.fault(CREATE, fault, times=1)
    assert registered("stripe").open(replace(charge(), payment_id="pay_other")).url


def test_a_500_that_stripe_keeps_asks_for_another_key(shop, placed):
    shop.sandbox.fault(CREATE, "500", times=1)
    fresh = replace(charge(), payment_id="pay_other")
    for _ in range(2):
        with pytest.raises(KeySpent):
            registered("stripe").open(fresh)


def test_a_charge_that_can_not_be_is_refused(shop, placed):
    with pytest.raises(ProviderRefused):
        registered("stripe").open(replace(charge(), payment_id="pay_x", expires_at=1))


def test_a_key_reused_for_something_else_is_our_own_mistake(shop, placed):
    with pytest.raises(ProviderFailed) as caught:
        registered("stripe").open(replace(charge(), email="other@shop.test"))
    assert not isinstance(caught.value, ProviderRefused)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (stripe.AuthenticationError("no such key"), ProviderFailed),
        (stripe.PermissionError("not with this key"), ProviderFailed),
        (stripe.IdempotencyError("reused"), ProviderFailed),
        (stripe.InvalidRequestError("no", param="x"), ProviderRefused),
        (stripe.RateLimitError("slow down"), ProviderBusy),
        (stripe.APIConnectionError("no route"), ProviderDown),
        (stripe.APIError("sorry"), ProviderBusy),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_each_error_of_the_sdk_has_one_meaning(shop, placed, monkeypatch, error, expected):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(stripe.RequestsClient, "request", fail)
    for call in (
        lambda provider: provider.open(charge()),
        lambda provider: provider.refund("pi_1", Money(1, "USD"), key="k"),
    ):
        with pytest.raises(ProviderFailed if expected is ProviderRefused else expected) as caught:
            call(registered("stripe"))
        assert type(caught.value) is expected


def test_closing_ends_a_session_and_says_so_again_and_again(shop, placed):
    session_id = shop.session_of(placed)["id"]
    for _ in range(2):
        assert registered("stripe").close(session_id).state == State.ENDED
    assert shop.session_of(placed)["status"] == "expired"


def test_closing_what_is_paid_says_that_it_is_paid(shop, placed):
    shop.pay(placed)
    outcome = registered("stripe").close(shop.session_of(placed)["id"])
    assert (outcome.state, outcome.amount) == (State.PAID, Money(4498, "USD"))
    assert outcome.capture_id


def test_closing_what_never_was_is_an_end(shop):
    assert registered("stripe").close("cs_test_never").state == State.ENDED


def test_a_refund_with_the_same_key_is_made_once(shop, placed):
    shop.pay(placed)
    capture = shop.session_of(placed)["payment_intent"]
    made = {registered("stripe").refund(capture, Money(100, "USD"), key="k") for _ in range(3)}
    assert len(made) == len(shop.sandbox.state()["stripe"]["refunds"]) == 1


@pytest.mark.parametrize("fault", ["500", "500_after"])
def test_a_refund_whose_key_got_a_500_is_made_once_under_the_next(shop, placed, fault):
    shop.pay(placed)
    capture = shop.session_of(placed)["payment_intent"]
    shop.sandbox.fault("refunds.create", fault, times=1)
    with pytest.raises(KeySpent):
        registered("stripe").refund(capture, Money(100, "USD"), key="k")
    made = {
        registered("stripe").refund(capture, Money(100, "USD"), key="k", again=1) for _ in range(2)
    }
    assert len(made) == len(shop.sandbox.state()["stripe"]["refunds"]) == 1


def test_control_without_looking_first_the_refund_is_made_twice(shop, placed, monkeypatch):
    shop.pay(placed)
    capture = shop.session_of(placed)["payment_intent"]
    shop.sandbox.fault("refunds.create", "500_after", times=1)
    monkeypatch.setattr(sdk, "_refund_of", lambda *_: None)
    with pytest.raises(KeySpent):
        registered("stripe").refund(capture, Money(100, "USD"), key="k")
    registered("stripe").refund(capture, Money(100, "USD"), key="k", again=1)
    assert len(shop.sandbox.state()["stripe"]["refunds"]) == 2


def test_asked_how_it_stands_stripe_tells_all_that_came_of_the_money(shop, placed):
    session_id = shop.session_of(placed)["id"]
    status = registered("stripe").status
    assert status(session_id).state == State.OPEN
    shop.pay(placed)
    paid = status(session_id)
    assert (paid.state, paid.amount) == (State.PAID, Money(4498, "USD"))
    assert (paid.refunded, paid.disputed) == (Money(0, "USD"), False)
    registered("stripe").refund(paid.capture_id, Money(100, "USD"), key="k")
    shop.act(placed, "dispute")
    after = status(session_id)
    assert (after.state, after.capture_id) == (State.PAID, paid.capture_id)
    assert (after.refunded, after.disputed) == (Money(100, "USD"), True)


def test_asked_of_what_never_was_stripe_says_that_it_is_over(shop):
    assert registered("stripe").status("cs_test_never").state == State.ENDED
