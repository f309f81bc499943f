"""A chain as a provider of the sandbox, see localcloud/sandbox/provider.py.

A reference is what a payer is told: `<address>:<units>`, with 10^6 units to a USDT; `wait` takes
them for seconds, `lag` for blocks. Nobody is told of transfers, so there are no webhooks.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint

from localcloud.sandbox.deliveries import Letter, Manner
from localcloud.sandbox.store import Document
from localcloud.sandbox.usdt import addresses, ethereum, tron
from localcloud.sandbox.usdt.chain import FAILED, Chain, Rules
from localcloud.sandbox.usdt.hosted import Hosted
from localcloud.sandbox.world import Refused, World

ERC20 = Rules(
    "usdt-erc20",
    12,
    12,
    "dac17f958d2ee523a2206206994597c13d831ec7",
    "fa4e" + "0123456789" * 3 + "fa4e00",
)
TRC20 = Rules(
    "usdt-trc20",
    3,
    19,
    "a614f803b6fd780986a42c78ec9c7f77e6ded13c",
    "fa4e" + "9876543210" * 3 + "fa4e00",
)
Act = Callable[[str, int], Document | None]


class Usdt:
    """One chain with its node, and a wallet that sends."""

    payable_kinds = ()

    def __init__(self, world: World, rules: Rules, key: str = "") -> None:
        self._world = world
        self.name = rules.name
        self.chain = chain = Chain(world, rules)
        on_tron = rules.name == TRC20.name
        self.kinds = tron.KINDS if on_tron else ethereum.KINDS
        self._digits = addresses.digits_of_tron if on_tron else addresses.digits_of_ethereum
        node = tron.Grid(world, chain, key) if on_tron else ethereum.Node(world, chain)
        self._routes = [node.blueprint(), Hosted(world, chain, self).blueprint()]
        self._actions: dict[str, Act] = {
            "pay": lambda to, units: self._confirmed(chain.send(to, units)),
            "send": lambda to, units: chain.send(to, units),
            "less": lambda to, units: self._confirmed(chain.send(to, units // 2)),
            "more": lambda to, units: self._confirmed(chain.send(to, units + units // 10)),
            "other-token": lambda to, units: self._confirmed(
                chain.send(to, units, token=rules.fake)
            ),
            "other-wallet": lambda to, units: self._confirmed(chain.send("5e" * 20, units)),
            "approve": lambda to, units: self._confirmed(chain.send(to, units, kind="Approval")),
            "fail": lambda to, units: self._confirmed(chain.send(to, units, status=FAILED)),
            "confirm": lambda to, units: chain.mine(rules.depth),
            "mine": lambda to, units: chain.mine(1),
            "wait": lambda to, units: chain.wait(units),
            "lag": lambda to, units: chain.lag(units),
            "replace": lambda to, units: self._replaced(to, again=True),
            "drop": lambda to, units: self._replaced(to, again=False),
        }

    @property
    def actions(self) -> tuple[str, ...]:
        """What `act` can do."""
        return tuple(self._actions)

    def blueprints(self) -> list[Blueprint]:
        """The node, and the wallet's page."""
        return self._routes

    def headers(self, body: bytes) -> dict[str, str]:
        """Nothing is sent."""
        return {}

    def tick(self) -> None:
        """Blocks are counted from the clock."""

    def act(
        self, reference: str, action: str, manner: Manner | None, body: dict[str, Any]
    ) -> dict[str, Any]:
        """Let something happen on the chain; raises Refused (404, 422)."""
        if action not in self._actions:
            known = ", ".join(sorted(self._actions))
            raise Refused(422, f"Unknown action {action}; {self.name} has {known}")
        address, _, units = reference.rpartition(":")
        to = self._digits(address)
        if to is None or not (units.isascii() and units.isdigit()) or len(units) > 18:
            raise Refused(404, "No such reference: <address>:<units> is wanted")
        return {"transfer": self._actions[action](to, int(units)), "events": []}

    def state(self) -> dict[str, list[Document]]:
        """Every transfer, newest first, with its confirmations."""
        found = self._world.store.find(self.chain.kind)
        return {
            "transfers": [
                {**one, "confirmations": 0 if one["gone"] else self.chain.confirmations(one)}
                for one in found
            ]
        }

    def events_of(
        self, identifier: str | None, reference: str | None
    ) -> Sequence[Document | Letter]:
        """There are none."""
        return []

    def _confirmed(self, transfer: Document) -> Document:
        self.chain.mine(self.chain.rules.depth)
        return transfer

    def _replaced(self, to: str, *, again: bool) -> Document:
        found = self._world.store.find(self.chain.kind, to=to)
        if not found:
            raise Refused(409, "Nothing was sent there")
        self.chain.replace(found[0]["hash"], again=again)
        return found[0]
