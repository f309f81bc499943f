"""A wallet that sends, for people: `GET /usdt/wallet/<chain>`, plain forms, no script."""

from decimal import Decimal, InvalidOperation

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from localcloud.sandbox.hosting import confine
from localcloud.sandbox.provider import Provider
from localcloud.sandbox.stripe.texts import language
from localcloud.sandbox.usdt import texts
from localcloud.sandbox.usdt.chain import Chain
from localcloud.sandbox.world import Refused, World

# What each button does, in the page's order.
BUTTONS = ("send", "less", "more", "other-token", "other-wallet", "fail")
SHOWN = 12


class Hosted:
    """The wallet of one chain, whose buttons do what its `provider` can."""

    def __init__(self, world: World, chain: Chain, provider: Provider) -> None:
        self._world, self._chain, self._provider = world, chain, provider

    def blueprint(self) -> Blueprint:
        """The routes."""
        name = self._provider.name
        pages = Blueprint(f"{name}_wallet", __name__, template_folder="templates")
        pages.add_url_rule(f"/usdt/wallet/{name}", "page", self.page, methods=["GET"])
        pages.add_url_rule(f"/usdt/wallet/{name}", "press", self.press, methods=["POST"])
        return pages

    def page(self) -> ResponseReturnValue:
        """The wallet, with what was sent."""
        return self._page(request.args.to_dict())

    def press(self) -> ResponseReturnValue:
        """One of its buttons."""
        given, action = request.form.to_dict(), request.form.get("action", "")
        if action == "confirm":
            self._chain.mine(self._chain.rules.depth)
            return self._page(given, said="confirmed")
        units = _units(given.get("amount", ""))
        if action not in BUTTONS or not units:
            return self._page(given, said="wrong", status=422)
        try:
            reference = f"{given.get('address', '').strip()}:{units}"
            done = self._provider.act(reference, action, None, {})
        except Refused:
            return self._page(given, said="wrong", status=422)
        return self._page(given, said="sent", sent=done["transfer"]["hash"])

    def _page(
        self, given: dict[str, str], *, said: str = "", sent: str = "", status: int = 200
    ) -> Response:
        lang = language(None, request.headers.get("Accept-Language"))
        html = render_template(
            "usdt_wallet.html",
            chain=self._chain.rules,
            given=given,
            said=said,
            sent=sent,
            buttons=BUTTONS,
            transfers=self._provider.state()["transfers"][:SHOWN],
            written=written,
            shop=self._world.shop_origin,
            **texts.words(lang),
        )
        return confine(Response(html, status), [])


def _units(amount: str) -> int:
    """10^6 to a USDT; 0 for what is no sum."""
    try:
        units = Decimal(amount.strip()).scaleb(6)
    except InvalidOperation:
        return 0
    whole = units.is_finite() and units == units.to_integral_value() and 0 < units < 10**15
    return int(units) if whole else 0


def written(units: int) -> str:
    """`12345678` as `12.345678`."""
    return f"{Decimal(units).scaleb(-6):.6f}"
