"""The control API from Python, for tests and tools, against a sandbox that runs anywhere."""

from typing import Any

import requests

CALL_SECONDS = 150  # quiesce may wait for two minutes


class SandboxClient:
    """Controls the sandbox at `url`; every method raises ControlError when it refuses."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def control(self, provider: str, reference: str, action: str, **body: Any) -> dict[str, Any]:
        """Let something happen: `control("stripe", session, "pay", deliver=5, shuffle=True)`."""
        return self._call("POST", f"{provider}/{reference}/{action}", body)

    def fault(self, kind: str, fault: str, *, times: int = 1, seconds: float = 1.0) -> None:
        """Let the next `times` calls of `kind` go wrong, see faults.py."""
        body = {"kind": kind, "fault": fault, "times": times, "seconds": seconds}
        self._call("POST", "faults", body)

    def no_faults(self) -> None:
        """Let every call go well again."""
        self._call("DELETE", "faults")

    def deliver(
        self, event: str | None = None, *, reference: str | None = None, times: int = 1,
        shuffle: bool = False, delay_ms: int = 0,
    ) -> list[int]:  # fmt: skip
        """Send a recorded event again, or all events of a session; the delivery ids."""
        body: dict[str, Any] = {"times": times, "shuffle": shuffle, "delayMs": delay_ms}
        body |= {"event": event} if event else {"reference": reference}
        return list(self._call("POST", "deliver", body)["deliveries"])

    def quiesce(self, timeout: float = 10, *, hurry: bool = False) -> bool:
        """Wait until no webhook is pending; `hurry` sends delayed ones now.  False: some are."""
        body = {"timeoutMs": int(timeout * 1000), "hurry": hurry}
        return bool(self._call("POST", "quiesce", body)["quiet"])

    def state(self) -> dict[str, Any]:
        """`{"stripe": {"sessions", "charges", "refunds", "events", …}, "deliveries", "faults"}`."""
        return self._call("GET", "state")

    def requests(self) -> list[dict[str, Any]]:
        """The newest API calls that reached the sandbox, with their answers, oldest first."""
        return list(self._call("GET", "requests")["requests"])

    def send_webhooks(self, **usual: Any) -> None:
        """The usual way of webhooks from now on: `url`, `deliver`, `shuffle`, `lose`, `delayMs`,
        and how many go out `atOnce`.

        It holds for what API calls, the hosted page and time cause too.  What is left out of the
        four in the middle goes back to one copy, in order, at once; the others stay.
        """
        self._call("POST", "webhook", usual)

    def forget_keys(self) -> int:
        """Drop the answers kept under idempotency keys, as after a day; how many there were."""
        return int(self._call("POST", "forget-keys")["forgotten"])

    def reset(self) -> None:
        """Forget everything."""
        self._call("POST", "reset")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method, f"{self.url}/_control/{path}", json=body, timeout=CALL_SECONDS
            )
        if answer.status_code != 200:
            raise ControlError(answer.status_code, answer.text)
        return dict(answer.json())


class ControlError(Exception):
    """The sandbox refused a control call: HTTP status and its words."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status
