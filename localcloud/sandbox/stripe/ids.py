"""Ids in the shapes of the provider's own."""

import secrets
import string

ALPHABET = string.ascii_letters + string.digits


def new(prefix: str, length: int = 24) -> str:
    """`new("pi")` → `pi_…`; never the same twice."""
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(length))}"


def session() -> str:
    """A Checkout Session's id in test mode."""
    return new("cs_test", 58)
