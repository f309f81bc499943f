"""The owner's list of all payments: the newest first, by day, page by page."""

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.money import Money
from chalicelib.payments import listing, service
from chalicelib.payments.rules import Payment, PaymentStatus
from tests import stage
from tests.kernel.envelope import refused

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
DAY = 86_400
PATH = "/api/admin/payments"


def begun(number: int, at: int, **changes) -> None:
    fields = {"provider": "stripe", "status": PaymentStatus.PENDING} | changes
    payment = Payment(
        f"pay_{number}",
        f"ord_{number}",
        fields["provider"],
        Money(1000 + number, "USD"),
        fields["status"],
        at,
        at + 900,
    )
    with Transaction() as tx:
        service.begin(tx, payment)


def ids(shop, query: str = "") -> list[str]:
    found, cursor = [], ""
    while cursor is not None:
        sep = "&" if query else ""
        more = f"&cursor={cursor}" if cursor else ""
        path = f"{PATH}?{query}{sep}pageSize=2{more}"
        page = shop.call("GET", path, **KEY).json_body["data"]
        assert len(page["items"]) <= 2
        found += [row["paymentId"] for row in page["items"]]
        cursor = page["nextCursor"]
    return found


def test_all_of_them_the_newest_first_over_days_and_pages(shop):
    now = clock.now()
    for number in range(7):
        begun(number, now - number * DAY // 2)
    begun(9, now - 30 * DAY)
    expected = [f"pay_{number}" for number in range(7)]
    assert ids(shop) == [*expected, "pay_9"]


def test_by_status_method_and_day(shop):
    now = clock.now()
    begun(1, now)
    begun(2, now - 1, provider="alipay-redpacket", status=PaymentStatus.PROCESSING)
    begun(3, now - 2 * DAY)
    assert ids(shop, "status=PROCESSING") == ["pay_2"]
    assert ids(shop, "method=stripe") == ["pay_1", "pay_3"]
    day = clock.iso(now - 2 * DAY)[:10]
    assert ids(shop, f"day={day}") == ["pay_3"]
    assert ids(shop, f"day={day}&status=REVIEW") == []


def test_it_shows_how_a_payment_stands_now(shop):
    begun(1, clock.now())
    payment = service.read("pay_1")
    with Transaction() as tx:
        service.conclude(tx, payment, PaymentStatus.REVIEW, reason="9.00 USD paid")
    (row,) = shop.call("GET", PATH, **KEY).json_body["data"]["items"]
    assert (row["status"], row["reason"], row["orderId"]) == ("REVIEW", "9.00 USD paid", "ord_1")
    assert row["amount"] == {"amount": 1001, "currency": "USD"}


def test_what_is_older_than_ninety_days_is_found_by_its_day(shop):
    old = clock.now() - 100 * DAY
    begun(1, old)
    assert ids(shop) == []
    assert ids(shop, f"day={clock.iso(old)[:10]}") == ["pay_1"]


def test_a_page_looks_through_so_much_and_goes_on(shop, monkeypatch):
    monkeypatch.setattr(listing, "MOST_READ", 3)
    now = clock.now()
    for number in range(8):
        begun(number, now - number)
    begun(8, now - 8, status=PaymentStatus.REVIEW)
    assert ids(shop, "status=REVIEW") == ["pay_8"]


def test_two_of_the_same_second_are_both_shown(shop):
    for number in range(5):
        begun(number, 1_790_000_000)
    day = clock.iso(1_790_000_000)[:10]
    assert sorted(ids(shop, f"day={day}")) == [f"pay_{number}" for number in range(5)]


@pytest.mark.parametrize("query", ["status=NEVER", "day=2026-13-01", "pageSize=0", "method=../x"])
def test_filters_that_can_not_be_meant_are_refused(shop, query):
    assert shop.call("GET", f"{PATH}?{query}", **KEY).status_code == 422


def test_it_is_the_owners_alone_and_a_cursor_opens_its_own_list(shop):
    refused(shop.call("GET", PATH), 401, "UNAUTHORIZED")
    for number in range(3):
        begun(number, clock.now())
    cursor = shop.call("GET", f"{PATH}?pageSize=1", **KEY).json_body["data"]["nextCursor"]
    other = shop.call("GET", f"{PATH}?status=REVIEW&cursor={cursor}", **KEY)
    refused(other, 400, "CURSOR_INVALID")
