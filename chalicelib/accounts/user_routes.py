"""A person's own things over HTTP: what they say of themselves, where they live."""

from __future__ import annotations

from chalicelib.accounts import addresses, profile, schemas
from chalicelib.accounts import user_schemas as own
from chalicelib.catalog import service as catalog
from chalicelib.kernel import clock, limits
from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request

routes = Routes(__name__)


@routes.get("/api/user/profile", access=Access.USER, gives="UserAnswer")
def read_profile(request: Request) -> Answer:
    """What the shop knows of the caller."""
    return Answer(schemas.UserAnswer.of(profile.read(_user(request))))


@routes.put(
    "/api/user/profile",
    access=Access.USER,
    gives="UserAnswer",
    limits=limits.CHANGES,
    also=(409,),
)
def write_profile(request: Request, body: own.PutProfile) -> Answer:
    """Say something else of oneself, if nobody wrote since `version` was read."""
    fields = body.model_dump(exclude={"version"})
    user = profile.change(_user(request), fields, version=body.version, now=clock.now())
    return Answer(schemas.UserAnswer.of(user))


@routes.get("/api/user/addresses", access=Access.USER, gives="user_schemas.AddressList")
def list_addresses(request: Request) -> Answer:
    """The caller's address book, oldest first."""
    return Answer(own.AddressList.of(addresses.read(_user(request))))


@routes.post(
    "/api/user/addresses",
    access=Access.USER,
    gives="user_schemas.AddressAnswer",
    status=201,
    limits=limits.CHANGES,
)
def add_address(request: Request, body: own.PutAddress) -> Answer:
    """Put an address into the book; the first one is the default."""
    book, entry = addresses.add(
        _user(request),
        _fields(body),
        make_default=body.is_default,
        operation=request.operation,
        now=clock.now(),
    )
    return Answer(own.AddressAnswer.of(entry, book))


@routes.put(
    "/api/user/addresses/{address_id}",
    access=Access.USER,
    gives="user_schemas.AddressAnswer",
    limits=limits.CHANGES,
)
def change_address(request: Request, body: own.PutAddress, address_id: str) -> Answer:
    """Replace an address; the default stays one until another is made it."""
    book, entry = addresses.change(
        _user(request), address_id, _fields(body), make_default=body.is_default, now=clock.now()
    )
    return Answer(own.AddressAnswer.of(entry, book))


@routes.delete(
    "/api/user/addresses/{address_id}",
    access=Access.USER,
    gives="user_schemas.AddressList",
    limits=limits.CHANGES,
)
def remove_address(request: Request, address_id: str) -> Answer:
    """Take an address out; answers the book without it."""
    return Answer(own.AddressList.of(addresses.remove(_user(request), address_id, now=clock.now())))


def _fields(body: own.PutAddress) -> dict[str, str]:
    """The address, as the book keeps it. Raises Invalid where its carriers need a phone."""
    fields = body.wire()
    catalog.check_phone(fields)
    return fields


def _user(request: Request) -> str:
    return str(request.caller.user_id)
