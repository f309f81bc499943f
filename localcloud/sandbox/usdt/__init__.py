"""Two chains with USDT on them: an Ethereum node, TronGrid, and a wallet that sends."""

from localcloud.sandbox.usdt.addresses import new_wallets
from localcloud.sandbox.usdt.provider import ERC20, TRC20, Usdt

__all__ = ["ERC20", "TRC20", "Usdt", "new_wallets"]
