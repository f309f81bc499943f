"""Who is kept out, and what is counted of unusual behaviour.

Access patterns
    read   all blocks        Query   blocks (block_list), consistent, in memory for 5 s
    write  block, pause      Put     blocks (block_list, block_id); a pause never shortens
    write  unblock           Delete  blocks (block_list, block_id)
    write  a fact            Update  rates (bucket), its id into a set, while not full
    write  that it is known  Update  rates (bucket), claimed before, noted after
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from chalicelib.kernel.db.dynamo import Document

ALL = "all"


class BlockItem(Document):
    class Meta:
        table = "blocks"

    block_list = UnicodeAttribute(hash_key=True, default=ALL)
    block_id = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute()
    value = UnicodeAttribute()
    reason = UnicodeAttribute()
    # Also the table's TTL, which only sweeps up: the check looks at the time itself.
    until = NumberAttribute()
    created_by = UnicodeAttribute()
    created_at = NumberAttribute()


class SignalItem(Document):
    """The facts of one signal, identity and window, as digests."""

    class Meta:
        table = "rates"

    bucket = UnicodeAttribute(hash_key=True)
    seen = UnicodeSetAttribute(null=True)
    # Who is telling, and until when nobody else does.
    teller = UnicodeAttribute(null=True)
    telling_until = NumberAttribute(null=True)
    told_at = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)
