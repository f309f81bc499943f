"""A person's traces over HTTP: shown, and removed."""

from __future__ import annotations

from chalicelib.kernel import clock, limits
from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.privacy import contexts, erasure, schemas

routes = Routes(__name__)


@routes.get(
    "/api/user/export",
    access=Access.USER,
    gives="Export",
    limits=limits.EXPORT,
)
def export_person(request: Request) -> Answer:
    """All that the shop keeps of the caller, for reading and taking along."""
    now = clock.now()
    found = erasure.export(str(request.caller.user_id), contexts.PERSONAL_DATA, now=now)
    return Answer(schemas.Export.model_validate({"exportedAt": clock.iso(now), **found}))


@routes.post(
    "/api/user/erase",
    access=Access.USER,
    gives="Erased",
    limits=limits.ERASE,
    also=(409,),
)
def erase_person(request: Request, body: schemas.Erase) -> Answer:
    """Remove the account and all that tells who its owner was; ends all sessions."""
    done = erasure.erase(request.caller, body.password, contexts.PERSONAL_DATA, now=clock.now())
    return Answer(schemas.Erased(done=done))
