"""Providers by themselves, where there is no shop around them."""

from tests.payments.conftest import adapter_alone

__all__ = ["adapter_alone"]
