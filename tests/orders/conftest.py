"""Orders use what settlement's tests set up: somebody who has bought."""

from tests.settlement.conftest import ada, paid, placed

__all__ = ["ada", "paid", "placed"]
