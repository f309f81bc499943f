"""Asking about subscriptions instead of waiting: a webhook that never came changes nothing."""

from dataclasses import dataclass

from chalicelib.kernel import outages, telemetry
from chalicelib.kernel.messaging import rows
from chalicelib.subscriptions import changing, opening, tables
from chalicelib.subscriptions.following import refresh

# Of each of the index's shards, each time: what one run can ask beside the payments.
MOST_ASKED = 25


@dataclass
class Asked:
    """What a look did."""

    asked: int = 0
    moved: int = 0
    failed: int = 0
    complete: bool = True

    def counts(self) -> dict[str, int]:
        """For the log, beside those of payments."""
        return {f"subscriptions_{name}": int(number) for name, number in vars(self).items()}


def run(now: int) -> Asked:
    """Ask about all of which something should have been heard. One failure, whatever it is, leaves
    that one for the next run."""
    done = Asked()

    def handle(subscription_id: str) -> None:
        moved = refresh_one(subscription_id, now=now)
        done.asked += moved is not None
        done.moved += bool(moved)

    with outages.probing():
        part = rows.work_off("subscriptions", *tables.due(now, most=MOST_ASKED), handle=handle)
    done.failed, done.complete = part.failed, part.complete
    telemetry.metric(
        {"SubscriptionsAskedAbout": done.asked, "SubscriptionsFoundByAsking": done.moved}
    )
    return done


def refresh_one(subscription_id: str, *, now: int) -> bool | None:
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
