"""The document over HTTP."""

from chalicelib.docs import service
from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request

routes = Routes(__name__)

FRESH_SECONDS = 300


@routes.get("/api/openapi.json", access=Access.PUBLIC, gives="Document", also=(304,))
def openapi(request: Request) -> Answer:
    """This document."""
    headers = {"Cache-Control": f"public, max-age={FRESH_SECONDS}", "ETag": service.etag()}
    if request.header("if-none-match") == service.etag():
        return Answer("", status=304, headers=headers, bare=True)
    return Answer(service.text(), headers=headers, bare=True)
