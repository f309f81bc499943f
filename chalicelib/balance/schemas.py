"""Requests and answers of balances."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from chalicelib.balance.rules import Balance, Entry, Reason
from chalicelib.kernel import clock
from chalicelib.kernel.i18n import text
from chalicelib.kernel.limits import MAX_PAGE_SIZE
from chalicelib.kernel.money import Money
from chalicelib.kernel.web.cursor import MAX_CURSOR
from chalicelib.kernel.web.schema import Body, Id, MoneyAnswer, Query, Wire, text_field

MOST = 10**12


def _not_nothing(amount: int) -> int:
    if amount == 0:
        raise PydanticCustomError("nothing", "more or less than nothing")
    return amount


class Change(Body):
    """Money into a balance, or out of it when it is below zero, in minor units."""

    amount: Annotated[int, Field(strict=True, ge=-MOST, le=MOST), AfterValidator(_not_nothing)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class AdjustBalance(Body):
    """Whose balance, by how much, and why."""

    user_id: Id
    amount: Change
    reason: Annotated[str, text_field(200)]


class BalanceQuery(Query):
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 20
    cursor: Annotated[str, Field(max_length=MAX_CURSOR)] | None = None


class MovementAnswer(Wire):
    """A movement; `before` and `after` are the balance of its currency around it."""

    id: str
    amount: MoneyAnswer
    before: MoneyAnswer
    after: MoneyAnswer
    reason: Reason
    text: str
    # An order's id, where it is for one.
    reference: str
    note: str | None
    at: str

    @classmethod
    def of(cls, entry: Entry, locale: str) -> "MovementAnswer":
        return cls(
            id=entry.entry_id,
            amount=MoneyAnswer.of(entry.amount),
            before=MoneyAnswer.of(entry.before),
            after=MoneyAnswer.of(entry.after),
            reason=entry.reason,
            text=text(locale, f"balance.{entry.reason}"),
            reference=entry.reference,
            note=entry.note,
            at=clock.iso(entry.at),
        )


class BalanceAnswer(Wire):
    """What is there, by currency, and a page of the movements, the newest first."""

    balances: list[MoneyAnswer]
    items: list[MovementAnswer]
    next_cursor: str | None

    @classmethod
    def of(
        cls,
        balances: Sequence[Balance],
        page: tuple[Sequence[Entry], str | None],
        locale: str,
    ) -> "BalanceAnswer":
        return cls(
            balances=[MoneyAnswer.of(one.amount) for one in balances],
            items=[MovementAnswer.of(entry, locale) for entry in page[0]],
            next_cursor=page[1],
        )


class Adjusted(Wire):
    """The movement that was made, and whose it is."""

    user_id: str
    entry: MovementAnswer
