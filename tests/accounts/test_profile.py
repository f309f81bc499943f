"""What a person says of themselves: checked, and never written over what they did not see."""

import pytest

from chalicelib.accounts import profile
from chalicelib.accounts.profile import ProfileChanged, UserNotFound
from chalicelib.accounts.rules import User
from chalicelib.accounts.user_schemas import PutProfile
from chalicelib.kernel import clock
from chalicelib.kernel.errors import Invalid, Unauthorized
from chalicelib.kernel.web.request import validated
from tests.accounts import people
from tests.kernel.lost import reply_lost

SAID = {
    "username": "Ada_爱达",
    "phone": "13812345678",
    "avatar": "https://pictures.test/ada.png",
    "gender": "female",
    "birthday": "1990-02-28",
    "locale": "zh-CN",
}


@pytest.fixture
def ada(mailbox) -> User:
    return people.register().as_user()


def put(user: User, version: int = 1, **changes: str | None) -> User:
    return profile.change(user.user_id, SAID | changes, version=version, now=clock.now())


def test_what_is_said_is_kept_and_the_version_moves_on(ada):
    user = put(ada)
    assert (user.username, user.phone, user.version) == ("Ada_爱达", "+8613812345678", 2)
    assert profile.read(ada.user_id) == user


def test_what_is_left_out_is_forgotten(ada):
    put(ada)
    user = put(ada, 2, phone=None, username=None)
    assert (user.phone, user.username) == (None, None)


def test_an_old_version_overwrites_nothing(ada):
    put(ada)
    with pytest.raises(ProfileChanged):
        put(ada, 1, gender="other")
    assert profile.read(ada.user_id).gender == "female"


def test_control_without_the_version_the_first_change_is_lost(ada, monkeypatch):
    honest = profile.dynamo.update

    def unasked(item, actions, **named):
        return honest(item, actions, **(named | {"condition": profile.UserItem.user_id.exists()}))

    monkeypatch.setattr(profile.dynamo, "update", unasked)
    put(ada)
    put(ada, 1, gender="other")
    assert profile.read(ada.user_id).gender == "other"


def test_a_lost_reply_is_no_conflict_with_oneself(ada):
    with reply_lost("UpdateItem"):
        assert put(ada).version == 2
    assert put(ada).version == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "a"),
        ("username", "x" * 21),
        ("username", "Administrator"),
        ("username", "a b"),
        ("phone", "12345"),
        ("phone", "+0123456789"),
        ("phone", "call me"),
    ],
)
def test_names_and_numbers_are_checked(ada, field, value):
    with pytest.raises(Invalid) as refused:
        put(ada, **{field: value})
    assert [one.field for one in refused.value.fields] == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birthday", "2999-01-01"),
        ("birthday", "1990-02-30"),
        ("birthday", "1850-01-01"),
        ("birthday", "yesterday"),
        ("avatar", "javascript:alert(1)"),
        ("avatar", "http://pictures.test/a.png"),
        ("avatar", 'https://x.test/"onload='),
        ("gender", "?"),
        ("locale", "fr"),
        ("role", "ADMIN"),
        ("status", "ACTIVE"),
        ("email", "other@shop.test"),
        ("version", "1"),
    ],
)
def test_what_is_no_profile_is_refused(field, value):
    with pytest.raises(Invalid) as refused:
        validated(PutProfile, {"version": 1, **SAID, field: value})
    assert [one.field for one in refused.value.fields] == [field]


def test_nobody_has_no_profile(tables):
    with pytest.raises(UserNotFound):
        profile.read("usr_nobody")
    with pytest.raises(UserNotFound):
        profile.change("usr_nobody", SAID, version=1, now=1)


def test_an_account_that_was_given_up_in_this_moment_is_told_to_sign_in(tables):
    with pytest.raises(Unauthorized):
        profile.proven_email("usr_gone")
