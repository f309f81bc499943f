"""What the local stage is told at start: random secrets of its own, and where everything is."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from localcloud.aws import Aws
from localcloud.sandbox.usdt import new_wallets

PARAMETERS = "/cartwright/local"
TABLES = "cartwright-local-"


def own_secrets(folder: Path) -> dict[str, str]:
    """The local shop's keys: made at the first start, kept with its state, worth nothing elsewhere.

    Named as the parameters that the functions read.
    """
    file = folder / "secrets.json"
    try:
        kept: dict[str, str] = json.loads(file.read_text())
    except (OSError, ValueError):
        kept = {}
    made = {
        "stripe/secret_key": "sk_test_" + secrets.token_hex(24),
        "stripe/webhook_secret": "whsec_" + secrets.token_hex(24),
        "stripe/publishable_key": "pk_test_" + secrets.token_hex(24),
        "oxapay/merchant_key": _merchant_key(),
        "paypal/client_id": "local-" + secrets.token_hex(8),
        "paypal/client_secret": secrets.token_hex(24),
        "paypal/webhook_id": secrets.token_hex(8).upper(),
        **new_wallets(),
        "usdt/trc20_key": "local-" + secrets.token_hex(16),
        "admin/key": "local-" + secrets.token_hex(16),
        "auth/keys": _key_ring(),
    }
    if not made.keys() <= kept.keys():
        kept = {**made, **kept}
        file.touch(mode=0o600)
        file.write_text(json.dumps(kept, indent=1))
    return kept


def _merchant_key() -> str:
    """In the shape of OxaPay's: four groups of six."""
    return "-".join(secrets.token_hex(3).upper() for _ in range(4))


def _key_ring() -> str:
    """The ring that tokens are signed with, see `chalicelib/kernel/keyring.py`."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return json.dumps({"current": "k1", "keys": {"k1": key}})


def publish(aws: Aws, hidden: dict[str, str], plain: dict[str, str]) -> None:
    """Put the parameters where the functions read them: `hidden` ones encrypted."""
    ssm = aws.client("ssm")
    for kind, values in (("SecureString", hidden), ("String", plain)):
        for name, value in values.items():
            ssm.put_parameter(Name=f"{PARAMETERS}/{name}", Value=value, Type=kind, Overwrite=True)


def tool_environment(aws: Aws) -> dict[str, str]:
    """The environment for a tool of this project that is to work on the local stage."""
    ours = {"STAGE": "local", "TABLE_PREFIX": TABLES, "PARAM_PREFIX": PARAMETERS}
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**keep, **ours, **aws.environment()}
