"""USDT straight to the shop's wallet, over Ethereum (`erc20`) and over TRON (`trc20`).

Nobody stands between buyer and shop: the chain is asked. `provider` is what both share, `ethereum`
and `tron` ask a node, `chain` says what they have to answer.
"""
