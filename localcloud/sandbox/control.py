"""The control API: how tests and people make things happen that the shop cannot cause.

| call | does |
|---|---|
| `POST /_control/{provider}/{reference}/{action}` | lets the payer, the bank or the clock act |
| `POST /_control/faults` | `{kind, fault, times?, seconds?}`: the next calls go wrong |
| `DELETE /_control/faults` | no call goes wrong any more |
| `POST /_control/deliver` | `{event or reference, times?, shuffle?, delayMs?}`: sends again |
| `GET /_control/quiesce` | `{quiet, pending, untried}` at once |
| `POST /_control/quiesce` | `{timeoutMs?, hurry?}`: waits until nothing is pending |
| `GET /_control/state` | every object, delivery and waiting fault |
| `GET /_control/requests` | the newest API calls with their answers |
| `POST /_control/webhook` | `{url?, deliver?, shuffle?, lose?, delayMs?, atOnce?}`: the usual way |
| `POST /_control/forget-keys` | `{olderThanSeconds?}`: drops idempotency keys |
| `POST /_control/reset` | forgets everything |

An action's body: `deliver` (copies of each webhook, 1), `shuffle` (all at once, any order), `lose`
(none is sent), `delayMs`, and what the action itself takes (`amount` in minor units, `email`).
With none of the first four the webhooks go the usual way, as do those that API calls, the page and
time cause.
"""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from localcloud.sandbox.deliveries import Manner, letter
from localcloud.sandbox.faults import Fault, UnknownFault
from localcloud.sandbox.provider import Provider
from localcloud.sandbox.world import Refused, World

FIELDS: dict[str, tuple[type, Any, Any]] = {
    # name: type, least, most
    "deliver": (int, 0, 100),
    "times": (int, 1, 1000),
    "atOnce": (int, 1, 100),
    "delayMs": (int, 0, 86_400_000),
    "timeoutMs": (int, 0, 120_000),
    "amount": (int, 1, 10**12),
    "seconds": (float, 0, 600),
    "olderThanSeconds": (float, 0, 10**9),
    "shuffle": (bool, None, None),
    "lose": (bool, None, None),
    "hurry": (bool, None, None),
    "email": (str, None, None),
    "kind": (str, None, None),
    "fault": (str, None, None),
    "event": (str, None, None),
    "reference": (str, None, None),
    "url": (str, None, None),
}


def blueprint(world: World, providers: dict[str, Provider]) -> Blueprint:
    """The routes below /_control."""
    routes = Blueprint("control", __name__, url_prefix="/_control")
    control = Control(world, providers)
    for rule, view, methods in (
        ("/<provider>/<reference>/<action>", control.act, ["POST"]),
        ("/faults", control.faults, ["POST", "DELETE"]),
        ("/deliver", control.deliver, ["POST"]),
        ("/quiesce", control.quiesce, ["GET", "POST"]),
        ("/state", control.state, ["GET"]),
        ("/requests", control.requests, ["GET"]),
        ("/webhook", control.webhook, ["POST"]),
        ("/forget-keys", control.forget_keys, ["POST"]),
        ("/reset", control.reset, ["POST"]),
    ):
        routes.add_url_rule(rule, view.__name__, view, methods=methods)
    routes.register_error_handler(Refused, _refused)
    return routes


class Control:
    """The views; each answers JSON."""

    def __init__(self, world: World, providers: dict[str, Provider]) -> None:
        self._world = world
        self._providers = providers

    def act(self, provider: str, reference: str, action: str) -> ResponseReturnValue:
        """Let something happen to a payment."""
        body = _body("deliver", "shuffle", "lose", "delayMs", "amount", "email")
        if provider not in self._providers:
            known = ", ".join(self._providers)
            raise Refused(404, f"Unknown provider {provider}; there is {known}")
        done = self._providers[provider].act(reference, action, _manner(body), body)
        return jsonify(done)

    def faults(self) -> ResponseReturnValue:
        """Let the next calls of a kind go wrong."""
        if request.method == "DELETE":
            self._world.faults.clear()
            return jsonify(faults=[])
        body = _body("kind", "fault", "times", "seconds", required=("kind", "fault"))
        kinds = {k for p in self._providers.values() for k in p.kinds}
        payable = {k for p in self._providers.values() for k in p.payable_kinds}
        try:
            self._world.faults.add(Fault(**body), kinds, payable)
        except UnknownFault as error:
            raise Refused(422, str(error)) from None
        return jsonify(faults=self._world.faults.waiting())

    def deliver(self) -> ResponseReturnValue:
        """Send recorded events again, lost ones too."""
        body = _body("event", "reference", "times", "shuffle", "delayMs")
        chosen = [
            (provider.name, letter(event))
            for provider in self._providers.values()
            for event in provider.events_of(body.get("event"), body.get("reference"))
        ]
        if not chosen:
            raise Refused(404, "No such event: name a recorded `event`, or a `reference`")
        manner = _manner({**body, "deliver": body.get("times", 1)}) or Manner()
        with self._world.store.transaction():
            sent = [
                identifier
                for provider, event in chosen
                for identifier in self._world.deliveries.enqueue(
                    provider, body.get("reference") or event.event, [event], manner
                )
            ]
        return jsonify(deliveries=sent)

    def quiesce(self) -> ResponseReturnValue:
        """Whether webhooks are still to arrive; POST waits for them."""
        deliveries = self._world.deliveries
        if request.method == "POST":
            body = _body("timeoutMs", "hurry")
            if body.get("hurry"):
                deliveries.hurry()
            quiet = deliveries.quiet(body.get("timeoutMs", 10_000) / 1000)
        else:
            quiet = deliveries.quiet(0)
        return jsonify(quiet=quiet, pending=deliveries.pending(), untried=deliveries.untried())

    def state(self) -> ResponseReturnValue:
        """Everything."""
        return jsonify(
            {name: provider.state() for name, provider in self._providers.items()}
            | {
                "deliveries": self._world.deliveries.listing(),
                "faults": self._world.faults.waiting(),
                "webhookUrl": self._world.deliveries.url,
            }
        )

    def requests(self) -> ResponseReturnValue:
        """The newest API calls, oldest first."""
        return jsonify(requests=list(self._world.requests))

    def webhook(self) -> ResponseReturnValue:
        """Send webhooks elsewhere, or another way, from now on."""
        body = _body("url", "deliver", "shuffle", "lose", "delayMs", "atOnce")
        deliveries = self._world.deliveries
        deliveries.at_once = body.get("atOnce", deliveries.at_once)
        deliveries.url = body.get("url", deliveries.url)
        deliveries.usual = _manner(body) or Manner()
        deliveries.wake()
        return jsonify(webhookUrl=deliveries.url)

    def forget_keys(self) -> ResponseReturnValue:
        """Drop stored answers, as the provider does after a day."""
        body = _body("olderThanSeconds")
        gone = self._world.idempotency.forget(body.get("olderThanSeconds", 0))
        return jsonify(forgotten=gone)

    def reset(self) -> ResponseReturnValue:
        """Forget everything: objects, deliveries, keys, faults, calls."""
        self._world.faults.clear()
        self._world.deliveries.usual = Manner()
        self._world.store.clear()
        self._world.requests.clear()
        return jsonify(reset=True)


def _manner(body: dict[str, Any]) -> Manner | None:
    """How to send webhooks; None when the body says nothing about it."""
    if not body.keys() & {"deliver", "shuffle", "lose", "delayMs"}:
        return None
    return Manner(
        deliver=body.get("deliver", 1),
        shuffle=body.get("shuffle", False),
        lose=body.get("lose", False),
        delay_ms=body.get("delayMs", 0),
    )


def _body(*allowed: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The JSON body with only these fields, of the right type and size; else a 422."""
    body = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise Refused(422, "The body must be a JSON object")
    for name, value in body.items():
        if name not in allowed:
            raise Refused(422, f"Unknown field {name}; this call takes {', '.join(allowed)}")
        kind, least, most = FIELDS[name]
        fits = isinstance(value, kind) or (kind is float and type(value) is int)
        if not fits or (kind is int and isinstance(value, bool)):
            raise Refused(422, f"{name} must be of type {kind.__name__}")
        if least is not None and not least <= value <= most:
            raise Refused(422, f"{name} must be between {least} and {most}")
    for name in required:
        if name not in body:
            raise Refused(422, f"{name} is missing")
    return body


def _refused(error: Refused) -> ResponseReturnValue:
    return jsonify(error=str(error)), error.status
