"""A challenge of the shop's own: a number that takes a browser a second to find.

The page looks for a number whose SHA-256, together with the puzzle, begins with as many zero bits
as `difficulty` says; checking it is one hash. The puzzle is signed, not stored: it holds its end,
its difficulty and a number of its own, and its signature is good for one attempt alone. Only a used
one is kept, until its end. The scheme is Hashcash's (hashcash.org/papers/hashcash.pdf).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from chalicelib.accounts.ports import Attempt
from chalicelib.config import Misconfigured
from chalicelib.kernel import rates
from chalicelib.kernel.ids import token
from chalicelib.kernel.parameters import secrets
from chalicelib.kernel.web import cursor

# Zero bits: 2^16 hashes on average, a second of a browser's time. Each bit more doubles it.
DIFFICULTY, LEAST, MOST = 16, 8, 24
# To find the number on a slow phone, and to press the button.
SECONDS = 300
SEPARATOR = "~"
MAX_NUMBER = 16  # digits


def make() -> "ProofOfWork":
    """From the stage's parameters. Raises Misconfigured naming the one that can't be right."""
    configured = secrets().get("challenge/difficulty") or str(DIFFICULTY)
    if not (configured.isascii() and configured.isdigit() and LEAST <= int(configured[:4]) <= MOST):
        raise Misconfigured(f"challenge/difficulty must be a number from {LEAST} to {MOST}")
    return ProofOfWork(int(configured))


class ProofOfWork:
    """See accounts/ports.py."""

    def __init__(self, difficulty: int = DIFFICULTY) -> None:
        self._difficulty = difficulty

    def ask(self, attempt: Attempt, *, now: int) -> Mapping[str, Any]:
        puzzle = cursor.seal(_scope(attempt), [now + SECONDS, self._difficulty, token()])
        return {"kind": "proof-of-work", "puzzle": puzzle, "difficulty": self._difficulty}

    def passed(self, attempt: Attempt, answer: str, *, now: int) -> bool:
        puzzle, _, number = answer.rpartition(SEPARATOR)
        if not (number.isascii() and number.isdigit() and len(number) <= MAX_NUMBER):
            return False
        try:
            until, difficulty, name = cursor.unseal(_scope(attempt), puzzle)
        except cursor.CursorInvalid:
            return False
        solved = zero_bits(hashlib.sha256(answer.encode()).digest()) >= difficulty
        return until > now and solved and rates.once("challenge", name, until=until)


def zero_bits(digest: bytes) -> int:
    """How many zero bits a digest begins with."""
    return len(digest) * 8 - int.from_bytes(digest).bit_length()


def _scope(attempt: Attempt) -> str:
    return f"challenge#{attempt.purpose}#{attempt.subject}#{attempt.address}"
