"""Which challenge this stage asks, when it asks, and what passing one is good for.

Parameters: `challenge/kind` is `proof-of-work` or `turnstile`; without it there is none, and limits
alone decide. A challenge that is set up wrongly is none: the limits hold, the log says why.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from chalicelib.accounts import tries
from chalicelib.accounts.ports import Attempt, Challenge
from chalicelib.config import Misconfigured
from chalicelib.kernel import rates, telemetry
from chalicelib.kernel.errors import FieldError, TooMany, Unavailable
from chalicelib.kernel.parameters import secrets
from chalicelib.kernel.rates import Spent

KIND = "challenge/kind"
SIGN_IN = "sign-in"
PROVIDERS = {
    "proof-of-work": "chalicelib.accounts.providers.proof_of_work",
    "turnstile": "chalicelib.accounts.providers.turnstile",
}


class ChallengeRequired(TooMany):
    """Too many tries; with the challenge answered, one more. `errors[0].challenge` has it."""

    code = "CHALLENGE_REQUIRED"

    def __init__(self, asked: Mapping[str, Any]) -> None:
        super().__init__(FieldError("challenge", self.code, facts={"challenge": dict(asked)}))


class ChallengeFailed(ChallengeRequired):
    """The answer is wrong, late, used up or another challenge's; here is a new one."""

    code = "CHALLENGE_FAILED"


def current() -> Challenge | None:
    """The stage's challenge; None when there is none, or none that works."""
    try:
        kind = secrets().get(KIND) or "off"
        if kind == "off":
            return None
        if kind not in PROVIDERS:
            raise Misconfigured(f"{KIND} must be off, {' or '.join(PROVIDERS)}")
        made: Challenge = import_module(PROVIDERS[kind]).make()
        return made
    except (Misconfigured, Unavailable) as error:
        telemetry.logger().error("no challenge is asked", exc_info=error)
        return None


def one_more_sign_in(
    refused: TooMany, email_key: str, source_ip: str, answer: str | None, *, now: int
) -> list[Spent]:
    """Another try for who was `refused` one and passed a challenge; what to give back if it is
    right.

    Raises what was refused when this stage has no challenge, ChallengeRequired without an answer,
    ChallengeFailed with a bad one; TooMany after as many tries as even a challenge is good for.
    """
    challenge = current()
    if challenge is None:
        raise refused
    attempt = Attempt(SIGN_IN, email_key, rates.address(source_ip))
    if answer is not None and challenge.passed(attempt, answer, now=now):
        return tries.proved(email_key, source_ip, now=now)
    kind = ChallengeRequired if answer is None else ChallengeFailed
    wanted = kind(challenge.ask(attempt, now=now))
    wanted.retry_after = refused.retry_after
    raise wanted
