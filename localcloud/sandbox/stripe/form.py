"""A page in place of the form that a storefront embeds: plain buttons, no script.

`GET /c/form/{client secret}` shows it, `POST` carries out the button that was pressed. At Stripe a
script of theirs draws the form into the storefront's own page.
"""

from contextlib import suppress

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.hosting import confine
from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import texts
from localcloud.sandbox.stripe.intents import WAITING, IntentPayer
from localcloud.sandbox.world import Refused

BUTTONS = {
    "pay": ("pay", None),
    "fail": ("fail", None),
    "pay-async": ("pay-async", None),
    "lose": ("pay", Manner(lose=True)),
}


class Form:
    """The pages below /c/form."""

    def __init__(self, payer: IntentPayer) -> None:
        self._payer = payer

    def blueprint(self) -> Blueprint:
        """The routes."""
        pages = Blueprint("stripe_form", __name__, template_folder="templates")
        pages.add_url_rule("/c/form/<secret>", "page", self.page, methods=["GET"])
        pages.add_url_rule("/c/form/<secret>", "press", self.press, methods=["POST"])
        return pages

    def page(self, secret: str) -> ResponseReturnValue:
        """The form in the state its payment is in."""
        return self._page(secret)

    def press(self, secret: str) -> ResponseReturnValue:
        """One of the form's buttons; pressed too late it changes nothing."""
        button = BUTTONS.get(request.form.get("action", ""))
        if button is None:
            return self._page(secret, status=422)
        with suppress(Refused):
            action, manner = button
            self._payer.actions[action](self._payer.by_secret(secret)["id"], manner)
        return confine(Response(status=303, headers={"Location": f"/c/form/{secret}"}), [])

    def _page(self, secret: str, status: int | None = None) -> Response:
        intent: Document | None = None
        with suppress(Refused):
            intent = self._payer.by_secret(secret)
        html = render_template(
            "form.html",
            intent=intent,
            secret=secret,
            waiting=bool(intent and intent["status"] in WAITING),
            **texts.words(texts.language(None, request.headers.get("Accept-Language"))),
        )
        return confine(Response(html, status or (200 if intent else 404)), [])
