"""Who may come in: each route says it, and it is checked here, before anything of the view runs."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from chalicelib.kernel.caller import GUEST, Caller, CallerKind, Permission
from chalicelib.kernel.errors import Forbidden, Unauthorized
from chalicelib.kernel.web.request import Request

MOST_CREDENTIAL = 4096  # characters; a token of ours has some 500


class Access(StrEnum):
    """Who may call a route that needs no permission."""

    PUBLIC = "public"
    # Anybody as well, but the view shows more to whoever may see more.
    ANYONE = "anyone"
    # Whoever holds the cart's id or the order's token, or owns it signed in; the service checks it.
    HOLDER = "holder"
    # A provider, by its signature over the raw body; the service checks it.
    SIGNED = "signed"
    # Any signed-in user, for what is their own.
    USER = "user"


class Identify(Protocol):
    """Tells a caller from credentials, of which there is one at least.

    Raises Unauthorized (or a subclass) for what is wrong, over, ended or banned.
    """

    def __call__(self, bearer: str | None, api_key: str | None, *, now: int) -> Caller: ...


class Noticed(Protocol):
    """Is told of every call that was refused, with its error's code; never raises."""

    def __call__(self, code: str, request: Request, *, now: int) -> None: ...


def _nobody(bearer: str | None, api_key: str | None, *, now: int) -> Caller:
    raise Unauthorized()


class CheckBlocked(Protocol):
    """Raises Forbidden for whoever is kept out at the moment."""

    def __call__(self, caller: Caller, source_ip: str, *, now: int) -> None: ...


def _nobody_kept_out(caller: Caller, source_ip: str, *, now: int) -> None:
    pass


def _unheard(code: str, request: Request, *, now: int) -> None:
    pass


_identify: Identify = _nobody
_check_blocked: CheckBlocked = _nobody_kept_out
_noticed: Noticed = _unheard


def install(
    identify: Identify, check_blocked: CheckBlocked = _nobody_kept_out, noticed: Noticed = _unheard
) -> None:
    """Say who tells callers apart, who keeps some out, and who hears of refusals; until then nobody
    with credentials comes in."""
    global _identify, _check_blocked, _noticed
    _identify, _check_blocked, _noticed = identify, check_blocked, noticed


def reads_credentials(method: str, access: Access | Permission) -> bool:
    """Whether a route cares who calls.

    Public GETs do not: browsers and CDNs keep their answers for everybody. A provider's signature
    is the view's business.
    """
    reads = method in ("GET", "HEAD")
    return access is not Access.SIGNED and not (access is Access.PUBLIC and reads)


def authorize(request: Request, access: Access | Permission, *, now: int) -> Caller:
    """The caller of a request, if they may call a route of this access.

    Raises Unauthorized for bad credentials, wherever they are looked at, and for guests where one
    must be somebody; Forbidden for somebody without the permission, and for who is shut out.
    """
    if not reads_credentials(request.method, access):
        return GUEST
    caller = _caller(request.headers, now)
    if access is not Access.ANYONE or caller is not GUEST:
        # Who is kept out may look; what monitors look at must not hang on who is.
        _check_blocked(caller, request.source_ip, now=now)
    if isinstance(access, Permission):
        _require(caller, caller.may(access))
    elif access is Access.USER:
        # A key is a machine's: it has no profile, no address book, no sessions.
        _require(caller, caller.kind is CallerKind.USER)
    return caller


def refused(code: str, request: Request, *, now: int) -> None:
    """Tell whoever watches that a call was refused."""
    _noticed(code, request, now=now)


def _caller(headers: Mapping[str, str], now: int) -> Caller:
    bearer, key = _bearer(headers.get("authorization")), headers.get("x-api-key") or None
    if bearer is None and key is None:
        return GUEST
    if len(bearer or "") > MOST_CREDENTIAL or len(key or "") > MOST_CREDENTIAL:
        raise Unauthorized()
    return _identify(bearer, key, now=now)


def _bearer(header: str | None) -> str | None:
    """The token of `Authorization: Bearer …`. Another scheme is a bad credential, not a guest."""
    if not header:
        return None
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized()
    return token.strip()


def _require(caller: Caller, allowed: bool) -> None:
    if allowed:
        return
    raise Unauthorized() if caller.kind is CallerKind.GUEST else Forbidden()
