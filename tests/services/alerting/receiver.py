"""A receiver of webhooks as an office would write it, which can refuse, be slow, go away and come back."""

import asyncio
import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from cloudevents.core.bindings.http import HTTPMessage, from_structured_event

from tests.listening import body_of, listening
from tests.ports import free_port

SECRET = "whsec_" + b64encode(bytes(range(32))).decode()


@dataclass
class Receiver:
    """What came, by the id under which it came; ``answers`` says what is answered to the n-th request."""

    port: int = field(default_factory=free_port)
    answers: Callable[[int], int] = lambda number: 204
    pause: float = 0
    """Seconds until it answers."""
    requests: list[str] = field(default_factory=list)
    traces: list[str | None] = field(default_factory=list)
    """The ``traceparent`` of each request."""
    taken: dict[str, Any] = field(default_factory=dict)
    doubled: int = 0
    """How often something came that had been taken before."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=geheim"

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Be there for a while."""
        return listening(self._app, self.port)

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        body = await body_of(receive)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        name = verified(headers, body)
        self.requests.append(name)
        self.traces.append(headers.get("traceparent"))
        status = self.answers(len(self.requests))
        await asyncio.sleep(self.pause)
        if 200 <= status < 300:
            self.doubled += name in self.taken
            event = from_structured_event(HTTPMessage(headers, body))
            assert (event.get_id(), event.get_specversion()) == (name, "1.0")
            self.taken[name] = event.get_data()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def verified(headers: dict[str, str], body: bytes) -> str:
    """Return the id of a message whose signature is right, as Standard Webhooks has it."""
    name, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    assert abs(int(timestamp) - time.time()) < 300
    key = b64decode(SECRET.removeprefix("whsec_"))
    expected = hmac.new(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{b64encode(expected).decode()}"
    return name
