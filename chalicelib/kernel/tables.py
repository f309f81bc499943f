"""What the kernel keeps: allowances that are spent, calls that were answered, deeds, outages.

Access patterns
    write  spend from an allowance      Update rates (bucket), conditional on what is left
    write  give back what was spent     Update rates (bucket), in one transaction for several
    write  use something up, once       Update rates (bucket), conditional on its not being there
    write  claim a call                 Put     idempotency (caller, call), once
    write  keep its answer, give it up  Update, Delete  by the run that has the claim
    write  forget a user's answers      Query, Delete  idempotency (caller), at erasure
    write  an entry                     Put    audit (entry_id), once
    read   what was done, newest first  Query  audit.by_day (day and shard, place), backwards
    read   what somebody did            Query  audit.by_actor (actor, place)
    read   what was done to something   Query  audit.by_target (target, place)
    read   whether a provider is down   Get    outages (provider), remembered for some seconds
    read   who is down                  Scan   outages, some rows at most, by a job
    write  it is down                   Put    outages (provider)
    write  it is well again             Delete outages (provider), by a job
"""

from pathlib import Path

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection

from chalicelib.kernel.db.dynamo import Document, Index
from chalicelib.kernel.db.packed import Packed
from chalicelib.kernel.db.values import PlainMap

# What most of an answer is; see kernel/db/packed.py.
ANSWER_WORDS = Path(__file__).parent / "web" / "answer_words.txt"


class RateItem(Document):
    """What of one identity's allowance is spent in one window."""

    class Meta:
        table = "rates"

    bucket = UnicodeAttribute(hash_key=True)
    used = NumberAttribute()
    # Who spent last: a write that the SDK repeats after a lost reply knows itself by it.
    last = UnicodeAttribute()
    expires_at = NumberAttribute()


class CallItem(Document):
    class Meta:
        table = "idempotency"

    caller = UnicodeAttribute(hash_key=True)
    call = UnicodeAttribute(range_key=True)
    status = UnicodeAttribute()
    # Which run has the claim: only that one may keep its answer or give the claim up.
    run = UnicodeAttribute()
    body_digest = UnicodeAttribute()
    run_ends_at = NumberAttribute()
    # JSON of status, headers and body: a cart's is several KB, and a write costs by the KB.
    packed = Packed(null=True, words=ANSWER_WORDS)
    # As it was kept before it was packed; a day after that there is none left.
    answer = PlainMap(null=True)
    # Also the table's TTL, which only sweeps up: a claim checks it.
    expires_at = NumberAttribute()


class ByDay(Index["AuditItem"]):
    class Meta:
        index_name = "by_day"
        projection = AllProjection()

    day = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)


class ByActor(Index["AuditItem"]):
    class Meta:
        index_name = "by_actor"
        projection = AllProjection()

    actor = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)


class ByTarget(Index["AuditItem"]):
    class Meta:
        index_name = "by_target"
        projection = AllProjection()

    target = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)


class AuditItem(Document):
    class Meta:
        table = "audit"

    entry_id = UnicodeAttribute(hash_key=True)
    day = UnicodeAttribute()
    place = UnicodeAttribute()
    at = NumberAttribute()
    actor = UnicodeAttribute()
    action = UnicodeAttribute()
    target = UnicodeAttribute()
    outcome = UnicodeAttribute()
    before = PlainMap(null=True)
    after = PlainMap(null=True)
    address = UnicodeAttribute()
    request_id = UnicodeAttribute()

    by_day = ByDay()
    by_actor = ByActor()
    by_target = ByTarget()


class OutageItem(Document):
    """A provider that is down; when it is well again there is no such row."""

    class Meta:
        table = "outages"

    provider = UnicodeAttribute(hash_key=True)
    since = NumberAttribute()
