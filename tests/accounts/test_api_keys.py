"""Keys for machines: shown once, kept as a digest, scoped, ended at once."""

import pytest

from chalicelib.accounts import api_keys
from chalicelib.accounts.api_keys import ApiKeyNotFound, KeyMakesNoKeys, ScopesBeyondOwn
from chalicelib.accounts.tables import ApiKeyItem, UserItem
from chalicelib.kernel import clock
from chalicelib.kernel.caller import OWNER, ROLE_PERMISSIONS, Caller, CallerKind, Permission, Role
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import Unauthorized
from chalicelib.kernel.ids import token
from chalicelib.kernel.web.cursor import CursorInvalid
from tests.kernel.lost import reply_lost

pytestmark = pytest.mark.usefixtures("tables")
STOCK = frozenset({Permission.MANAGE_STOCK})


def person(role: Role = Role.ADMIN, **changes: object) -> Caller:
    """A user with this role, in the table and as a caller."""
    user_id = token("usr")
    fields = {"locale": "en", "status": "ACTIVE", "created_at": 1, "updated_at": 1, **changes}
    UserItem(user_id, role=role, **fields).save()
    return Caller(CallerKind.USER, user_id, role, ROLE_PERMISSIONS[role])


def create(caller: Caller = OWNER, *, scopes=STOCK, operation: str = "") -> str:
    """A key's text."""
    _, text = api_keys.create(
        "till", scopes, caller=caller, operation=operation or token(), now=clock.now()
    )
    assert text is not None
    return text


def id_of(text: str) -> str:
    return text.rpartition("_")[0]


def item_of(text: str) -> ApiKeyItem:
    found = dynamo.get(ApiKeyItem, id_of(text))
    assert found is not None
    return found


def test_a_key_opens_what_its_scopes_say_and_nothing_else():
    caller = api_keys.authenticate(create(), clock.now())
    assert (caller.kind, caller.permissions) == (CallerKind.KEY, STOCK)
    assert caller.user_id is None and caller.role is None


def test_a_scope_that_is_no_more_opens_nothing_and_the_others_stay():
    text = create()
    item = item_of(text)
    item.update(actions=[ApiKeyItem.scopes.set(["MANAGE_STOCK", "MANAGE_EVERYTHING"])])
    assert api_keys.authenticate(text, clock.now()).permissions == STOCK


def test_the_table_holds_no_secret():
    text = create()
    secret = text.rpartition("_")[2]
    assert secret not in str(item_of(text).attribute_values)
    assert len(secret) == 32  # 160 bits


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: text[:-1] + ("a" if text[-1] != "a" else "b"),
        lambda text: id_of(text) + "_",
        lambda text: id_of(text),
        lambda text: "ck_nobody_" + text.rpartition("_")[2],
        lambda text: "",
        lambda text: "_",
        lambda text: text + "é",
        lambda text: text * 10,
        lambda text: "../x_y",
    ],
)
def test_a_wrong_key_opens_nothing(spoilt):
    with pytest.raises(Unauthorized):
        api_keys.authenticate(spoilt(create()), clock.now())


def test_an_unknown_key_is_compared_as_long_as_a_wrong_one(monkeypatch):
    text, compared = create(), []
    monkeypatch.setattr(api_keys.security, "same", lambda a, b: compared.append((a, b)) or False)
    for wrong in (text, "ck_nobody_" + "a" * 32):
        with pytest.raises(Unauthorized):
            api_keys.authenticate(wrong, clock.now())
    assert [len(each) for pair in compared for each in pair] == [64] * 4


def test_a_revoked_key_opens_nothing_from_then_on():
    text, now = create(), clock.now()
    api_keys.revoke(id_of(text), now=now)
    with pytest.raises(Unauthorized):
        api_keys.authenticate(text, now)


def test_revoking_again_keeps_the_first_end():
    text = create()
    first = api_keys.revoke(id_of(text), now=100)
    with reply_lost("UpdateItem"):
        assert api_keys.revoke(id_of(text), now=200) == first
    with pytest.raises(ApiKeyNotFound):
        api_keys.revoke("ck_nobody", now=100)


def test_the_same_operation_makes_one_key_and_shows_its_text_once():
    admin = person()
    made = [
        api_keys.create("till", STOCK, caller=admin, operation="op", now=clock.now())
        for _ in range(3)
    ]
    assert len({key.key_id for key, _ in made}) == 1
    assert [text is not None for _, text in made] == [True, False, False]


def test_a_lost_reply_still_shows_the_text_of_the_key_that_was_made():
    with reply_lost("PutItem"):
        text = create()
    assert api_keys.authenticate(text, clock.now()).permissions == STOCK


def test_nobody_makes_a_key_that_may_more_than_themselves():
    with pytest.raises(ScopesBeyondOwn):
        create(person(Role.SELLER))


def test_a_key_makes_no_keys():
    caller = api_keys.authenticate(create(scopes=Permission), clock.now())
    with pytest.raises(KeyMakesNoKeys):
        create(caller)


def test_a_key_ends_with_the_role_and_the_ban_of_who_made_it():
    admin, now = person(), clock.now()
    text = create(admin)
    user = UserItem(admin.user_id)
    user.update([UserItem.role.set(Role.USER)])
    assert api_keys.authenticate(text, now).permissions == frozenset()
    user.update([UserItem.role.set(Role.ADMIN), UserItem.status.set("BANNED")])
    with pytest.raises(Unauthorized):
        api_keys.authenticate(text, now)


def test_the_last_use_is_written_once_a_minute(monkeypatch):
    text, now = create(), clock.now()
    written = []
    honest = api_keys.dynamo.update
    monkeypatch.setattr(
        api_keys.dynamo, "update", lambda *a, **k: written.append(a) or honest(*a, **k)
    )
    for later in (0, 1, 59, 60, 61, 120):
        api_keys.authenticate(text, now + later)
    assert len(written) == 3
    assert api_keys.read(id_of(text)).last_used_at == now + 120


def test_a_use_that_another_call_has_written_is_no_error(monkeypatch):
    text, now = create(), clock.now()
    api_keys.authenticate(text, now)
    stale = item_of(text)
    stale.last_used_at = None
    api_keys._remember_use(stale, now + 5)
    assert api_keys.read(id_of(text)).last_used_at == now


def test_keys_are_listed_page_by_page_the_newest_first():
    for at in range(1, 6):
        api_keys.create(f"key {at}", STOCK, caller=OWNER, operation=f"op{at}", now=at)
    names, cursor = [], None
    while True:
        keys, cursor = api_keys.page(2, cursor)
        names += [key.name for key in keys]
        if cursor is None:
            break
    assert names == [f"key {at}" for at in (5, 4, 3, 2, 1)]


def test_a_cursor_that_is_not_this_lists_own_is_refused():
    for at in range(1, 4):
        api_keys.create("key", STOCK, caller=OWNER, operation=f"op{at}", now=at)
    _, cursor = api_keys.page(1, None)
    assert cursor
    for wrong in (cursor[:-2], "A" + cursor[1:], "", "é", "x" * 2000):
        if wrong:
            with pytest.raises(CursorInvalid):
                api_keys.page(1, wrong)
