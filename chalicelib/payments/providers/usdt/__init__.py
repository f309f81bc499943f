"""USDT straight to the shop's wallet, over Ethereum (`erc20`) and over TRON (`trc20`).

Nobody stands between buyer and shop: the chain is asked. `provider` is what both share, `ethereum`
and `tron` ask a node, `chain` says what they have to answer.
"""

from chalicelib.payments.manifest import Manifest

MANIFEST = Manifest(
    "USDT",
    methods={"usdt-erc20": "erc20", "usdt-trc20": "trc20"},
    parameters=(
        "usdt/erc20_wallet",
        "usdt/erc20_rpc",
        "usdt/erc20_confirmations",
        "usdt/trc20_wallet",
        "usdt/trc20_api",
        "usdt/trc20_key",
    ),
)
