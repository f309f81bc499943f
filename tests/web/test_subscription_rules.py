"""What the account's page shows and offers of a subscription in each state."""

from typing import Any

import pytest

from tests.web.node import call

RULES = "shop/subscription-rules.js"
PLANS = [{"id": "month"}, {"id": "year"}]


def one(**changes: Any) -> dict[str, Any]:
    return {
        "id": "sub_1",
        "planId": "month",
        "status": "ACTIVE",
        "url": None,
        "currentPeriodEnd": "2026-12-20T08:00:00Z",
        "cancelAtPeriodEnd": False,
        "changingTo": None,
        "endedAt": None,
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "deeds"),
    [
        ({}, {"cancel", "change"}),
        ({"cancelAtPeriodEnd": True}, {"resume", "change"}),
        ({"status": "INCOMPLETE", "url": "https://pay"}, {"pay", "cancel"}),
        ({"status": "PAST_DUE", "url": "https://pay"}, {"pay", "cancel", "change"}),
        ({"changingTo": "year"}, {"cancel"}),
        ({"status": "CANCELLED"}, set()),
    ],
)
def test_what_may_be_done_follows_from_how_it_stands(
    changes: dict[str, Any], deeds: set[str]
) -> None:
    may = call(RULES, "deedsOf", one(**changes), PLANS)
    assert {name for name, allowed in may.items() if allowed} == deeds


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        ({}, "good"),
        ({"cancelAtPeriodEnd": True}, "warn"),
        ({"status": "PAST_DUE"}, "warn"),
        ({"status": "CANCELLED"}, "plain"),
    ],
)
def test_the_mark_says_whether_something_is_to_be_done(changes: dict[str, Any], mark: str) -> None:
    assert call(RULES, "markOf", one(**changes)) == mark


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "renews"),
        ({"cancelAtPeriodEnd": True}, "ends"),
        ({"status": "CANCELLED", "endedAt": "2026-12-01T08:00:00Z"}, "ended"),
        ({"status": "INCOMPLETE"}, None),
    ],
)
def test_what_happens_next_is_told_with_its_day(changes: dict[str, Any], says: str | None) -> None:
    shown = call(RULES, "whenOf", one(**changes))
    assert (shown["key"].rpartition(".")[2] if shown else None) == says


def test_a_plan_is_offered_unless_the_shopper_has_it() -> None:
    def offered(*items: dict[str, Any]) -> set[str]:
        return {plan["id"] for plan in call(RULES, "free", PLANS, list(items))}

    assert offered() == {"month", "year"}
    assert offered(one()) == {"year"}
    assert offered(one(status="CANCELLED"), one(status="EXPIRED")) == {"month", "year"}
    assert offered(one(changingTo="year")) == set()


def test_what_nobody_paid_is_not_shown() -> None:
    assert call(RULES, "shown", [one(status="EXPIRED"), one()]) == [one()]
