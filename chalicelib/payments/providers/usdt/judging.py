"""What a transaction is to a payment: what was asked for, something else that came, or nothing."""

from collections.abc import Sequence

from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.providers.usdt import errors
from chalicelib.payments.providers.usdt.chain import Chain, Mined
from chalicelib.payments.providers.usdt.session import Session, split, written

# Of what was asked for, the least that is taken for a try to pay it: dust is sent to wallets to
# mislead, and money in question keeps an order's units back.
LEAST_SHARE = 10
# What one transaction may bring: each sum is claimed by itself.
MOST_SUMS = 10


def brought(chain: Chain, asked: Session, mined: Mined) -> list[int]:
    """The sums of USDT that a transaction brought to the payment's wallet."""
    wallet = chain.digits(asked.wallet)
    return [
        one.units
        for one in mined.moved
        if one.units and (one.token, one.to) == (chain.usdt, wallet)
    ]


def exact(asked: Session, tx_hash: str, mined: Mined) -> Outcome:
    """It brought what was asked for: counted once nothing can undo it."""
    if not mined.final:
        return Outcome(State.PROCESSING, asked.id)
    claims = (claim(asked.chain, tx_hash, asked.units),)
    return Outcome(State.PAID, asked.id, asked.price, tx_hash, claims=claims)


def counts(asked: Session, mined: Mined, sums: Sequence[int]) -> bool:
    """Whether this is what was asked for, whenever after the order it came."""
    return mined.succeeded and mined.at >= asked.since and asked.units in sums


def other(asked: Session, tx_hash: str, mined: Mined, sums: Sequence[int]) -> Outcome:
    """Another sum came: money all the same, for a person to judge. Raises what is wrong with it."""
    came = sum(sums)
    if came * LEAST_SHARE < asked.units:
        raise errors.TransferTooLittle()
    if len(sums) > MOST_SUMS:
        raise errors.TransferUnclear()
    if not mined.final:
        raise errors.TransferUnconfirmed()
    return Outcome(
        State.PAID,
        asked.id,
        split(came)[0],
        tx_hash,
        claims=sorted({claim(asked.chain, tx_hash, units) for units in sums}),
        doubt=f"{written(came)} USDT came, {written(asked.units)} asked for",
        sums=[split(units) for units in sums],
    )


def check(chain: Chain, asked: Session, mined: Mined, sums: Sequence[int]) -> None:
    """Raises the error for a transaction that brought nothing that could pay this."""
    if not mined.succeeded:
        raise errors.TransferFailed()
    if not sums and any(one.token == chain.usdt and one.units for one in mined.moved):
        raise errors.TransferWrongWallet()
    if not sums:
        raise errors.TransferWrongToken()
    if mined.at < asked.since:
        raise errors.TransferTooOld()


def claim(chain: str, tx_hash: str, units: int) -> str:
    """What counts once: this sum of this transaction. Exchanges pay many in one transaction, two
    buyers of the shop maybe."""
    return f"{chain}/{tx_hash}/{units}"
