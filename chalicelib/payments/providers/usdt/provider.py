"""Transfers to the shop's own wallet, the same over every chain.

Nobody tells the shop of them, and a transfer has no room for an order's number: each payment asks
for a sum of its own (`amount_suffixes`), and the wallet is looked through for exactly that. The sum
decides whose a transfer is, so that nobody pays with a stranger's, which everybody can see.

A list is where transfers are found. What one really was is read from the transaction itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from chalicelib.config import settings
from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderFailed
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import (
    Charge,
    Event,
    InstructionKind,
    Instructions,
    Opened,
    Outcome,
    ProviderRefused,
    Seen,
    SignatureInvalid,
    State,
)
from chalicelib.payments.providers.usdt import errors, judging
from chalicelib.payments.providers.usdt.capabilities import CAPABILITIES
from chalicelib.payments.providers.usdt.chain import Chain, hash_of
from chalicelib.payments.providers.usdt.session import (
    CURRENCY,
    SUFFIXES,
    Session,
    read,
    split,
    units_of,
    written,
)

# A block's time is its maker's word, and clocks differ.
SLACK_SECONDS = 180
# Whoever begins to send needs as long, and it must be in a block by the end.
LEAST_SECONDS = 600
# After the end, for lists that come behind the chain.
LAG_SECONDS = 60


class Wallet:
    """See payments/ports.py: Provider and TakesProof."""

    capabilities = CAPABILITIES

    def __init__(self, chain: Chain, address: str) -> None:
        self._chain, self._address = chain, address
        self.capabilities = replace(CAPABILITIES, host=f"usdt-{chain.name}")

    def open(self, charge: Charge, *, again: bool = False) -> Opened:
        if charge.total.currency != CURRENCY or not 0 < charge.amount_suffix < SUFFIXES:
            raise ProviderRefused()
        if charge.expires_at - clock.now() < LEAST_SECONDS:
            raise ProviderRefused()
        begun = charge.expires_at - settings().payment_session_minutes * 60
        asked = Session(
            self._chain.name,
            begun - SLACK_SECONDS,
            charge.expires_at,
            self._address,
            units_of(charge.total, charge.amount_suffix),
        )
        facts = {
            **self._chain.facts,
            "token": "USDT",
            "address": self._address,
            "amount": written(asked.units),
        }
        instructions = Instructions(InstructionKind.TRANSFER, facts)
        return Opened(asked.id, charge.page_url, instructions)

    def close(self, session_id: str) -> Outcome:
        return self.status(session_id)

    def status(self, session_id: str, *, take: bool = True) -> Outcome:
        asked = self._asked(session_id)
        if asked is None:
            # What was never asked for can't be paid.
            return Outcome(State.ENDED, session_id)
        under_way = False
        for seen in self._chain.incoming(asked.wallet, since=asked.since, units=asked.units):
            mined = self._chain.mined(seen.hash)
            if mined is None:
                # The list is ahead of this node, or shows a block that was replaced.
                under_way = True
            elif judging.counts(asked, mined, judging.brought(self._chain, asked, mined)):
                found = judging.exact(asked, seen.hash, mined)
                if found.state == State.PAID:
                    return found
                under_way = True
        if under_way:
            return Outcome(State.PROCESSING, asked.id)
        return Outcome(State.ENDED if self._over(asked) else State.OPEN, asked.id)

    def submit_proof(self, session_id: str, given: str, *, now: int) -> Outcome:
        asked, tx_hash = self._asked(session_id), hash_of(given)
        if asked is None:
            raise ProviderFailed()
        if tx_hash is None:
            raise errors.TransferHashInvalid()
        mined = self._chain.mined(tx_hash)
        if mined is None:
            raise errors.TransferNotSeen()
        sums = judging.brought(self._chain, asked, mined)
        judging.check(self._chain, asked, mined, sums)
        if judging.counts(asked, mined, sums):
            return judging.exact(asked, tx_hash, mined)
        return judging.other(asked, tx_hash, mined, sums)

    def captured(self, since: int) -> Iterator[Seen]:
        """All that came to the wallet, whoever sent it and why; by its amount suffix the shop knows
        its own."""
        for seen in self._chain.incoming(self._address, since=since, final=True):
            price, amount_suffix = split(seen.units)
            if price.amount == 0:
                # Dust, which is sent to wallets to mislead.
                continue
            claims = (judging.claim(self._chain.name, seen.hash, seen.units),)
            outcome = Outcome(State.PAID, None, price, seen.hash, claims=claims)
            yield Seen(None, outcome, amount_suffix, seen.at)

    def refund(self, capture_id: str, amount: Money, *, key: str, again: int = 0) -> str:
        # The wallet's key is nowhere near the shop.
        raise ProviderRefused()

    def verify(
        self, body: bytes, headers: Mapping[str, str], *, now: int, caller: str = ""
    ) -> None:
        # Nobody tells of transfers.
        raise SignatureInvalid()

    def read(self, body: str) -> Event:
        return Event("none", "none")

    def ping(self) -> None:
        self._chain.head_time()

    def _asked(self, session_id: str) -> Session | None:
        asked = read(session_id)
        known = asked and asked.chain == self._chain.name and self._chain.digits(asked.wallet)
        return asked if known else None

    def _over(self, asked: Session) -> bool:
        """Whether it can't come in time any more: by the chain's clock as well, since a node that
        lags has not seen what is there."""
        end = asked.until + LAG_SECONDS
        return clock.now() > end and self._chain.head_time() > asked.until
