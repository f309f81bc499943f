"""Requests and answers of a person's own things: profile, address book."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from chalicelib.accounts.addresses import Book, Entry
from chalicelib.accounts.schemas import Locale, Strict
from chalicelib.kernel import clock
from chalicelib.kernel.contact.fields import Address
from chalicelib.kernel.web.schema import BlankIsAbsent, Wire

# Nobody living was born before it; what is in the future was mistyped.
_OLDEST = date(1900, 1, 1)


def _past_day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if not _OLDEST <= day <= date.fromisoformat(clock.iso(clock.now())[:10]):
        raise PydanticCustomError("birthday", "not a day in the past")
    return text


def _small(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


# Of changes to one profile: more than a life has room for.
MAX_VERSION = 10**9
# A picture of one's own: over TLS, nothing that a page could run.
Avatar = Annotated[str, Field(max_length=500, pattern=r"^https://[^\s\"'<>\\^`{|}]+$")]
Birthday = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_past_day)]


# In either case; kept in small letters.
Gender = Annotated[Literal["female", "male", "other"], BeforeValidator(_small)]


class PutProfile(BlankIsAbsent):
    """All that a person says of themselves; what is left out is forgotten.

    `version` is the one that was read: whoever wrote meanwhile is not overwritten.
    """

    version: Annotated[int, Field(strict=True, ge=1, le=MAX_VERSION)]
    username: Annotated[str, Field(max_length=40)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    avatar: Avatar | None = None
    gender: Gender | None = None
    birthday: Birthday | None = None
    locale: Locale


class PutAddress(Address):
    """An address, and whether it shall be the default; the first one is it anyway."""

    is_default: Strict = False


class AddressAnswer(Wire):
    id: str
    name: str
    phone: str | None = None
    line1: str
    line2: str | None = None
    district: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str
    is_default: bool
    added_at: str

    @classmethod
    def of(cls, entry: Entry, book: Book) -> "AddressAnswer":
        return cls.model_validate(
            {
                **entry.fields,
                "id": entry.address_id,
                "isDefault": entry.address_id == book.default,
                "addedAt": clock.iso(entry.added_at),
            }
        )


class AddressList(Wire):
    items: list[AddressAnswer]

    @classmethod
    def of(cls, book: Book) -> "AddressList":
        return cls(items=[AddressAnswer.of(entry, book) for entry in book.entries])
