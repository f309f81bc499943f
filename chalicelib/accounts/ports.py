"""What tells a person who was locked out by guessers from the guessers: a challenge.

Implementations: `providers/proof_of_work.py` (the shop's own) and `providers/turnstile.py` (a
service). Which one a stage uses, if any, stands in its parameters; see `challenges.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.kernel.errors import Unavailable


@dataclass(frozen=True)
class Attempt:
    """What a challenge is for: this purpose (`sign-in`), at this account (a digest), from this
    address of the net. Passed for one attempt it is worth nothing for another."""

    purpose: str
    subject: str
    address: str


class ChallengeUnavailable(Unavailable):
    """The service that judges answers can't be reached, or is set up wrongly."""

    code = "CHALLENGE_UNAVAILABLE"
    retry_after = 30


class Challenge(Protocol):
    """One way to tell people from programs, or to make programs pay."""

    def ask(self, attempt: Attempt, *, now: int) -> Mapping[str, Any]:
        """What the page needs to have it answered: plain JSON, `kind` among it."""

    def passed(self, attempt: Attempt, answer: str, *, now: int) -> bool:
        """Whether it is the answer to a challenge asked for this attempt, given in time and for
        the first time. Raises ChallengeUnavailable when nobody can say."""
