"""The check as a kind of job."""

from chalicelib.integrity import check, schemas
from chalicelib.jobs.kinds import WalkKind
from chalicelib.kernel.caller import Permission

KINDS = (
    WalkKind(
        name=check.KIND,
        permission=Permission.MANAGE_STOCK,
        params=schemas.CheckRequest,
        begin=check.begin,
        due=check.due,
        walk=check.compare_slice,
        seconds=check.SHORTEST_SLICE_SECONDS,
    ),
)
