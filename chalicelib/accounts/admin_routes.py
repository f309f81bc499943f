"""Users and machines' keys over HTTP, for administrators."""

from __future__ import annotations

from chalicelib.accounts import admin_schemas as schemas
from chalicelib.accounts import api_keys, members, rules
from chalicelib.kernel import clock, limits
from chalicelib.kernel.web.http import Answer, Change, Permission, Routes
from chalicelib.kernel.web.request import Request

routes = Routes(__name__)


@routes.get(
    "/api/admin/users",
    access=Permission.VIEW_USERS,
    gives="admin_schemas.MemberPage",
    also=(400,),
)
def list_users(request: Request, query: schemas.UserQuery) -> Answer:
    """Users, the newest first, or those whom `q` finds."""
    if query.q:
        return Answer(schemas.MemberPage.of(members.search(query.q), None))
    return Answer(schemas.MemberPage.of(*members.page(query.page_size, query.cursor)))


@routes.post(
    "/api/admin/users/{user_id}/role",
    access=Permission.MANAGE_USERS,
    gives="admin_schemas.MemberAnswer",
    limits=limits.CHANGES,
    also=(409,),
)
def set_role(request: Request, body: schemas.SetRole, user_id: str) -> Answer:
    """Give a user another role; the last administrator stays one."""
    before, after = members.set_role(user_id, body.role, caller=request.caller, now=clock.now())
    return _changed(before, after)


@routes.post(
    "/api/admin/users/{user_id}/ban",
    access=Permission.MANAGE_USERS,
    gives="admin_schemas.MemberAnswer",
    limits=limits.CHANGES,
    also=(409,),
)
def ban_user(request: Request, body: schemas.Ban, user_id: str) -> Answer:
    """Shut a user out; all their sessions end."""
    before, after = members.ban(user_id, body.reason, caller=request.caller, now=clock.now())
    return _changed(before, after)


@routes.post(
    "/api/admin/users/{user_id}/unban",
    access=Permission.MANAGE_USERS,
    gives="admin_schemas.MemberAnswer",
    limits=limits.CHANGES,
)
def unban_user(request: Request, body: schemas.Unban, user_id: str) -> Answer:
    """Let a banned user in again."""
    before, after = members.unban(user_id, caller=request.caller, now=clock.now())
    return _changed(before, after)


@routes.get(
    "/api/admin/api-keys",
    access=Permission.MANAGE_KEYS,
    gives="admin_schemas.KeyPage",
    also=(400,),
)
def list_keys(request: Request, query: schemas.KeyQuery) -> Answer:
    """Machines' keys, the newest first, revoked ones too."""
    keys, next_cursor = api_keys.page(query.page_size, query.cursor)
    items = [schemas.KeyAnswer.of(key) for key in keys]
    return Answer(schemas.KeyPage(items=items, next_cursor=next_cursor))


@routes.post(
    "/api/admin/api-keys",
    access=Permission.MANAGE_KEYS,
    gives="admin_schemas.NewKeyAnswer",
    status=201,
    limits=limits.KEY_CREATE,
)
def create_key(request: Request, body: schemas.CreateKey) -> Answer:
    """Make a key for a machine; its text is answered this once."""
    key, text = api_keys.create(
        body.name,
        body.scopes,
        caller=request.caller,
        operation=request.operation,
        now=clock.now(),
    )
    return Answer(
        schemas.NewKeyAnswer.made(key, text),
        replay=schemas.NewKeyAnswer.made(key, None),
        change=Change(f"key:{key.key_id}", after={"name": key.name, "scopes": sorted(key.scopes)}),
    )


@routes.delete(
    "/api/admin/api-keys/{key_id}",
    access=Permission.MANAGE_KEYS,
    gives="admin_schemas.KeyAnswer",
    limits=limits.CHANGES,
)
def revoke_key(request: Request, key_id: str) -> Answer:
    """End a key at once."""
    key = api_keys.revoke(key_id, now=clock.now())
    change = Change(f"key:{key_id}", after={"revoked": True})
    return Answer(schemas.KeyAnswer.of(key), change=change)


def _changed(before: rules.User, after: rules.User) -> Answer:
    return Answer(
        schemas.MemberAnswer.of(after),
        change=Change(f"user:{after.user_id}", _state(before), _state(after)),
    )


def _state(user: rules.User) -> dict[str, str]:
    return {"role": user.role, "status": user.status}
