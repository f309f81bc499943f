"""Ways into the running cloud: AWS clients, and HTTP under the names that browsers resolve."""

from __future__ import annotations

import functools
import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

REGION = "us-east-1"


class Aws:
    """AWS clients for the emulator on `port`; the credentials are dummies, nothing leaves here."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"

    @functools.cache  # noqa: B019 - one object per cloud, and both end together
    def client(self, service: str) -> Any:
        """A boto3 client (thread-safe, shared)."""
        return self._session().client(service, endpoint_url=self.endpoint, config=self._config())

    def resource(self, service: str) -> Any:
        """A boto3 resource (not thread-safe, so a new one each time)."""
        return self._session().resource(service, endpoint_url=self.endpoint, config=self._config())

    def environment(self) -> dict[str, str]:
        """What a program needs in its environment to reach the emulator instead of AWS."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _session(self) -> Any:
        import boto3

        return boto3.session.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
        )

    def _config(self) -> Any:
        from botocore.config import Config

        # One try: a retried call would hide what the emulator did with the first one.
        return Config(
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
            max_pool_connections=32,
            read_timeout=60,
        )


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Http:
    """Speaks to `origin` through 127.0.0.1, since Python does not resolve ``*.localhost``.

    One connection per request, so it may be shared between threads.
    """

    def __init__(self, origin: str, timeout: float = 30) -> None:
        self.origin = origin.rstrip("/")
        self.timeout = timeout

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.request("GET", path, headers=headers)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """POST `body`: bytes and text as they are, anything else as JSON."""
        return self.request("POST", path, body, headers)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request to `path` of the origin; redirects are answers like any other."""
        parts = urlsplit(self.origin)
        send = {"Host": parts.netloc, **(headers or {})}
        if body is not None and not isinstance(body, bytes | str):
            body = json.dumps(body)
            send.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=self.timeout)
        try:
            connection.request(method, path, body=body, headers=send)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()
