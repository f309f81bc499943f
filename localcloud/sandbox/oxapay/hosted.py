"""The page where an invoice is paid: the payer's side, plain forms, no script.

`GET /oxapay/pay/{track_id}` shows it, `POST` carries out the button that was pressed.
"""

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.hosting import confine
from localcloud.sandbox.oxapay import invoices, texts
from localcloud.sandbox.oxapay.payer import AWAITED, Payer
from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe.texts import ending, language
from localcloud.sandbox.world import Refused, World

# What the payer is shown of an invoice that can't be paid any more.
HEADS = {"manual_accept": "paid", "refunding": "refunded"}


class Hosted:
    """The pages below /oxapay/pay."""

    def __init__(self, world: World, payer: Payer) -> None:
        self._world = world
        self._payer = payer
        self._buttons: dict[str, Callable[[str], object]] = {
            "pay": lambda ref: payer.pay(ref, None),
            "paying": lambda ref: payer.paying(ref, None),
            "underpay": lambda ref: payer.underpay(ref, None, None),
            "overpay": lambda ref: payer.overpay(ref, None, None),
            "lose": lambda ref: payer.pay(ref, Manner(lose=True)),
            "expire": lambda ref: payer.expire(ref, None),
        }

    def blueprint(self) -> Blueprint:
        """The routes."""
        pages = Blueprint("oxapay_hosted", __name__, template_folder="templates")
        pages.add_url_rule("/oxapay/pay/<track_id>", "page", self.page, methods=["GET"])
        pages.add_url_rule("/oxapay/pay/<track_id>", "press", self.press, methods=["POST"])
        return pages

    def page(self, track_id: str) -> ResponseReturnValue:
        """The page in the state its invoice is in."""
        return self._page(track_id)

    def press(self, track_id: str) -> ResponseReturnValue:
        """One of the page's buttons; pressed too late it changes nothing."""
        action = request.form.get("action", "")
        if action not in self._buttons:
            return self._page(track_id, status=422)
        try:
            self._payer.invoice(track_id)
        except Refused:
            return self._page(track_id)
        with suppress(Refused):
            self._buttons[action](track_id)
        invoice = self._payer.invoice(track_id)
        home = invoice["return_url"] if invoice["status"] in ("paid", "underpaid") else ""
        target = home or f"/oxapay/pay/{track_id}"
        return _guarded(Response(status=303, headers={"Location": target}), invoice)

    def _page(self, track_id: str, status: int | None = None) -> Response:
        try:
            invoice: Document | None = self._payer.invoice(track_id)
        except Refused:
            invoice = None
        lang = language(None, request.headers.get("Accept-Language"))
        html = render_template(
            "oxapay_pay.html",
            invoice=invoice,
            awaited=bool(invoice and invoice["status"] in AWAITED),
            due=invoices.minor(invoice) if invoice else 0,
            head=HEADS.get(invoice["status"], invoice["status"]) if invoice else "",
            shop=self._shop(invoice),
            ends=ending(invoice["expired_at"], lang) if invoice else "",
            coin={"coin": invoices.COIN, "network": invoices.NETWORK},
            **texts.words(lang),
        )
        return _guarded(Response(html, status or (200 if invoice else 404)), invoice)

    def _shop(self, invoice: Document | None) -> dict[str, str | None]:
        """The way back, and the shop's host to show."""
        back = (invoice and invoice["return_url"]) or self._world.shop_origin
        return {"url": back, "host": urlsplit(back).hostname if back else None}


def _guarded(answer: Response, invoice: Document | None) -> Response:
    """A strict policy: own style sheet, no script, forms that lead here or back to the shop."""
    return confine(answer, [invoice["return_url"]] if invoice else [])
