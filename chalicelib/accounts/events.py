"""What accounts tell their owners. These carry an e-mail and a link's secret: only the mail's queue
may take them, nothing keeps them, and a link that is over by then is not sent."""

from chalicelib.kernel.messaging.events import EventData


class _ToUser(EventData):
    personal = True
    user_id: str
    email: str
    locale: str


class _WithLink(_ToUser):
    """`token` is the link's secret."""

    token: str


class VerificationRequested(_WithLink):
    """A link that proves the address."""

    type = "account.verification_requested"


class PasswordResetRequested(_WithLink):
    """A link to a new password."""

    type = "account.password_reset_requested"


class EmailTaken(_WithLink):
    """Somebody registered with the address of an account: its owner is offered a new password."""

    type = "account.email_taken"


class UnknownAddress(EventData):
    """Somebody asked for a mail to an address that no account has. It only takes the same time."""

    type = "account.unknown_address"
    token: str = ""


class PasswordChanged(_ToUser):
    """A notice for the owner, in case it was not them."""

    type = "account.password_changed"


class SessionReused(EventData):
    """A used refresh token was shown again, and its session ended for it."""

    type = "account.session_reused"
    user_id: str
    session_id: str
