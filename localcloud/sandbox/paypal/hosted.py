"""The page where the payer approves: plain forms, no script.

`GET /paypal/checkoutnow?token={order}` shows it, `POST` carries out the button that was pressed.
No money moves here: the shop captures what was approved.
"""

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.hosting import confine
from localcloud.sandbox.paypal import texts
from localcloud.sandbox.paypal.orders import PAYER
from localcloud.sandbox.paypal.payer import UNPAID, Payer
from localcloud.sandbox.store import Document
from localcloud.sandbox.world import Refused, World

PATH = "/paypal/checkoutnow"


class Hosted:
    """The page below /paypal/checkoutnow."""

    def __init__(self, world: World, payer: Payer) -> None:
        self._world = world
        self._buttons: dict[str, Callable[[str], object]] = {
            "pay": lambda ref: payer.approve(ref, None),
            "lose": lambda ref: payer.approve(ref, Manner(lose=True)),
            "decline": lambda ref: payer.approve(ref, None, "declined"),
            "hold": lambda ref: payer.approve(ref, None, "held"),
            "expire": lambda ref: payer.expire(ref, None),
        }
        self._payer = payer

    def blueprint(self) -> Blueprint:
        """The routes."""
        pages = Blueprint("paypal_hosted", __name__, template_folder="templates")
        pages.add_url_rule(PATH, "page", self.page, methods=["GET"])
        pages.add_url_rule(PATH, "press", self.press, methods=["POST"])
        return pages

    def page(self) -> ResponseReturnValue:
        """The page in the state its order is in."""
        return self._page(self._order())

    def press(self) -> ResponseReturnValue:
        """One of the page's buttons; a second click goes where the first one went."""
        order, action = self._order(), request.form.get("action", "")
        if order is None or action not in self._buttons:
            return self._page(order, 422)
        with suppress(Refused):  # pressed too late: the page says what is the case
            self._buttons[action](order["id"])
        order = self._order()
        target = back(order, "return_url") if order else None
        if not order or not target or order["status"] not in ("APPROVED", "COMPLETED"):
            return self._page(order)
        return _guarded(Response(status=303, headers={"Location": target}), order)

    def _order(self) -> Document | None:
        try:
            return self._payer.order(request.args.get("token", ""))
        except Refused:
            return None

    def _page(self, order: Document | None, status: int = 200) -> Response:
        context = order["_own"]["context"] if order else {}
        lang = texts.language(context.get("locale"), request.headers.get("Accept-Language"))
        html = render_template(
            "paypal_checkout.html",
            order=order,
            unit=order["purchase_units"][0] if order else None,
            open=order is not None and order["status"] in UNPAID,
            approved_url=back(order, "return_url") if order else None,
            cancel_url=back(order, "cancel_url") if order else None,
            host=urlsplit(context.get("cancel_url", "")).hostname,
            **texts.words(lang),
        )
        return _guarded(Response(html, status if order else 404), order)


def back(order: Document, name: str) -> str | None:
    """An address of the shop's with what PayPal adds to its query; the fragment stays the last."""
    address: str | None = order["_own"]["context"].get(name)
    if not address:
        return None
    parts, added = urlsplit(address), {"token": order["id"]}
    if name == "return_url":
        added["PayerID"] = PAYER
    query = "&".join(filter(None, (parts.query, urlencode(added))))
    return urlunsplit(parts._replace(query=query))


def _guarded(answer: Response, order: Document | None) -> Response:
    """A strict policy: own style sheet, no script, forms that lead here or back to the shop."""
    context = order["_own"]["context"] if order else {}
    return confine(answer, [context.get("return_url"), context.get("cancel_url")])
