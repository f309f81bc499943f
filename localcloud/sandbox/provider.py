"""What the sandbox's shared machinery asks of a provider; each lives in a package of its own.

A further provider is one package beside `stripe/` and one line in `Sandbox.__init__` (server.py):

    made = [Stripe(self.world, secrets, events), OxaPay(self.world, oxapay_key), PayPal(self.world)]

Faults, deliveries, control calls and the overview know it from then on. What it may add:

- `templates/overview_<name>.html` in a blueprint's folder shows its state on the overview; without
  one its objects are listed with their ids and statuses.
- Webhooks are queued with `world.deliveries.enqueue`, as bodies that have an `id` and a `type`, or
  as `Letter`s, which name those two themselves and may go to an address of their own.
- `world.deliveries.judge_with` says which answers count as taken, where 2xx is not enough.
- `breakage` carries out those faults that are the same at every provider.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from flask import Blueprint

from localcloud.sandbox.deliveries import Letter, Manner
from localcloud.sandbox.store import Document


class Provider(Protocol):
    """One provider's account in test mode."""

    @property
    def name(self) -> str:
        """As in /_control/{name}/…, in faults and in the overview."""

    @property
    def kinds(self) -> Sequence[str]:
        """The names of its API calls, for faults; no other provider has them."""

    @property
    def payable_kinds(self) -> Sequence[str]:
        """Those that start a payment: `paid_first` goes with them."""

    @property
    def actions(self) -> Sequence[str]:
        """What `act` can do."""

    def blueprints(self) -> list[Blueprint]:
        """The API and the page where people pay, at addresses no other provider has."""

    def headers(self, body: bytes) -> dict[str, str]:
        """The signature of one delivery attempt over exactly these bytes."""

    def tick(self) -> None:
        """What time does; called once a second."""

    def act(
        self, reference: str, action: str, manner: Manner | None, body: dict[str, Any]
    ) -> dict[str, Any]:
        """Let something happen to a payment; raises world.Refused (404, 409, 422)."""

    def state(self) -> dict[str, list[Document]]:
        """Every object by kind, newest first."""

    def events_of(
        self, identifier: str | None, reference: str | None
    ) -> Sequence[Document | Letter]:
        """The event of this id, or all events about this payment in the order they happened."""
