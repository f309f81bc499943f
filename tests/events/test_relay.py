"""From a write to the topic: each line of an order's history once, and nothing else."""

import json

import pytest

from chalicelib.catalog.tables import ProductItem
from chalicelib.events import relay, workers
from chalicelib.kernel import clock, telemetry
from chalicelib.kernel.messaging import events
from chalicelib.kernel.personal_data import Person
from chalicelib.orders import service as orders
from chalicelib.orders.rules import Reason
from chalicelib.orders.tables import OrderItem
from chalicelib.settlement import cancel, personal_data
from tests import factory
from tests.events.streams import Streams, from_queue, parked
from tests.listener import Listener
from tests.settlement.disputed import give_back

TOTAL = 4498
MUGS = {"variantId": "mug", "productId": "p-mug", "quantity": 2, "unitPrice": 1999}


@pytest.fixture
def streams(shop):
    """The shop sells mugs; what is written from here on."""
    shop.sell("mug", stock=9)
    return Streams()


@pytest.fixture
def heard(streams):
    """All that a listener of the topic has heard so far."""
    return Listener().events


def types(found) -> list[str]:
    return [event["type"] for event in found]


def test_an_order_that_is_placed_and_paid_is_told_once_each(shop, streams, heard):
    placed = shop.buy({"mug": 2})
    streams.relay()
    shop.settle(placed)
    streams.relay()
    cart, created, paid = heard()
    assert types([cart, created, paid]) == ["cart.created", "order.created", "order.paid"]
    assert cart["data"] == {"cartId": placed.order.cart_id, "currency": "USD"}
    assert (created["seq"], paid["seq"]) == (0, 1)
    assert paid["data"] == {
        "orderId": placed.order.order_id,
        "number": placed.order.number,
        "cartId": placed.order.cart_id,
        "kind": "SALE",
        "currency": "USD",
        "locale": "en",
        "amount": TOTAL,
        "items": 3998,
        "shipping": 500,
        "storeCredit": 0,
        "lines": 1,
        "units": 2,
        "paymentId": placed.order.payment_id,
        "provider": "stripe",
        "revived": False,
        "captured": TOTAL,
        "sold": [MUGS],
    }


def test_an_event_says_nothing_of_a_person(shop, streams, heard):
    placed = shop.buy({"mug": 2})
    shop.settle(placed)
    streams.relay()
    text = json.dumps(heard())
    order = orders.read(placed.order.order_id)
    for secret in (order.email, order.access_token, *factory.ADDRESS.values()):
        assert len(secret) < 3 or secret not in text


def test_an_event_bears_the_id_of_the_call_that_caused_it(shop, streams, heard):
    telemetry.correlate("call-1")
    cart = factory.cart_with({"mug": 1})
    telemetry.correlate("call-2")
    shop.checkout(cart)
    streams.relay()
    (created,) = [event for event in heard() if event["type"] == "order.created"]
    assert created["correlationId"] == "call-2"


def test_what_a_stream_repeats_has_the_ids_it_had(shop, streams, heard):
    shop.settle(shop.buy({"mug": 2}))
    streams.relay(times=3)
    found = heard()
    assert len(found) == 3 * 3
    assert len({event["id"] for event in found}) == 3
    assert not any(mark in event["id"] for event in found for mark in ".#")


def test_a_refund_that_fails_is_no_second_sale(shop, streams, heard):
    placed = shop.buy({"mug": 2})
    shop.settle(placed)
    give_back(placed)
    line = {"from": "REFUNDED", "to": "PAID", "reason": "refund_failed", "at": 1, "who": "payment"}
    history = OrderItem.history.append([line])
    OrderItem(placed.order.order_id).update([OrderItem.history.set(history)])
    streams.relay()
    assert types(heard()).count("order.paid") == 1
    assert types(heard())[-1] == "order.refund_failed"


def test_a_refund_is_told_with_its_own_amount(shop, streams, heard):
    placed = shop.buy({"mug": 2})
    shop.settle(placed)
    made = give_back(placed, 700)
    streams.relay()
    begun, done = heard()[-2:]
    assert types([begun, done]) == ["order.refund_begun", "order.refunded"]
    assert (done["data"]["amount"], done["data"]["whole"]) == (700, False)
    assert done["data"]["refundId"] == made.refund_id


def test_a_cancelled_order_says_why(shop, streams, heard):
    placed = shop.buy({"mug": 2})
    cancel.cancel_unpaid(placed.order.order_id, now=clock.now())
    streams.relay()
    cancelled = [event for event in heard() if event["type"] == "order.cancelled"]
    assert [event["data"]["reason"] for event in cancelled] == ["cancelled"]
    assert "payment.expired" in types(heard())


def test_an_erasure_tells_nothing(shop, streams, heard):
    placed = shop.buy({"mug": 2})
    shop.settle(placed)
    OrderItem(placed.order.order_id).update([OrderItem.user_id.set("usr_ada")])
    streams.relay()
    before = len(heard())
    personal_data.erase(Person("usr_ada", None), now=clock.now())
    assert orders.read(placed.order.order_id).email == personal_data.ERASED
    assert streams.records()
    streams.relay()
    assert len(heard()) == before


def unknown_line(placed) -> None:
    line = {"from": "PAID", "to": "PAID", "reason": "gift_wrapped", "at": 1, "who": "x"}
    history = OrderItem.history.append([line])
    OrderItem(placed.order.order_id).update([OrderItem.history.set(history)])


def test_a_reason_that_nobody_knows_is_a_change_and_counted(shop, streams, heard, capsys):
    placed = shop.buy({"mug": 1})
    streams.relay()
    unknown_line(placed)
    capsys.readouterr()
    streams.relay()
    newest = heard()[-1]
    assert (newest["type"], newest["data"]["reason"]) == ("order.changed", "gift_wrapped")
    assert '"RelayUnknown": 1' in capsys.readouterr().out
    assert parked() == []


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_a_line_has_an_event(shop, streams, reason, capsys):
    placed = shop.buy({"mug": 1})
    image = OrderItem.get(placed.order.order_id).serialize()
    line = {"M": {"reason": {"S": reason}, "at": {"N": "1"}}}
    image["history"] = {"L": [*image["history"]["L"], line]}
    change = {"Keys": {"order_id": image["order_id"]}, "NewImage": image}
    *_, event = relay.events_of({"dynamodb": change})
    assert event.seq == 1
    assert "RelayUnknown" not in capsys.readouterr().out


# ---- what fails ---------------------------------------------------------------------------


POISON = {
    "eventID": "e1",
    "dynamodb": {
        "Keys": {"order_id": {"S": "ord_x"}},
        "NewImage": {"order_id": {"S": "ord_x"}, "email": {"S": "ada@shop.test"},
                     "history": {"L": [{"S": "no line"}]}},
    },
}  # fmt: skip


def test_the_records_around_a_poisonous_one_are_told_and_it_is_parked(shop, streams, heard):
    shop.buy({"mug": 1})
    first, *rest = streams.take()
    workers.relay({"Records": [first, POISON, *rest]}, None)
    assert sorted(types(heard())) == ["cart.created", "order.created"]
    (kept,) = parked()
    assert kept["dynamodb"]["Keys"] == {"order_id": {"S": "ord_x"}}


def test_nothing_of_a_person_is_parked(shop, streams):
    placed = shop.buy({"mug": 1})
    for record in streams.records():
        text = json.dumps(relay.lean(record))
        for secret in (placed.order.email, placed.order.access_token, factory.ADDRESS["line1"]):
            assert secret not in text
    assert "ada@shop.test" not in json.dumps(relay.lean(POISON))


def test_what_is_parked_tells_the_same_later(shop, streams):
    placed = shop.buy({"mug": 2})
    shop.settle(placed)
    ProductItem("p-mug").update([ProductItem.brand.set("Others")])
    given_up = shop.buy({"mug": 1})
    cancel.cancel_unpaid(given_up.order.order_id, now=clock.now())
    ProductItem("p-mug").delete()
    records = streams.records()
    expected = [list(relay.events_of(record)) for record in records]
    kinds = {event.type for found in expected for event in found}
    assert {"product.changed", "order.paid", "payment.expired", "cart.created"} <= kinds
    assert [list(relay.events_of(relay.lean(record))) for record in records] == expected


@pytest.mark.parametrize("odd", [{}, {"dynamodb": None}, {"dynamodb": {"Keys": {"x": {}}}}])
def test_a_record_of_any_shape_is_parked(streams, odd):
    workers.relay({"Records": [odd]}, None)
    assert len(parked()) == 1


class Refusing:
    """SNS as it answers when it does not take some of a batch: with a 200, in which they stand."""

    def __init__(self, real, refused: str, *, says_so: bool = True) -> None:
        self._real, self._refused, self._says_so = real, refused, says_so

    def publish_batch(self, **sent):
        entries = sent["PublishBatchRequestEntries"]
        bad = [entry for entry in entries if self._refused in entry["Message"]]
        good = [entry for entry in entries if entry not in bad]
        if good:
            self._real.publish_batch(**{**sent, "PublishBatchRequestEntries": good})
        failed = [{"Id": entry["Id"], "Code": "InternalError"} for entry in bad]
        return {"Failed": failed if self._says_so else []}


def test_what_the_topic_does_not_take_is_parked_alone_and_told_later(
    shop, streams, heard, monkeypatch
):
    shop.buy({"mug": 1})
    real = events._client()
    with monkeypatch.context() as patch:
        patch.setattr(events, "_client", lambda: Refusing(real, '"order.created"'))
        streams.relay()
    assert types(heard()) == ["cart.created"]
    (kept,) = parked()
    assert workers.relay(from_queue(kept), None) == {"batchItemFailures": []}
    assert types(heard()) == ["cart.created", "order.created"]


def test_control_what_the_answer_does_not_say_is_lost(shop, streams, heard, monkeypatch):
    shop.buy({"mug": 1})
    real = events._client()
    silent = Refusing(real, '"order.created"', says_so=False)
    monkeypatch.setattr(events, "_client", lambda: silent)
    streams.relay()
    assert (types(heard()), parked()) == (["cart.created"], [])


def test_while_the_topic_is_out_of_reach_everything_is_parked(shop, streams, monkeypatch):
    def down(**_):
        raise ConnectionError

    shop.buy({"mug": 1})
    records = len(streams.records())
    monkeypatch.setattr(events._client(), "publish_batch", down)
    streams.relay()
    # The cart's later writes and the payment tell nothing.
    assert len(parked()) == 2 < records


def test_what_can_not_be_parked_comes_again_with_its_whole_batch(shop, streams, monkeypatch):
    def down(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(relay.queues, "send", down)
    with pytest.raises(telemetry.Unhandled):
        workers.relay({"Records": [POISON]}, None)
