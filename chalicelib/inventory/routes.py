"""Stock over HTTP."""

from chalicelib.inventory import service
from chalicelib.inventory.schemas import AvailabilityAnswer
from chalicelib.kernel.http import Access, Answer, Routes
from chalicelib.kernel.request import Request

routes = Routes(__name__)


@routes.get("/api/inventory/availability/{variant_id}", access=Access.PUBLIC)
def availability(request: Request, variant_id: str) -> Answer:
    return Answer(AvailabilityAnswer.of(service.available(variant_id)))
