"""Asking about subscriptions instead of waiting: a webhook that never came changes nothing."""

from dataclasses import dataclass

from chalicelib.kernel import telemetry
from chalicelib.kernel.errors import LostRace, ShopError
from chalicelib.subscriptions import changing, opening, tables
from chalicelib.subscriptions.following import refresh
from chalicelib.subscriptions.rules import SubscriptionNotThereYet

# Of each of the index's shards, each time: what one run can ask beside the payments.
MOST_ASKED = 25


@dataclass
class Asked:
    """What a look did."""

    asked: int = 0
    moved: int = 0
    failed: int = 0

    def counts(self) -> dict[str, int]:
        """For the log, beside those of payments."""
        return {f"subscriptions_{name}": number for name, number in vars(self).items()}


def run(now: int) -> Asked:
    """Ask about all of which something should have been heard. One failure leaves that one for the
    next run."""
    done = Asked()
    for subscription_id in tables.due(now, most=MOST_ASKED):
        try:
            moved = look(subscription_id, now=now)
        except (ShopError, LostRace, SubscriptionNotThereYet) as error:
            telemetry.logger().warning("subscription left for the next run", exc_info=error)
            done.failed += 1
            continue
        done.asked += moved is not None
        done.moved += bool(moved)
    telemetry.metric(
        {"SubscriptionsAskedAbout": done.asked, "SubscriptionsFoundByAsking": done.moved}
    )
    return done


def look(subscription_id: str, *, now: int) -> bool | None:
    """Ask about one; whether that changed its status, None when there was nothing to ask."""
    before = tables.read(subscription_id)
    if before is None or before.due_at is None or before.due_at > now:
        return None  # the index shows what was
    if before.deed is not None:
        after = changing.go_on(before, now=now)
    elif before.waits and now >= before.page_ends_at:
        after = opening.close(before, now=now)
    else:
        after = refresh(subscription_id, now=now)
    return after.status != before.status
