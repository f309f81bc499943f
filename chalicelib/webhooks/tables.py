"""The log of webhooks.

Access patterns
    read   a webhook            Get     webhooks (webhook_id), consistent: done already?
    write  a webhook's end      Update  what came and what it did, with its last step, in one
                                        transaction; or its failure, unless done
    read   a day's webhooks     Query   webhooks by_day (day, place), newest first, without bodies

The order's state alone keeps a webhook from having its effect twice; the log drops a repeat once
the last step is written, which spares the work. What nobody follows has no row.
"""

from pathlib import Path

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import IncludeProjection

from chalicelib.kernel.db.dynamo import Document, Index
from chalicelib.kernel.db.packed import Packed

# What the list of webhooks shows of each.
WEBHOOK_SUMMARY = tuple(
    """provider event_id type status reference payment_id received_at done_at attempts took_ms
    error""".split()
)


# What most of a webhook's body is; see kernel/db/packed.py.
WORDS = Path(__file__).with_name("webhook_words.txt")


class ByDay(Index["WebhookItem"]):
    class Meta:
        index_name = "by_day"
        projection = IncludeProjection(list(WEBHOOK_SUMMARY))

    day = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)


class WebhookItem(Document):
    class Meta:
        table = "webhooks"

    webhook_id = UnicodeAttribute(hash_key=True)
    provider = UnicodeAttribute()
    event_id = UnicodeAttribute()
    type = UnicodeAttribute()
    status = UnicodeAttribute()
    reference = UnicodeAttribute(null=True)
    payment_id = UnicodeAttribute(null=True)
    received_at = NumberAttribute()
    done_at = NumberAttribute(null=True)
    attempts = NumberAttribute(default=0)
    # Of the try that ended it, from taking it up.
    took_ms = NumberAttribute(null=True)
    error = UnicodeAttribute(null=True)
    # What the provider sent, without people; it is played again from here.
    packed = Packed(null=True, words=WORDS)
    # The same in rows from before it was packed.
    body = UnicodeAttribute(null=True)
    correlation_id = UnicodeAttribute(null=True)
    # Also the table's TTL, which only sweeps up.
    expires_at = NumberAttribute(null=True)
    day = UnicodeAttribute(null=True)
    place = UnicodeAttribute(null=True)

    by_day = ByDay()

    @property
    def sent(self) -> str | None:
        """What the provider sent, however it is kept."""
        return self.packed or self.body
