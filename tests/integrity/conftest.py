"""Somebody who has bought, whose order the check meets."""

from tests.settlement.conftest import ada, paid, placed

__all__ = ["ada", "paid", "placed"]
