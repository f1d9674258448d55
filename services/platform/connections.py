"""Connections of HTTP that are not open for ever: heads have a deadline, and who does not read is let go."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.platform.limits import CONNECTIONS, HEAD_SECONDS, SILENCE_SECONDS

_FULL = b"503 Service Unavailable\r\nRetry-After: 5"
_SLOW = b"408 Request Timeout"


class BoundedConnection(H11Protocol):
    """A connection of uvicorn, which has a time for idle ones only, and none for the first head of one."""

    _head: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, with a deadline for the first head, unless too many are there."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            self._end(_FULL)
        else:
            self._head = self.loop.call_later(HEAD_SECONDS, self._end, _SLOW)

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that has begun, and a body that nobody reads, have to end in time."""
        super().data_received(data)
        begun = self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]
        if not begun and not self._is_over():
            self._cancel()
        elif self._head is None:
            self._head = self.loop.call_later(HEAD_SECONDS, self._end, _SLOW)

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of this one that was answered before its end."""
        super().on_response_complete()
        if self._is_over() and self._head is None:
            self._head = self.loop.call_later(HEAD_SECONDS, self._end, _SLOW)

    def _is_over(self) -> bool:
        return self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY

    def pause_writing(self) -> None:
        """Wait for somebody who does not read the answer, a while."""
        super().pause_writing()
        self._unread = self.loop.call_later(SILENCE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: it is read."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was waited for."""
        self._cancel()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def _cancel(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _end(self, status: bytes) -> None:
        self._cancel()
        if self.transport.is_closing():
            return
        if not self._is_over():
            answer = b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            self.transport.write(answer % status)
        self.transport.close()
