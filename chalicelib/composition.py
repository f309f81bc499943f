"""What the edge asks of the contexts, of which the kernel knows none; app.py puts it in place."""

from chalicelib.accounts import service as accounts
from chalicelib.kernel.caller import Caller
from chalicelib.kernel.web import auth
from chalicelib.kernel.web.request import Request
from chalicelib.security import blocks, signals


def load_libraries() -> None:
    """Load what each call to the API needs. Lambda gives a start a whole processor, and a call the
    share of one that goes with its memory: what waits for the first call makes its caller wait."""
    import aws_lambda_powertools.logging  # noqa: F401
    import pydantic  # noqa: F401
    import pynamodb.models  # noqa: F401


def install() -> None:
    """Say who identifies callers, who checks whether one is blocked, and who hears of refusals."""
    auth.install(identify, check_blocked, notice)


def identify(bearer: str | None, api_key: str | None, *, now: int) -> Caller:
    """The caller with these credentials. Raises Unauthorized."""
    return accounts.identify(bearer, api_key, now=now)


def check_blocked(caller: Caller, source_ip: str, *, now: int) -> None:
    """Raises Blocked for a caller who is blocked, or whose address is."""
    blocks.check(caller, source_ip, now=now)


def notice(code: str, request: Request, *, now: int) -> None:
    """Watch what is refused to whom; never raises."""
    call = signals.RefusedCall(
        request.source_ip, request.caller.user_id, request.path, request.request_id
    )
    signals.notice_refusal(code, call, now=now)
