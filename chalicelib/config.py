"""Settings of the stage: names and switches from the environment (kernel/parameters.py: secrets).

The only module that reads the environment. Nothing is read at import, so that packaging can
import `app.py` anywhere; everything is read once, at first use, and checked there.
"""

import os
import re
from dataclasses import dataclass
from functools import cache

STAGES = ("local", "dev", "prod", "test")
SECRETS_MAX_AGE_SECONDS = 300
ADDRESS_FACTOR_AT_HOME = 100


class Misconfigured(RuntimeError):
    """The stage's settings are missing or malformed; the message names the one to mend."""


class Missing(Misconfigured):
    """Not there at all: what needs it is off, which may be what the owner wants."""


@dataclass(frozen=True)
class Settings:
    """Names and switches of one stage, as the deployed template sets them."""

    app: str
    stage: str
    region: str
    table_prefix: str
    param_prefix: str
    payment_events_queue_url: str
    ledger_again_queue_url: str
    relay_again_queue_url: str
    listeners_queue_url: str
    jobs_queue_url: str
    shop_events_topic_arn: str
    log_level: str
    # The groups of parameters (`stripe`) that this function may read; empty, all of them.
    parameter_groups: frozenset[str] = frozenset()
    cart_days: int = 7
    user_cart_days: int = 30
    # How long the log of webhooks goes back: a dispute comes up to 120 days after the payment.
    webhook_days: int = 180
    reservation_minutes: int = 15
    reservation_limit_minutes: int = 60
    # Stripe takes 30 minutes at least; the slack is for clocks that differ.
    payment_session_minutes: int = 31
    # The hold outlives the provider's session, so that a payment made in its last second has its
    # units; kept short because the sweeper asks the provider before it gives anything back.
    hold_grace_seconds: int = 15

    # A laptop's shoppers and tests all come from one address: its allowances count this many times.
    address_factor: int = 1

    def table(self, name: str) -> str:
        return f"{self.table_prefix}{name}"


@cache
def settings() -> Settings:
    """The stage's settings. Raises Misconfigured when a name is missing or malformed."""
    stage = _required("STAGE")
    if stage not in STAGES:
        raise Misconfigured(f"STAGE is {stage!r}; it must be one of {', '.join(STAGES)}")
    return Settings(
        app=os.environ.get("APP", "cartwright"),
        stage=stage,
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        table_prefix=_required("TABLE_PREFIX"),
        param_prefix=os.environ.get("PARAM_PREFIX", f"/cartwright/{stage}"),
        payment_events_queue_url=os.environ.get("PAYMENT_EVENTS_QUEUE_URL", ""),
        ledger_again_queue_url=os.environ.get("LEDGER_AGAIN_QUEUE_URL", ""),
        relay_again_queue_url=os.environ.get("RELAY_AGAIN_QUEUE_URL", ""),
        listeners_queue_url=os.environ.get("LISTENERS_QUEUE_URL", ""),
        jobs_queue_url=os.environ.get("JOB_MESSAGES_QUEUE_URL", ""),
        shop_events_topic_arn=os.environ.get("SHOP_EVENTS_TOPIC_ARN", ""),
        log_level=os.environ.get("LOG_LEVEL", "INFO"),
        parameter_groups=frozenset(os.environ.get("PARAMETERS", "").split()),
        address_factor=ADDRESS_FACTOR_AT_HOME if stage == "local" else 1,
    )


def is_a_function() -> bool:
    """Whether this runs in a Lambda function, and not in a tool, a test or the packager."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def is_at_home() -> bool:
    """Whether this is a laptop or a test, where nothing is mailed to anybody; so it is where there
    are no settings at all. Never raises."""
    try:
        return settings().stage in ("local", "test")
    except Misconfigured:
        return True


_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


@cache
def allowed_origins() -> frozenset[str]:
    """The origins of storefronts that are hosted elsewhere; none where nobody says so.

    Each is whole (`https://shop.example`): what is not, `*` among it, allows nobody.
    """
    listed = os.environ.get("ALLOWED_ORIGINS", "").split(",")
    return frozenset(each.strip() for each in listed if _ORIGIN.fullmatch(each.strip()))


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise Misconfigured(f"the environment variable {name} is missing")
    return value
