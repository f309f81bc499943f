"""Alipay red packets: `provider` is the port, `book` the rules, `tables` what is kept of them."""

from chalicelib.payments.manifest import Manifest

MANIFEST = Manifest(
    "Alipay red packets",
    methods={"alipay-redpacket": "provider"},
    parameters=("alipay-redpacket/cap", "alipay-redpacket/hours", "alipay-redpacket/pattern"),
)
