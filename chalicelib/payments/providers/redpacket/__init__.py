"""Alipay red packets: `provider` is the port, `book` the rules, `tables` what is kept of them."""

from chalicelib.payments.providers.redpacket.provider import make

__all__ = ["make"]
