"""USDT over TRON, from the stage's parameters."""

import re

from chalicelib.config import Misconfigured
from chalicelib.kernel.parameters import secrets
from chalicelib.payments.providers.usdt import addresses
from chalicelib.payments.providers.usdt.calls import is_url
from chalicelib.payments.providers.usdt.provider import Wallet
from chalicelib.payments.providers.usdt.tron import USDT, Tron

API = "https://api.trongrid.io"
_KEY = re.compile(r"[!-~]{8,200}")


def make() -> Wallet:
    """Raises Misconfigured naming a parameter that can't be right."""
    found = secrets()
    address = found.required("usdt/trc20_wallet")
    if addresses.tron(address) in (None, USDT):
        raise Misconfigured("usdt/trc20_wallet must be your own wallet's address (T…)")
    base = found.get("usdt/trc20_api") or API
    if not is_url(base):
        # The key goes wherever this points.
        raise Misconfigured("usdt/trc20_api must be an https:// address")
    key = found.get("usdt/trc20_key")
    if key and not _KEY.fullmatch(key):
        raise Misconfigured("usdt/trc20_key must be TronGrid's key")
    return Wallet(Tron(base, key), address)
