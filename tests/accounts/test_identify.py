"""Who calls, by what they show."""

import pytest

from chalicelib.accounts import api_keys, service
from chalicelib.kernel import clock
from chalicelib.kernel.caller import GUEST, OWNER, CallerKind, Permission
from chalicelib.kernel.errors import Unauthorized
from tests import stage
from tests.accounts import people

KEY = stage.SECRETS["admin/key"]


def identify(bearer: str | None = None, api_key: str | None = None):
    return service.identify(bearer, api_key, now=clock.now())


def test_no_credentials_are_a_guest_and_cost_nothing(monkeypatch):
    monkeypatch.setattr(service, "dynamo", None)
    monkeypatch.setattr(service, "secrets", None)
    assert identify() is GUEST


def test_a_user_is_known_by_a_session_with_its_beginning_and_the_role_s_permissions(mailbox):
    people.register()
    made = people.sign_in(now=clock.now() - 60)
    caller = identify(made.access_token)
    assert (caller.kind, caller.session_id) == (CallerKind.USER, made.session.session_id)
    assert caller.signed_in_at == made.session.created_at
    assert caller.may(Permission.CREATE_ORDER) and not caller.may(Permission.MANAGE_USERS)
    renewed = identify(people.refresh(made.refresh_token).access_token)
    assert renewed.signed_in_at == caller.signed_in_at


def test_the_owner_s_key_may_everything(tables):
    assert identify(api_key=KEY) == OWNER


@pytest.mark.parametrize("shown", [KEY[:-1], KEY + "x", KEY.upper(), "ck_unknown_secret", "ü"])
def test_another_key_is_nobody_s(tables, shown):
    with pytest.raises(Unauthorized):
        identify(api_key=shown)


def test_a_machine_s_key_is_looked_up(tables):
    made, secret = api_keys.create(
        "till", [Permission.VIEW_ORDERS], caller=OWNER, operation="one", now=clock.now()
    )
    caller = identify(api_key=secret)
    assert (caller.key_id, caller.permissions) == (made.key_id, {Permission.VIEW_ORDERS})


def test_two_credentials_at_once_are_refused(mailbox):
    people.register()
    with pytest.raises(Unauthorized):
        identify(people.sign_in().access_token, KEY)


def test_a_token_of_one_user_never_opens_another_s_session(mailbox):
    people.register()
    people.register("bob@shop.test")
    ada, bob = people.sign_in(), people.sign_in("bob@shop.test")
    # Signed by us: what a mix-up of our own would look like.
    mixed = service.tokens.access(ada.user, bob.session, clock.now())
    with pytest.raises(Unauthorized):
        identify(mixed)
