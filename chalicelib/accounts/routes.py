"""Registering, signing in and out, passwords and sessions over HTTP."""

from __future__ import annotations

from typing import Any

from chalicelib.accounts import enrolment, recovery, rules, schemas, service
from chalicelib.cart import merging
from chalicelib.config import settings
from chalicelib.kernel import clock, limits
from chalicelib.kernel.web import cors
from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request

routes = Routes(__name__)

COOKIE = "refresh"
NOT_KEPT = "its tokens are shown once and stored nowhere"
SAME_AGAIN = "what has ended stays ended"


@routes.post(
    "/api/auth/register",
    access=Access.PUBLIC,
    gives="MailSent",
    status=201,
    limits=limits.REGISTER,
)
def register(request: Request, body: schemas.Register) -> Answer:
    """Open an account; the mail that follows says how it goes on."""
    enrolment.register(
        body.email,
        body.password,
        body.username,
        visit=_visit(request, body.locale),
        now=clock.now(),
    )
    return Answer(schemas.MailSent())


@routes.post(
    "/api/auth/login",
    access=Access.PUBLIC,
    gives="LoginAnswer",
    limits=limits.SIGN_IN,
    idempotent=False,
    because=NOT_KEPT,
    also=(401, 403, 503),
)
def login(request: Request, body: schemas.Login) -> Answer:
    """Sign in with e-mail and password; a guest's cart comes along."""
    now = clock.now()
    made = service.sign_in(
        body.email, body.password, visit=_visit(request), now=now, answer=body.challenge
    )
    cart_id = body.cart_id and merging.merge_at_sign_in(body.cart_id, made.user.user_id, now=now)
    return _tokens(schemas.LoginAnswer, made, cookie=body.cookie, now=now, cart_id=cart_id)


@routes.post(
    "/api/auth/refresh",
    access=Access.PUBLIC,
    gives="TokensAnswer",
    limits=limits.REFRESH,
    idempotent=False,
    because=NOT_KEPT,
    also=(401, 403),
)
def refresh(request: Request, body: schemas.Refresh) -> Answer:
    """Get new tokens for a refresh token, which is used up by it."""
    cors.check_origin(request.headers)
    now = clock.now()
    shown, in_cookie = _refresh_token(request, body.refresh_token)
    made = service.refresh(shown or "", visit=_visit(request), now=now)
    return _tokens(schemas.TokensAnswer, made, cookie=body.cookie or in_cookie, now=now)


@routes.post(
    "/api/auth/logout",
    access=Access.PUBLIC,
    gives="Done",
    limits=limits.REFRESH,
    idempotent=False,
    because=SAME_AGAIN,
    also=(401, 403),
)
def logout(request: Request, body: schemas.Logout) -> Answer:
    """End this session, by its access token, its refresh token, or both."""
    # Its answer takes the cookie away, whether or not one was sent.
    cors.check_origin(request.headers)
    shown, _ = _refresh_token(request, body.refresh_token)
    service.sign_out(request.caller, shown, now=clock.now())
    return Answer(schemas.Done(), headers=_cookie("", 0))


@routes.post(
    "/api/auth/logout-all",
    access=Access.USER,
    gives="Done",
    limits=limits.CHANGES,
    idempotent=False,
    because=SAME_AGAIN,
)
def logout_all(request: Request, body: schemas.LogoutAll) -> Answer:
    """End all sessions of the caller, this one too."""
    service.sign_out_everywhere(request.caller, visit=_visit(request), now=clock.now())
    return Answer(schemas.Done(), headers=_cookie("", 0))


@routes.post(
    "/api/auth/verify-email",
    access=Access.PUBLIC,
    gives="Done",
    limits=limits.VERIFY_EMAIL,
)
def verify_email(request: Request, body: schemas.VerifyEmail) -> Answer:
    """Prove an e-mail address by the link that was mailed to it."""
    enrolment.verify_email(body.token, operation=request.operation, now=clock.now())
    return Answer(schemas.Done())


@routes.post(
    "/api/auth/resend-verification",
    access=Access.USER,
    gives="MailSent",
    status=202,
    limits=limits.FORGOT_PASSWORD,
)
def resend_verification(request: Request, body: schemas.ResendVerification) -> Answer:
    """Mail the link that proves the caller's address once more."""
    enrolment.ask_verification(request.caller, visit=_visit(request), now=clock.now())
    return Answer(schemas.MailSent())


@routes.post(
    "/api/auth/forgot-password",
    access=Access.PUBLIC,
    gives="MailSent",
    status=202,
    limits=limits.FORGOT_PASSWORD,
)
def forgot_password(request: Request, body: schemas.ForgotPassword) -> Answer:
    """Mail a link to a new password, if the address has an account."""
    recovery.forgot(body.email, visit=_visit(request), now=clock.now())
    return Answer(schemas.MailSent())


@routes.post(
    "/api/auth/reset-password",
    access=Access.PUBLIC,
    gives="Done",
    limits=limits.RESET_PASSWORD,
)
def reset_password(request: Request, body: schemas.ResetPassword) -> Answer:
    """Set a new password by the link that was mailed; all sessions end."""
    recovery.reset(body.token, body.new_password, visit=_visit(request), now=clock.now())
    return Answer(schemas.Done())


@routes.post(
    "/api/auth/change-password",
    access=Access.USER,
    gives="TokensAnswer",
    limits=limits.PASSWORD_CHANGE,
    idempotent=False,
    because=NOT_KEPT,
    also=(409,),
)
def change_password(request: Request, body: schemas.ChangePassword) -> Answer:
    """Set a new password by the current one; all sessions end, the caller gets a new one."""
    now = clock.now()
    made = recovery.change(
        request.caller,
        body.current_password,
        body.new_password,
        visit=_visit(request),
        now=now,
    )
    _, in_cookie = _refresh_token(request, None)
    return _tokens(schemas.TokensAnswer, made, cookie=body.cookie or in_cookie, now=now)


@routes.get("/api/user/sessions", access=Access.USER, gives="SessionList")
def list_sessions(request: Request) -> Answer:
    """Where the caller is signed in, newest first."""
    found = service.list_sessions(request.caller, now=clock.now())
    current = request.caller.session_id
    return Answer(
        schemas.SessionList(items=[schemas.SessionAnswer.of(one, current) for one in found])
    )


@routes.delete(
    "/api/user/sessions/{session_id}", access=Access.USER, gives="Done", limits=limits.CHANGES
)
def end_session(request: Request, session_id: str) -> Answer:
    """End one of the caller's sessions."""
    service.end_session(request.caller, session_id, visit=_visit(request), now=clock.now())
    return Answer(schemas.Done())


def _visit(request: Request, locale: str | None = None) -> rules.Visit:
    browser = request.header("user-agent") or ""
    return rules.Visit(
        address=request.source_ip,
        device="".join(letter for letter in browser if letter.isprintable()),
        request_id=request.request_id,
        operation=request.operation,
        locale=locale or request.locale,
    )


def _refresh_token(request: Request, in_body: str | None) -> tuple[str | None, bool]:
    """The refresh token that is shown, and whether the cookie shows it. The body's comes first."""
    if in_body is not None:
        return in_body, False
    for cookie in (request.header("cookie") or "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE and value:
            return value, True
    return None, False


def _tokens(
    kind: type[schemas.TokensAnswer], made: service.SignedIn, *, cookie: bool, now: int, **more: Any
) -> Answer:
    data = kind(
        access_token=made.access_token,
        expires_in=made.seconds,
        refresh_token=None if cookie else made.refresh_token,
        user=schemas.UserAnswer.of(made.user),
        **more,
    )
    seconds = made.session.expires_at - now
    return Answer(data, headers=_cookie(made.refresh_token, seconds) if cookie else {})


def _cookie(value: str, seconds: int) -> dict[str, str]:
    """The refresh token as a cookie that no script reads and no other site sends."""
    # A laptop's shop is served without TLS, where browsers drop secure cookies.
    secure = "" if settings().stage == "local" else "Secure; "
    life = f"Path=/api/auth; Max-Age={max(seconds, 0)}"
    return {"Set-Cookie": f"{COOKIE}={value}; {life}; HttpOnly; {secure}SameSite=Strict"}
