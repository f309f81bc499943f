"""People for tests: who registers, signs in, and reads what the shop mails them."""

import base64
import json
from typing import Any

from chalicelib.accounts import enrolment, service
from chalicelib.accounts.rules import Visit
from chalicelib.accounts.service import SignedIn
from chalicelib.accounts.tables import SessionItem, UserItem
from chalicelib.kernel import clock
from chalicelib.kernel.caller import Caller
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.ids import token
from chalicelib.kernel.messaging.events import Event

EMAIL = "ada@shop.test"
PASSWORD = "Tr0ub4dor&3"
OTHER_PASSWORD = "C0rrect-horse"
HOME, AWAY = "203.0.113.7", "198.51.100.9"


class Mailbox(list[Event]):
    """What the shop told, newest last."""

    def types(self) -> list[str]:
        return [event.type for event in self]

    def token(self, kind: str = "") -> str:
        """The secret of the last mail (of this type) that has one."""
        found = [event for event in self if event.type.endswith(kind) and event.data.get("token")]
        return str(found[-1].data["token"])


def visit(address: str = HOME, **changes: str) -> Visit:
    fields = {"device": "Tests/1.0", "request_id": token(), "operation": token(), "locale": "en"}
    return Visit(address=address, **(fields | changes))


def register(email: str = EMAIL, password: str = PASSWORD) -> UserItem:
    """Somebody with an account; their address is not verified."""
    enrolment.register(email, password, None, visit=visit(), now=clock.now())
    return user_of(email)


def user_of(email: str = EMAIL) -> UserItem:
    found = service.find(email)
    assert found is not None, f"nobody has {email}"
    return found


def sign_in(
    email: str = EMAIL, password: str = PASSWORD, *, address: str = HOME, now: int = 0
) -> SignedIn:
    return service.sign_in(email, password, visit=visit(address), now=now or clock.now())


def bearer(email: str = EMAIL) -> tuple[str, dict[str, str]]:
    """Somebody new: a user's id, and the header that says who they are."""
    user_id = register(email).user_id
    return user_id, {"Authorization": f"Bearer {sign_in(email).access_token}"}


def identify(made: SignedIn, *, now: int = 0) -> Caller:
    """Call with the access token."""
    return service.identify(made.access_token, None, now=now or clock.now())


def refresh(text: str, *, now: int = 0) -> SignedIn:
    return service.refresh(text, visit=visit(), now=now or clock.now())


def session(made: SignedIn) -> SessionItem:
    """The session as it stands in its table."""
    found = dynamo.get(SessionItem, made.session.session_id)
    assert found is not None
    return found


def ring(current: str, *names: str) -> str:
    """A key ring as SSM keeps it, each key from its own name."""
    keys = {name: base64.b64encode(name.encode() * 32).decode() for name in (current, *names)}
    return json.dumps({"current": current, "keys": keys})


def body(answer: Any) -> Any:
    return json.loads(answer.body)
