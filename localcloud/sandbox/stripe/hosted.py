"""The hosted checkout page: the payer's side, plain forms, no script.

`GET /c/pay/{session}` shows it, `POST` carries out the button that was pressed.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.hosting import confine
from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import sessions, texts
from localcloud.sandbox.stripe.payer import Payer
from localcloud.sandbox.stripe.rules import EMAIL
from localcloud.sandbox.world import Refused, World

LONGEST_DELAY_MS = 3600_000


class Hosted:
    """The pages below /c/pay."""

    def __init__(self, world: World, payer: Payer) -> None:
        self._world = world
        self._payer = payer
        self._buttons: dict[str, Callable[[str, str | None], None]] = {
            "pay": lambda ref, email: self._pay(ref, email, None),
            "twice": self._twice,
            "late": lambda ref, email: self._pay(ref, email, Manner(delay_ms=_delay())),
            "lose": lambda ref, email: self._pay(ref, email, Manner(lose=True)),
            "fail": lambda ref, email: self._quietly(self._payer.fail, ref, None),
            "expire": lambda ref, email: self._quietly(self._payer.expire, ref, None),
        }

    def blueprint(self) -> Blueprint:
        """The routes."""
        pages = Blueprint("stripe_hosted", __name__, template_folder="templates")
        pages.add_url_rule("/c/pay/<reference>", "page", self.page, methods=["GET"])
        pages.add_url_rule("/c/pay/<reference>", "press", self.press, methods=["POST"])
        return pages

    def page(self, reference: str) -> ResponseReturnValue:
        """The page in the state its session is in."""
        return self._page(reference, declined="declined" in request.args)

    def press(self, reference: str) -> ResponseReturnValue:
        """One of the page's buttons."""
        action = request.form.get("action", "")
        try:
            session = self._payer.session(reference)
        except Refused:
            return self._page(reference)
        if action not in self._buttons:
            return self._page(reference, status=422)
        email = sessions.email_of(session) or request.form.get("email", "").strip()
        pays = action in ("pay", "twice", "late", "lose") and session["status"] == "open"
        if pays and not EMAIL.match(email):
            return self._page(reference, email=email, email_wrong=True, status=422)
        self._buttons[action](reference, email or None)
        return self._next(reference, action)

    def _next(self, reference: str, action: str) -> Response:
        """Where the payer is sent: a second click goes where the first one went."""
        session = self._payer.session(reference)
        if session["status"] == "complete":
            target = sessions.paid_page(session)
        else:
            target = f"/c/pay/{reference}{'?declined=1#payment' if action == 'fail' else ''}"
        return _guarded(Response(status=303, headers={"Location": target}), session)

    def _page(
        self,
        reference: str,
        *,
        declined: bool = False,
        email: str = "",
        email_wrong: bool = False,
        status: int | None = None,
    ) -> Response:
        try:
            session: Document | None = self._payer.session(reference)
        except Refused:
            session = None
        lang = texts.language(
            session["locale"] if session else None, request.headers.get("Accept-Language")
        )
        kept = self._world.store.get(sessions.LINES, reference) or {"items": []}
        html = render_template(
            "checkout.html",
            session=session,
            lines=kept["items"],
            shop=self._shop(session),
            paid_url=sessions.paid_page(session) if session else None,
            ends=texts.ending(session["expires_at"], lang) if session else "",
            delays=texts.delays(lang),
            declined=declined,
            known_email=sessions.email_of(session) if session else None,
            email=email,
            email_wrong=email_wrong,
            **texts.words(lang),
        )
        return _guarded(Response(html, status or (200 if session else 404)), session)

    def _shop(self, session: Document | None) -> dict[str, str | None]:
        """The way back, and the shop's host to show."""
        back = (session and session["cancel_url"]) or self._world.shop_origin
        return {"url": back, "host": urlsplit(back).hostname if back else None}

    def _pay(self, reference: str, email: str | None, manner: Manner | None) -> None:
        self._quietly(self._payer.pay, reference, manner, email)

    def _twice(self, reference: str, email: str | None) -> None:
        """Two clicks that arrive together: the state decides which one charges.

        The provider tells of the one payment twice, as two events.
        """
        clicks = [
            threading.Thread(target=self._pay, args=(reference, email, None)) for _ in range(2)
        ]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
        self._quietly(self._payer.announce_again, reference, None)

    @staticmethod
    def _quietly(act: Callable[..., object], *arguments: object) -> None:
        """A button pressed too late changes nothing; the next page says what is the case."""
        with suppress(Refused):
            act(*arguments)


def _delay() -> int:
    """The chosen delay in milliseconds; ten seconds when the form has none."""
    given = request.form.get("delayMs", "")
    return min(int(given), LONGEST_DELAY_MS) if given.isdecimal() else 10_000


def _guarded(answer: Response, session: Document | None) -> Response:
    """A strict policy: own style sheet, no script, forms that lead here or back to the shop."""
    return confine(answer, [session["success_url"], session["cancel_url"]] if session else [])
