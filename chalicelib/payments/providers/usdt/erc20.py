"""USDT over Ethereum, from the stage's parameters."""

import re

from chalicelib.config import Misconfigured
from chalicelib.kernel.parameters import secrets
from chalicelib.payments.providers.usdt import addresses
from chalicelib.payments.providers.usdt.calls import is_url
from chalicelib.payments.providers.usdt.ethereum import USDT, Ethereum
from chalicelib.payments.providers.usdt.provider import Wallet

CONFIRMATIONS = "12"


def make() -> Wallet:
    """Raises Misconfigured naming a parameter that can't be right."""
    found = secrets()
    address, url = found.required("usdt/erc20_wallet"), found.required("usdt/erc20_rpc")
    if addresses.ethereum(address) in (None, USDT):
        raise Misconfigured(
            "usdt/erc20_wallet must be 0x and 40 hexadecimal digits in one case, your own wallet"
        )
    if not is_url(url):
        raise Misconfigured("usdt/erc20_rpc must be the https:// address of an Ethereum node")
    depth = found.get("usdt/erc20_confirmations") or CONFIRMATIONS
    if not re.fullmatch(r"[1-9][0-9]?", depth):
        raise Misconfigured("usdt/erc20_confirmations must be a number from 1 to 99")
    return Wallet(Ethereum(url, int(depth)), address.lower())
