"""What the faults share."""

from tests.races.conftest import busy_shop  # noqa: F401  # for faults among threads
