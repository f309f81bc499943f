"""Users, their e-mail addresses, sessions, the tickets that mails carry; address books, keys.

Access patterns
    read   a user                    Get     users (user_id), consistent
    read   users, newest first       Query   users by_listing (each of LISTINGS, created_at)
    read   whose e-mail this is      Get     emails (email_key), consistent
    write  register                  user and e-mail in one transaction, each only once
    write  the password              Update  conditional on the hash that was read
    write  end all sessions          Update  users.epoch + 1: each session names the epoch it is of
    read   a session                 Get     sessions (session_id), consistent: on every request
    read   a user's sessions         Query   sessions by_user (user_id, created_at): for showing
    write  open a session            Put     only once
    write  rotate its refresh token  Update  conditional on the count that was shown and on living
    write  end a session             Update  conditional on its user
    read   a ticket                  Get     tickets (digest), consistent
    write  issue a ticket            Put
    write  use a ticket              with the user in one transaction, conditional on being unused
    read   users by e-mail, by name  Query   users by_email, by_name (listing, a prefix): for admins
    read   erasures not finished     Query   users by_erasing (erasing, erasing_since), sparse
    read   an address book           Get     addresses (user_id), consistent: all of it is one item
    write  an address book           Put     conditional on the version that was read
    read   a machine's key           Get     api-keys (key_id), consistent: on each request with one
    read   keys, newest first        Query   api-keys by_age (listing, created_at)
    write  make, use, revoke a key   Put     only once; Update, conditional on not being revoked
    read   whose a name is           Get     usernames (name_key), consistent
    write  reserve a name            Put     once, or one's own: before an account is opened
    write  take a name               Put     with the user in one transaction, once or one's own
    write  give it back              Delete  conditional on its user
    read   a person's names          Query   usernames by_user (user_id): to give all of them back
    read   who had it before         Query   users by_name: accounts older than these rows have none
    write  an admin comes or goes    Update  rosters (name), with the user in one transaction: the
                                             last one can't leave

A refresh token is not stored, only how many there were; a ticket is stored as its digest: what
stands in these tables opens nothing.
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import AllProjection, KeysOnlyProjection

from chalicelib.accounts.rules import LISTING, Session, User
from chalicelib.kernel.db import mapping
from chalicelib.kernel.db.dynamo import Document, Index
from chalicelib.kernel.db.values import PlainList, PlainMap

# What erasure takes away, with the e-mail's row, the user's sessions and tickets.
PERSONAL = (
    "email",
    "email_key",
    "email_verified_at",
    "find_email",
    "find_name",
    "password_hash",
    "username",
    "phone",
    "avatar",
    "gender",
    "birthday",
    "ban_reason",
    "banned_at",
)


class ByListing(Index["UserItem"]):
    class Meta:
        index_name = "by_listing"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    created_at = NumberAttribute(range_key=True)


class ByEmail(Index["UserItem"]):
    class Meta:
        index_name = "by_email"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    find_email = UnicodeAttribute(range_key=True)


class ByName(Index["UserItem"]):
    class Meta:
        index_name = "by_name"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    find_name = UnicodeAttribute(range_key=True)


class ByErasing(Index["UserItem"]):
    class Meta:
        index_name = "by_erasing"
        projection = AllProjection()

    erasing = UnicodeAttribute(hash_key=True)
    erasing_since = NumberAttribute(range_key=True)


class UserItem(Document):
    class Meta:
        table = "users"

    user_id = UnicodeAttribute(hash_key=True)
    email = UnicodeAttribute(null=True)
    email_key = UnicodeAttribute(null=True)
    email_verified_at = NumberAttribute(null=True)
    password_hash = UnicodeAttribute(null=True)
    # How many passwords there were: a reset ticket is good for the one it was asked for.
    password_n = NumberAttribute(default=1)
    username = UnicodeAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    avatar = UnicodeAttribute(null=True)
    gender = UnicodeAttribute(null=True)
    birthday = UnicodeAttribute(null=True)
    locale = UnicodeAttribute()
    role = UnicodeAttribute()
    status = UnicodeAttribute()
    epoch = NumberAttribute(default=1)
    # Digests of addresses that signed in, with the time: strangers' guesses don't lock them out.
    known = PlainMap(default=dict)
    # Digests of the addresses for which the last reset by mail cleared the way, with its time.
    cleared = PlainMap(default=dict)
    version = NumberAttribute(default=1)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()
    listing = UnicodeAttribute(default=LISTING)
    # What admins search by: the address and the name in small letters.
    find_email = UnicodeAttribute(null=True)
    find_name = UnicodeAttribute(null=True)
    banned_at = NumberAttribute(null=True)
    ban_reason = UnicodeAttribute(null=True)
    # Only while other tables may still know the person; the digest finds what bears their e-mail.
    erasing = UnicodeAttribute(null=True)
    erasing_since = NumberAttribute(null=True)
    erasing_key = UnicodeAttribute(null=True)

    by_listing = ByListing()
    by_email = ByEmail()
    by_name = ByName()
    by_erasing = ByErasing()

    def as_user(self) -> User:
        return mapping.loaded(User, self)


class EmailItem(Document):
    """That an address is somebody's: the one place that makes it unique."""

    class Meta:
        table = "emails"

    email_key = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()


class ByUser(Index["SessionItem"]):
    class Meta:
        index_name = "by_user"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True)
    created_at = NumberAttribute(range_key=True)


class SessionItem(Document):
    class Meta:
        table = "sessions"

    session_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    epoch = NumberAttribute()
    n = NumberAttribute()
    used_at = PlainList(default=list)
    device = UnicodeAttribute()
    address = UnicodeAttribute()
    created_at = NumberAttribute()
    last_seen = NumberAttribute()
    expires_at = NumberAttribute()
    # Also the table's TTL, which only sweeps up: every read and write checks both ends.
    ends_at = NumberAttribute()
    ended_at = NumberAttribute(null=True)

    by_user = ByUser()

    def as_session(self) -> Session:
        return mapping.loaded(Session, self, used_at=[int(used) for used in self.used_at])


class TicketsByUser(Index["TicketItem"]):
    class Meta:
        index_name = "by_user"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True)


class TicketItem(Document):
    class Meta:
        table = "tickets"

    digest = UnicodeAttribute(hash_key=True)
    purpose = UnicodeAttribute()
    user_id = UnicodeAttribute()
    # What it was asked for: another address or a newer password makes it worthless.
    email_key = UnicodeAttribute()
    password_n = NumberAttribute()
    created_at = NumberAttribute()
    # Also the table's TTL, which only sweeps up: every read and write checks it.
    expires_at = NumberAttribute()
    used_at = NumberAttribute(null=True)
    # The call that used it: run again after a lost answer, it finds its own work.
    used_for = UnicodeAttribute(null=True)
    # The digest of the address that asked for it, if that may help its owner.
    asked_from = UnicodeAttribute(null=True)

    by_user = TicketsByUser()


class AddressBookItem(Document):
    """All addresses of a person: `[{"address_id", "fields", "added_at"}]`."""

    class Meta:
        table = "addresses"

    user_id = UnicodeAttribute(hash_key=True)
    entries = PlainList()
    default = UnicodeAttribute(null=True)
    version = NumberAttribute()
    updated_at = NumberAttribute()


class ByAge(Index["ApiKeyItem"]):
    class Meta:
        index_name = "by_age"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    created_at = NumberAttribute(range_key=True)


class ApiKeyItem(Document):
    """A machine's key: the SHA-256 of its secret, never the secret."""

    class Meta:
        table = "api-keys"

    key_id = UnicodeAttribute(hash_key=True)
    digest = UnicodeAttribute()
    name = UnicodeAttribute()
    scopes = PlainList()
    created_by = UnicodeAttribute()
    # Who made it; None for one made with the stage's own key.
    user_id = UnicodeAttribute(null=True)
    created_at = NumberAttribute()
    last_used_at = NumberAttribute(null=True)
    revoked_at = NumberAttribute(null=True)
    listing = UnicodeAttribute()

    by_age = ByAge()


class RosterItem(Document):
    """Who belongs to a group; `admins` are the users who are ADMIN and ACTIVE."""

    class Meta:
        table = "rosters"

    name = UnicodeAttribute(hash_key=True)
    members = UnicodeSetAttribute(null=True)


class NamesByUser(Index["UsernameItem"]):
    class Meta:
        index_name = "by_user"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True)


class UsernameItem(Document):
    class Meta:
        table = "usernames"

    name_key = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    # The account that a call was to open when it reserved the name: run again, it finds its own.
    reserved_for = UnicodeAttribute(null=True)
    # Of a name whose account is still to be opened. Also the table's TTL, which only sweeps up:
    # every read and write looks at it.
    expires_at = NumberAttribute(null=True)

    by_user = NamesByUser()
