"""Health over HTTP, without the envelope: for load balancers and monitors."""

from chalicelib.health import service
from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Access, Answer, Permission, Routes
from chalicelib.kernel.web.request import Request

routes = Routes(__name__)


@routes.get("/health", access=Access.ANYONE, gives="Health", also=(503,))
def health(request: Request) -> Answer:
    """Which of the shop's services are up; for administrators, which ways to pay are off."""
    checks = service.checks()
    well = all(checks.values())
    body: dict[str, object] = {
        "status": "healthy" if well else "unhealthy",
        "timestamp": clock.iso(clock.now()),
        "services": {name: "up" if up else "down" for name, up in checks.items()},
        "checks": checks,
    }
    if request.caller.may(Permission.VIEW_HEALTH):
        body["details"] = {"payments": _payments()}
    return Answer(body, status=200 if well else 503, bare=True)


def _payments() -> dict[str, dict[str, object]]:
    return {name: {"on": each.on, "why": each.why} for name, each in service.providers().items()}


@routes.get("/ready", access=Access.PUBLIC, gives="Ready", also=(503,))
def ready(request: Request) -> Answer:
    """Whether the shop can serve."""
    well = all(service.checks().values())
    return Answer({"ready": well}, status=200 if well else 503, bare=True)
