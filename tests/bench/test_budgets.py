"""What an order costs stays what bench/budgets.toml says, counted in this process."""

import pytest

from bench import budgets, orders
from bench.meter import Index, Meter, size_of
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.tables import RateItem
from chalicelib.payments.tables import PaymentItem
from chalicelib.webhooks.tables import WebhookItem

ROWS = budgets.read()


@pytest.fixture
def guest(shop):
    return lambda: orders.guest_order(shop)


def dearer(cost: orders.Cost, row: str) -> list[str]:
    return ROWS[row].dearer(budgets.Found(cost.write_units, cost.read_units))


def test_a_guests_order_costs_no_more_than_its_budget(guest):
    assert dearer(guest(), orders.ORDER) == []


def test_control_a_write_more_for_each_call_is_told(guest, monkeypatch):
    real = orders.Walk.step

    def careless(walk, name, *call, **headers):
        answer = real(walk, name, *call, **headers)
        with Meter() as meter:
            RateItem("once-more", used=1, last="x", expires_at=1).save()
        walk.cost.add(f"{name}, once more", meter)
        return answer

    monkeypatch.setattr(orders.Walk, "step", careless)
    (complaint,) = dearer(guest(), orders.ORDER)
    assert "write_units" in complaint


def test_a_row_bears_less_than_five_percent_more_and_not_more():
    row = budgets.Budget("a thing", write_units=100, read_units=20, at_first=100)
    assert row.dearer(budgets.Found(105, 21)) == []
    assert row.dearer(budgets.Found(80, 10)) == []
    assert row.dearer(budgets.Found(105.5, 20)) == [
        "a thing: 105.5 write_units, 100 in budgets.toml"
    ]
    assert len(row.dearer(budgets.Found(200, 30))) == 2


def test_every_row_is_measured_by_somebody():
    assert set(ROWS) == {orders.ORDER}


def test_sizes_are_those_of_the_documentation():
    # docs.aws.amazon.com: names and text by UTF-8 bytes, numbers by pairs of digits and one more,
    # maps and lists 3 and 1 for each element, booleans and nulls 1.
    assert size_of({"id": {"S": "äb"}}) == 2 + 3
    assert size_of({"n": {"N": "1795972573"}}) == 1 + 6
    assert size_of({"n": {"N": "-100"}}) == 1 + 2
    assert size_of({"b": {"BOOL": True}}) == size_of({"b": {"NULL": True}}) == 2
    assert size_of({"m": {"M": {"a": {"S": "xy"}}}}) == 1 + 3 + 1 + 1 + 2
    assert size_of({"l": {"L": [{"S": "xy"}]}}) == 1 + 3 + 1 + 2
    assert size_of({"s": {"SS": ["ab", "c"]}}) == 1 + 3


def rate(text: str) -> RateItem:
    return RateItem("bucket", used=1, last=text, expires_at=1)


def metered(work) -> Meter:
    with Meter() as meter:
        work()
    return meter


def test_a_write_costs_by_the_larger_image_and_twice_in_a_transaction(tables):
    assert metered(lambda: rate("x").save()).writes == {"rates": 1}
    assert metered(lambda: rate("x" * 3000).save()).writes == {"rates": 3}
    assert metered(lambda: rate("x").save()).writes == {"rates": 3}, "what was there counts"

    def in_a_transaction():
        with Transaction() as tx:
            tx.put(rate("x" * 1500))

    assert metered(in_a_transaction).writes == {"rates": 4}
    assert metered(lambda: rate("").delete()).writes == {"rates": 2}


def test_a_refused_write_is_charged_for(tables):
    rate("x" * 3000).save()

    def refused():
        with pytest.raises(StaleState):
            dynamo.put(
                rate("y"),
                condition=RateItem.bucket.does_not_exist(),
                on_condition_failed=StaleState(),
            )

    assert metered(refused).writes == {"rates": 3}


def payment(**changes) -> PaymentItem:
    fields = {"reference": "ord", "provider": "stripe", "amount": 1, "currency": "USD"}
    fields |= {"status": "PENDING", "created_at": 1, "expires_at": 2}
    return PaymentItem("pay", **(fields | changes))


def test_an_index_costs_where_what_it_shows_changes(tables):
    plain = metered(lambda: payment().save()).writes["payments"]
    listed = {"listing": "20261120/1", "place": "1#pay"}
    assert plain == 1, "in no index yet"
    assert metered(lambda: payment(**listed).save()).writes == {"payments": 2}, "it comes"
    unseen = payment(**listed, session_id="cs_1")
    assert metered(lambda: unseen.save()).writes == {"payments": 1}, "not projected"
    assert metered(lambda: payment(**listed, status="SUCCESS").save()).writes == {"payments": 2}
    moved = payment(**{**listed, "place": "2#pay"}, status="SUCCESS")
    assert metered(lambda: moved.save()).writes == {"payments": 3}, "one goes, one comes"
    assert metered(lambda: payment(status="SUCCESS").save()).writes == {"payments": 2}, "it goes"


def test_an_index_that_projects_all_costs_by_its_size():
    index = Index(("k",), None)
    large = {"id": {"S": "1"}, "k": {"S": "k"}, "text": {"S": "x" * 2500}}
    assert index.units(None, large) == 3
    assert index.units(large, {**large, "text": {"S": "y"}}) == 3
    assert index.units(large, large) == 0


def test_reads_cost_by_four_kb_and_half_of_it_eventually(tables):
    rate("x" * 5000).save()
    assert metered(lambda: dynamo.get(RateItem, "bucket")).reads == {"rates": 2}
    assert metered(lambda: RateItem.get("bucket")).reads == {"rates": 1}
    assert metered(lambda: list(dynamo.get_many(RateItem, ["bucket", "none"]))).reads == {
        "rates": 3
    }
    assert metered(lambda: list(WebhookItem.by_day.query("20261120"))).reads == {"webhooks": 0.5}
