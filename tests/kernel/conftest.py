"""What the kernel's tests share."""

import pytest

from chalicelib.kernel.caller import ROLE_PERMISSIONS, Caller, CallerKind, Role
from chalicelib.kernel.web import auth


@pytest.fixture
def named_users(tables, monkeypatch):
    """A stage that takes a user's name for their token."""

    def identify(bearer, api_key, *, now):
        return Caller(CallerKind.USER, bearer, Role.USER, ROLE_PERMISSIONS[Role.USER])

    monkeypatch.setattr(auth, "_identify", identify)
