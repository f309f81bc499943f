"""Accounts in this process, whose traces are shown and removed."""

from tests.accounts.conftest import _light_hashes, api, mailbox

__all__ = ["_light_hashes", "api", "mailbox"]
