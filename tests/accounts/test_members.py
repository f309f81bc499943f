"""What administrators do with users; there is always one of them left."""

import pytest

from chalicelib.accounts import members, rules, service
from chalicelib.accounts.members import LastAdmin, NotYourself, RoleBeyondOwn
from chalicelib.accounts.profile import UserNotFound
from chalicelib.accounts.rules import AccountBanned, SessionEnded
from chalicelib.accounts.tables import RosterItem, UserItem
from chalicelib.kernel import clock
from chalicelib.kernel.caller import OWNER, ROLE_PERMISSIONS, Caller, CallerKind, Permission, Role
from chalicelib.kernel.db import dynamo
from tests.accounts import people
from tests.kernel.lost import reply_lost

pytestmark = pytest.mark.usefixtures("mailbox")


def user(email: str = people.EMAIL, role: Role = Role.USER) -> str:
    """A registered user with this role, given by the owner; answers the id."""
    user_id = people.register(email).user_id
    if role is not Role.USER:
        members.set_role(user_id, role, caller=OWNER, now=clock.now())
    return user_id


def as_user(user_id: str) -> Caller:
    item = read(user_id)
    role = Role(item.role)
    return Caller(CallerKind.USER, user_id, role, ROLE_PERMISSIONS[role])


def read(user_id: str) -> UserItem:
    found = dynamo.get(UserItem, user_id)
    assert found is not None
    return found


def admins() -> set[str]:
    roster = dynamo.get(RosterItem, members.ADMINS)
    return set(roster.members or ()) if roster else set()


def demote(user_id: str, caller: Caller = OWNER) -> None:
    members.set_role(user_id, Role.USER, caller=caller, now=clock.now())


def ban(user_id: str, caller: Caller = OWNER) -> None:
    members.ban(user_id, "spam", caller=caller, now=clock.now())


def test_a_role_is_given_and_taken():
    ada, bob = user(role=Role.ADMIN), user("bob@shop.test", Role.ADMIN)
    demote(ada)
    assert read(ada).role == Role.USER and admins() == {bob}


def test_a_lost_reply_gives_the_role_once():
    ada = user()
    with reply_lost("TransactWriteItems"):
        members.set_role(ada, Role.ADMIN, caller=OWNER, now=clock.now())
    assert admins() == {ada} and read(ada).version == 2


@pytest.mark.parametrize("act", [demote, ban])
def test_the_last_admin_stays(act):
    ada = user(role=Role.ADMIN)
    with pytest.raises(LastAdmin):
        act(ada)
    assert read(ada).role == Role.ADMIN and read(ada).status == "ACTIVE" and admins() == {ada}


def two_at_once(monkeypatch, ada: str, bob: str) -> None:
    """Two admins demote each other; both have read before the first one writes."""
    honest, met = members._write, []

    def write(*arguments, **named):
        if not met:
            met.append(True)
            demote(ada, as_user(bob))
        return honest(*arguments, **named)

    monkeypatch.setattr(members, "_write", write)
    demote(bob, as_user(ada))


def test_of_two_admins_who_demote_each_other_at_once_one_stays(monkeypatch):
    ada, bob = user(role=Role.ADMIN), user("bob@shop.test", Role.ADMIN)
    with pytest.raises(LastAdmin):
        two_at_once(monkeypatch, ada, bob)
    assert admins() == {bob} and read(bob).role == Role.ADMIN


def test_control_without_the_roster_nobody_is_left(monkeypatch):
    ada, bob = user(role=Role.ADMIN), user("bob@shop.test", Role.ADMIN)
    monkeypatch.setattr(members, "leave_roster", lambda tx, user_id: None)
    two_at_once(monkeypatch, ada, bob)
    assert {read(ada).role, read(bob).role} == {Role.USER}


def test_a_banned_admin_is_no_admin_that_is_left():
    ada, bob = user(role=Role.ADMIN), user("bob@shop.test", Role.ADMIN)
    ban(bob)
    with pytest.raises(LastAdmin):
        demote(ada)
    members.unban(bob, caller=OWNER, now=clock.now())
    demote(ada)
    assert admins() == {bob}


def test_a_ban_ends_every_session_and_opens_none():
    ada = user()
    made = people.sign_in()
    ban(ada)
    with pytest.raises(SessionEnded):
        people.identify(made)
    with pytest.raises(AccountBanned):
        people.sign_in()


def test_a_ban_that_is_taken_back_does_not_bring_sessions_back():
    ada = user()
    made = people.sign_in()
    for _ in range(2):
        ban(ada)
    for _ in range(2):
        members.unban(ada, caller=OWNER, now=clock.now())
    with pytest.raises(SessionEnded):
        people.identify(made)
    assert people.identify(people.sign_in()).user_id == ada
    assert read(ada).ban_reason is None


def test_nobody_bans_oneself():
    ada, _ = user(role=Role.ADMIN), user("bob@shop.test", Role.ADMIN)
    with pytest.raises(NotYourself):
        ban(ada, as_user(ada))


def test_who_may_manage_users_can_not_make_an_admin_without_being_one():
    ada, bob = user(), user("bob@shop.test", Role.ADMIN)
    machine = Caller(
        CallerKind.KEY, None, None, frozenset({Permission.MANAGE_USERS}), key_id="ck_x"
    )
    with pytest.raises(RoleBeyondOwn):
        members.set_role(ada, Role.ADMIN, caller=machine, now=clock.now())
    for act in (ban, demote):
        with pytest.raises(RoleBeyondOwn):
            act(bob, machine)


def test_a_new_role_counts_from_the_next_call_on():
    user(role=Role.ADMIN), user("bob@shop.test", Role.ADMIN)
    made = people.sign_in()
    assert people.identify(made).may(Permission.MANAGE_USERS)
    demote(made.user.user_id)
    assert not people.identify(made).may(Permission.MANAGE_USERS)


def test_nobody_unknown_gets_a_role_or_a_ban():
    for act in (demote, ban):
        with pytest.raises(UserNotFound):
            act("usr_nobody")


def test_users_are_listed_page_by_page_the_newest_first():
    ids = []
    for number in range(5):
        clock.shift(number * 10)
        ids.append(user(f"u{number}@shop.test"))
    found, cursor = [], None
    while True:
        page, cursor = members.page(2, cursor)
        found += [one.user_id for one in page]
        if cursor is None:
            break
    assert found == ids[::-1]


def test_no_key_of_the_lists_has_all_users_and_the_pages_show_each_once():
    users = [people.register(f"{number}@shop.test") for number in range(24)]
    # Before, all of them stood under one key; some still do.
    UserItem(users[0].user_id).update([UserItem.listing.set(rules.LISTING)])
    assert len({people.user_of(f"{number}@shop.test").listing for number in range(24)}) > 3
    seen, cursor = [], None
    while True:
        page, cursor = members.page(5, cursor)
        seen += [user.user_id for user in page]
        if cursor is None:
            break
        assert len(page) == 5
    assert sorted(seen) == sorted(user.user_id for user in users)
    by_time = [members.profile.read(user_id).created_at for user_id in seen]
    assert by_time == sorted(by_time, reverse=True)


def test_a_search_finds_users_under_every_key():
    users = {people.register(f"kim{number}@shop.test").user_id for number in range(24)}
    assert {user.user_id for user in members.search("kim")} == users


def test_users_are_found_by_id_and_by_how_their_e_mail_or_name_begins():
    ada = user("Ada.Lovelace@shop.test")
    bob = user("bob@shop.test")
    people.service.dynamo.update(
        UserItem(bob),
        [UserItem.username.set("Adam"), UserItem.find_name.set("adam")],
        condition=UserItem.user_id.exists(),
        on_condition_failed=ValueError(),
    )
    assert {one.user_id for one in members.search("ADA")} == {ada, bob}
    assert [one.user_id for one in members.search("ada.l")] == [ada]
    assert [one.user_id for one in members.search(bob)] == [bob]
    assert members.search("nobody") == []
    assert service.find("bob@shop.test") is not None
